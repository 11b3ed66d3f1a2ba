/** The page of the chunk map. It knows nothing but what the extension tells it, and asks for nothing but its actions. */
import { mostColumns, readHostMessage, type PageMessage } from '../../map/messages.js';
import { editor } from '../editor.js';
import { element } from '../element.js';
import './map.css';
import { MapWords } from './mapWords.js';
import { MapPage } from './page.js';

/** A cell, with what is between two, and the names of holders; in units of the text's size. */
const cellWidth = 1.15;
const headWidth = 13;

let page: MapPage | undefined;

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = readHostMessage(data);
  switch (message?.type) {
    case 'begin': {
      page = new MapPage(new MapWords(message.words, message.language), (action) => {
        say({ type: 'act', action });
      });
      break;
    }
    case 'show':
      editor.setState(message.target);
      page?.show(message);
      break;
    case 'notice':
      document.body.replaceChildren(
        element('p', { role: 'status', class: 'notice' }, message.text),
      );
      page = undefined;
      break;
    case undefined:
      break;
  }
});

let columns = columnsThatFit();
window.addEventListener('resize', () => {
  const fit = columnsThatFit();
  if (fit === columns) return;
  columns = fit;
  say({ type: 'resized', columns });
});
say({ type: 'ready', columns });

/** A power of two, so that a window that is dragged does not ask for each width. */
function columnsThatFit(): number {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const room = (document.documentElement.clientWidth / size - headWidth) / cellWidth;
  return Math.max(8, Math.min(mostColumns, 2 ** Math.floor(Math.log2(Math.max(1, room)))));
}

function say(message: PageMessage): void {
  editor.postMessage(message);
}
