/** The colours of names: one each, the same in every chart, as the style sheet has them for light and dark. */

const colours = 8;
let names: readonly string[] = [];

/** @param series names in the order in which they get their colours. */
export function colourNames(series: readonly string[]): void {
  names = series;
}

function placeOf(name: string): number {
  return Math.max(0, names.indexOf(name));
}

/** For style sheets and SVG. */
export function colourClass(name: string): string {
  return `c${placeOf(name) % colours}`;
}

/** For canvases: what the style sheet says now. */
export function colourNow(name: string): string {
  return variableNow(`--c${placeOf(name) % colours}`);
}

export function variableNow(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** More names than colours are told apart by their dashes. */
export function dashOf(name: string): number[] {
  return [[], [10, 4], [2, 3]][Math.floor(placeOf(name) / colours) % 3] ?? [];
}

/** Calls back when colours change: light to dark, screen to paper. There is no end to it, so it is for what lasts. */
export function onColours(redraw: () => void): void {
  for (const query of ['(prefers-color-scheme: dark)', 'print'])
    matchMedia(query).addEventListener('change', () => redraw());
}
