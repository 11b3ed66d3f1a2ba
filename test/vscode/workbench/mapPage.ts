import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench.js';

/** The chunk map of the editor tab that is shown. */
export class MapPage {
  readonly frame: FrameLocator;

  constructor(private readonly workbench: Workbench) {
    this.frame = workbench.page
      .locator('iframe.webview.ready')
      .last()
      .contentFrame()
      .locator('#active-frame')
      .contentFrame();
  }

  /** Cells that are drawn as this. */
  inState(state: string): Locator {
    return this.frame.locator(`.row .cell[data-state="${state}"]`);
  }

  button(name: string): Locator {
    return this.frame.getByRole('button', { name, exact: true });
  }

  get details(): Locator {
    return this.frame.locator('.details');
  }

  /** Accessible name of what has the focus in the page, or its text. */
  async focused(): Promise<string> {
    const active = this.frame.locator(':focus');
    if ((await active.count()) === 0) return '';
    return (await active.getAttribute('aria-label')) ?? (await active.innerText());
  }

  /** What sticks out of the page on the right, by tag and class: nobody would find it there. */
  clipped(): Promise<string[]> {
    return this.frame.locator('body').evaluate(`[...document.body.querySelectorAll('*')]
      .filter((one) => one.closest('.scroll') === null)
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.tagName + '.' + one.className)`);
  }

  /** The least contrast of text with what is behind it, from 1 to 21, and whose it is. */
  leastContrast(selector: string): Promise<{ ratio: number; text: string }> {
    const expression = `(${contrastScript})(document.body, ${JSON.stringify(selector)})`;
    return this.frame.locator('body').evaluate(expression);
  }

  /** What stands in the first cell of this state. */
  sign(state: string): Promise<string> {
    const cell = `document.querySelector('.row .cell[data-state="${state}"]')`;
    return this.frame.locator('body').evaluate(`getComputedStyle(${cell}, '::before').content`);
  }
}

/** Relative luminance and contrast as WCAG 2 defines them. */
const contrastScript = `(body, selector) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = rgba(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgba(color)[3] > 250) return color;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const found = [...body.querySelectorAll(selector)].filter((one) => one.textContent !== '');
  const ratios = found.map((one) => {
    const [a, b] = [luminance(getComputedStyle(one).color), luminance(behind(one))];
    return { ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text: one.textContent };
  });
  return ratios.sort((a, b) => a.ratio - b.ratio)[0] ?? { ratio: 0, text: 'nothing found' };
}`;
