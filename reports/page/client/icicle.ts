/** Draws a differential flame graph as SVG: widths are CPU, red is more in head than in base, blue is less. */

import type { Icicle, IcicleNode } from '../page.js';
import { choiceOf } from './choice.js';
import { element, scrolling, svg } from './element.js';
import { figureText } from './figure-text.js';

const width = 1200;
const rowHeight = 18;
/** Narrower boxes have no text; a letter takes about so much. */
const leastTextWidth = 40;
const letterWidth = 6.2;
/** A change of this share of the whole has the strongest colour. */
const fullShare = 0.05;

type Side = 'head' | 'base';

export function icicleOf(icicle: Icicle): HTMLElement {
  const sides: readonly Side[] = ['head', 'base'];
  const choices = sides.map((side) => ({ label: `as wide as in ${side}`, draw: () => figureOf(icicle, side) }));
  return choiceOf(icicle.name, choices);
}

interface Box {
  readonly node: IcicleNode;
  readonly place: number;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
}

function figureOf(icicle: Icicle, side: Side): HTMLElement {
  const chart = element('div');
  const show = (top: number): void => chart.replaceChildren(scrolling(icicle.name, drawn(icicle, side, top, show)));
  show(-1);
  return element('figure', {}, chart, element('figcaption', { class: 'quiet' }, icicle.about));
}

/** @param top the place of the node that is as wide as the whole; -1: everything. @param show draws another. */
function drawn(
  { nodes, unit, per, name }: Icicle,
  side: Side,
  top: number,
  show: (top: number) => void,
): SVGSVGElement {
  const boxes = boxesOf(nodes, side, top);
  const whole = nodes.reduce((sum, node) => (node.parent < 0 ? sum + node[side] : sum), 0);
  const height = rowHeight * (1 + Math.max(0, ...boxes.map(({ depth }) => depth)));
  const draw = svg('svg', { class: 'icicle', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': name });
  for (const { node, place, depth, from, to } of boxes) {
    const change = node.head - node.base;
    const strength = Math.min(1, Math.abs(change) / (fullShare * whole || 1));
    const said = `${figureText(unit, node.base)} → ${figureText(unit, node.head)} a ${per}`;
    const chars = Math.floor((to - from - 6) / letterWidth);
    const box = svg(
      'g',
      {},
      svg('title', {}, `${node.label}: ${said}`),
      svg('rect', { x: from, y: depth * rowHeight, width: to - from, height: rowHeight - 1 }),
      svg('rect', {
        class: change > 0 ? 'more' : 'less',
        x: from,
        y: depth * rowHeight,
        width: to - from,
        height: rowHeight - 1,
        'fill-opacity': (0.85 * strength).toFixed(2),
      }),
    );
    if (to - from >= leastTextWidth)
      box.append(svg('text', { x: from + 3, y: depth * rowHeight + 13 }, cut(node.label, chars)));
    // A second click leads back to everything.
    box.addEventListener('click', () => show(place === top ? -1 : place));
    draw.append(box);
  }
  return draw;
}

const cut = (text: string, chars: number): string => (text.length <= chars ? text : `${text.slice(0, chars - 1)}…`);

/** Side by side below what called them, the widest first. */
function boxesOf(nodes: readonly IcicleNode[], side: Side, top: number): Box[] {
  const called = new Map<number, number[]>();
  for (const [place, { parent }] of nodes.entries()) called.set(parent, [...(called.get(parent) ?? []), place]);
  const boxes: Box[] = [];
  const hang = (places: readonly number[], depth: number, from: number, scale: number): void => {
    let x = from;
    const sorted = places.toSorted((one, other) => (nodes[other]?.[side] ?? 0) - (nodes[one]?.[side] ?? 0));
    for (const place of sorted) {
      const node = nodes[place];
      if (node === undefined || node[side] * scale < 0.5) continue;
      boxes.push({ node, place, depth, from: x, to: x + node[side] * scale });
      hang(called.get(place) ?? [], depth + 1, x, scale);
      x += node[side] * scale;
    }
  };
  const tops = top < 0 ? (called.get(-1) ?? []) : [top];
  const whole = tops.reduce((sum, place) => sum + (nodes[place]?.[side] ?? 0), 0);
  hang(tops, 0, 0, whole > 0 ? width / whole : 0);
  return boxes;
}
