import { short } from '../figures.js';

/** A bar; `own` ones stand out. Without a value it says why. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly own: boolean;
  readonly note?: string;
}

/** Bars of one scale. */
export interface BarGroup {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const width = 880;
const margin = 24;
const labelWidth = 236;
const valueWidth = 112;
const barHeight = 18;
const rowHeight = 26;
const groupHead = 40;
const groupGap = 14;
const titleHeight = 64;
const footHeight = 44;

/** Colours by role: a light page, and a dark one. */
const style = `
  .page { fill: #ffffff; stroke: #d0d7de }
  text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 20px; font-weight: 600 }
  .head { font-size: 14px; font-weight: 600 }
  .label, .value { font-size: 13px }
  .own-text { font-weight: 600 }
  .quiet { font-size: 12px; fill: #59636e }
  .track { fill: #eff2f5 }
  .bar { fill: #9aa4b0 }
  .own { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .track { fill: #1c232c }
    .bar { fill: #656c76 }
    .own { fill: #4493f8 }
  }`;

/** Horizontal bars in groups, each group with a scale of its own, as one SVG that follows the page's colours. */
export function barChart(
  title: string,
  subtitle: string,
  groups: readonly BarGroup[],
  foot: readonly string[],
): string {
  const parts: string[] = [];
  let top = titleHeight;
  for (const group of groups) {
    parts.push(...groupParts(group, top));
    top += groupHead + group.bars.length * rowHeight + groupGap;
  }
  const lines = foot.map((text, index) => textAt(margin, top + 18 + index * 16, 'quiet', text));
  const height = top + footHeight + Math.max(0, foot.length - 1) * 16 - 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<title>${escape(title)}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    textAt(margin, 34, 'title', title),
    textAt(margin, 54, 'quiet', subtitle),
    ...parts,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function groupParts({ title, unit, bars }: BarGroup, top: number): string[] {
  const most = Math.max(0, ...bars.map(({ value }) => value).filter(Number.isFinite));
  const room = width - 2 * margin - labelWidth - valueWidth;
  const left = margin + labelWidth;
  return [
    textAt(margin, top + 28, 'head', title),
    ...bars.flatMap(({ label, value, own, note }, index) => {
      const y = top + groupHead + index * rowHeight;
      const known = Number.isFinite(value);
      const length = known && most > 0 ? Math.max(1, (room * value) / most) : 0;
      const emphasis = own ? ' own-text' : '';
      const said = known ? `${short(value)} ${unit}` : (note ?? 'not measured');
      return [
        textAt(margin, y + 14, `label${emphasis}`, label),
        rect('track', left, y, room),
        rect(own ? 'bar own' : 'bar', left, y, length),
        textAt(
          known ? left + room + 10 : left + 8,
          y + 14,
          known ? `value${emphasis}` : 'quiet',
          said,
        ),
      ];
    }),
  ];
}

function rect(kind: string, x: number, y: number, length: number): string {
  return `<rect class="${kind}" x="${x}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`;
}

function textAt(x: number, y: number, kind: string, text: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escape(text)}</text>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
