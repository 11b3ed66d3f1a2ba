import { element } from '../element.js';
import { cellStates, type MapWords } from './mapWords.js';

const meanings = {
  proved: 'provedMeans',
  reported: 'reportedMeans',
  held: 'heldMeans',
  damaged: 'damagedMeans',
  missing: 'missingMeans',
  moving: 'movingMeans',
} as const;

/** What each kind of cell means, drawn as it is in the map. */
export function legend(words: MapWords): HTMLElement {
  const items = [...cellStates, 'moving' as const].flatMap((state) => {
    const swatch = element('span', {
      ...{ class: 'cell', 'aria-hidden': 'true' },
      'data-state': state === 'moving' ? 'missing' : state,
      'data-moving': String(state === 'moving'),
    });
    for (const level of cellStates) {
      const isFull =
        cellStates.indexOf(level) >= cellStates.indexOf(state === 'moving' ? 'missing' : state);
      swatch.style.setProperty(`--${level}`, isFull ? '100%' : '0%');
    }
    return [
      element('dt', {}, swatch, words.of(state)),
      element('dd', {}, words.of(meanings[state])),
    ];
  });
  return element('dl', { class: 'legend', 'aria-label': words.of('legend') }, ...items);
}
