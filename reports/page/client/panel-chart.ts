/** One line chart, drawn by uPlot: its lines, its axes, and a tip with what stands below the cursor. */

import type { default as Plot } from 'uplot';
import type { Axis, Line, Panel } from '../page.js';
import { colourClass, colourNow, dashOf, onColours, variableNow } from './colours.js';
import { element } from './element.js';
import { figureText, placeText, roundTicks, tickText } from './figure-text.js';

/** The script of uPlot, which stands before this one in the page. */
declare const uPlot: typeof Plot;

const heightPx = 240;
const usualWidthPx = 420;

/** A line is one series of uPlot, or two where its end is drawn broken. */
interface Drawn {
  readonly line: Line;
  readonly values: readonly (number | null)[];
  readonly isFirm: boolean;
}

export class PanelChart {
  readonly box: HTMLElement;
  readonly #tip = element('div', { class: 'tip', 'aria-hidden': 'true' });
  readonly #drawn: readonly Drawn[];
  readonly #plot: Plot;

  /** @param hidden names that are not shown. @param cursor what charts have in common whose cursors move together. */
  constructor(
    private readonly panel: Panel,
    private readonly hidden: ReadonlySet<string>,
    cursor: string,
  ) {
    this.#drawn = panel.lines.flatMap(drawnOf);
    this.box = element('div', {
      class: 'chart',
      tabindex: 0,
      role: 'img',
      'aria-label': `${panel.title}; arrow keys move the cursor`,
    });
    this.#plot = new uPlot(this.#options(cursor), this.#data(), this.box);
    this.#plot.over.append(this.#tip);
    this.#fitWidth();
    this.#takeKeys();
    drawn.add(this);
  }

  redraw(): void {
    this.#plot.redraw();
  }

  destroy(): void {
    this.#plot.destroy();
  }

  showChosen(): void {
    for (const [i, { line }] of this.#drawn.entries())
      this.#plot.setSeries(i + 1, { show: !this.hidden.has(line.name) });
  }

  #data(): Plot.AlignedData {
    return [[...this.panel.at], ...this.#drawn.map(({ values }) => [...values])];
  }

  #options(key: string): Plot.Options {
    const { x, y, at, lines, isSparse = false } = this.panel;
    return {
      width: usualWidthPx,
      height: heightPx,
      legend: { show: false },
      cursor: { sync: { key }, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { x: { time: false, ...scaleOf(x, at) }, y: scaleOf(y, shownValues(lines)) },
      axes: [
        { ...axisOf(x), size: 32 },
        { ...axisOf(y), size: 62 },
      ],
      series: [
        {},
        ...this.#drawn.map(({ line, isFirm }) => ({
          show: !this.hidden.has(line.name),
          stroke: () => colourNow(line.name),
          width: 2,
          spanGaps: isSparse,
          dash: isFirm ? dashOf(line.name) : [3, 4],
          points: { show: at.length <= mostPoints, size: 5, fill: () => colourNow(line.name) },
        })),
      ],
      hooks: { setCursor: [() => this.#fillTip()], draw: [() => this.#drawDots(), () => this.#drawMarks()] },
    };
  }

  /** Several figures at one place, such as the trials of a commit. */
  #drawDots(): void {
    const { ctx } = this.#plot;
    for (const { name, dots = [] } of this.panel.lines) {
      if (this.hidden.has(name)) continue;
      ctx.save();
      ctx.fillStyle = colourNow(name);
      ctx.globalAlpha = 0.5;
      for (const [i, values] of dots.entries())
        for (const value of values) {
          ctx.beginPath();
          ctx.arc(
            this.#plot.valToPos(this.panel.at[i] ?? 0, 'x', true),
            this.#plot.valToPos(value, 'y', true),
            3 * devicePixelRatio,
            0,
            2 * Math.PI,
          );
          ctx.fill();
        }
      ctx.restore();
    }
  }

  #drawMarks(): void {
    const { ctx, bbox } = this.#plot;
    for (const { at, text } of this.panel.marks ?? []) {
      const x = this.#plot.valToPos(at, 'x', true);
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = variableNow('--warn');
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.textAlign = 'center';
      ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
      ctx.fillText(text, x, bbox.top + 12 * devicePixelRatio);
      ctx.restore();
    }
  }

  #fillTip(): void {
    const { idx, left = -1 } = this.#plot.cursor;
    const isHere = this.#plot.over.matches(':hover') || document.activeElement === this.box;
    this.#tip.hidden = idx === null || idx === undefined || left < 0 || !isHere;
    if (this.#tip.hidden || idx === null || idx === undefined) return;
    const { x, y, at, lines } = this.panel;
    const there = lines
      .filter(({ name, values }) => !this.hidden.has(name) && values[idx] != null)
      .toSorted((a, b) => (b.values[idx] ?? 0) - (a.values[idx] ?? 0));
    this.#tip.replaceChildren(
      element('b', {}, placeText(x, at[idx] ?? 0)),
      ...there.map(({ name, values }) =>
        element(
          'div',
          { class: colourClass(name) },
          element('span', { class: 'swatch' }),
          `${name} ${figureText(y.unit, values[idx])}`,
        ),
      ),
    );
    this.#tip.classList.toggle('to-left', left > this.#plot.over.clientWidth / 2);
    this.#tip.style.left = `${left}px`;
  }

  #fitWidth(): void {
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: heightPx });
    }).observe(this.box);
  }

  #takeKeys(): void {
    this.box.addEventListener('keydown', ({ key }) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (step === undefined) return;
      const { at } = this.panel;
      const place = Math.min(at.length - 1, Math.max(0, (this.#plot.cursor.idx ?? (step > 0 ? -1 : at.length)) + step));
      this.#moveCursor(this.#plot.valToPos(at[place] ?? 0, 'x'), 20);
    });
    this.box.addEventListener('blur', () => this.#moveCursor(-10, -10));
  }

  /** In all charts with the same cursor: uPlot takes two more arguments than its types know, to call hooks and to tell others. */
  #moveCursor(left: number, top: number): void {
    const move: (to: { left: number; top: number }, callHooks: boolean, tellOthers: boolean) => void =
      this.#plot.setCursor;
    move({ left, top }, true, true);
  }
}

const drawn = new Set<PanelChart>();
onColours(() => {
  for (const chart of drawn) chart.redraw();
});

/** Frees the charts that are no longer in the page; uPlot keeps them for their common cursor otherwise. */
export function dropDetached(): void {
  for (const chart of drawn)
    if (!chart.box.isConnected) {
      drawn.delete(chart);
      chart.destroy();
    }
}

const mostPoints = 40;

function drawnOf(line: Line): Drawn[] {
  const { values, firmTo = values.length - 1 } = line;
  const firm = { line, isFirm: true, values: values.map((value, i) => (i <= firmTo ? value : null)) };
  if (firmTo >= values.length - 1) return [firm];
  return [firm, { line, isFirm: false, values: values.map((value, i) => (i >= firmTo ? value : null)) }];
}

function shownValues(lines: readonly Line[]): number[] {
  return lines.flatMap(({ values, dots = [] }) => [...values, ...dots.flat()]).filter((value) => value !== null);
}

/** Nearly as wide as what lies on it; linear scales of figures begin at 0. */
function scaleOf({ scale, range }: Axis, values: readonly number[]): Plot.Scale {
  if (range) return { range: [...range] };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!Number.isFinite(least)) return { range: [0, 1] };
  if (scale === 'log') return { distr: 3, log: 10, range: [least / 1.15 || 1, Math.max(most, 1e-9) * 1.15] };
  if (scale === 'places') return { range: [least - 0.5, most + 0.5] };
  if (scale === 'tail') return { range: [least, most] };
  return { range: [Math.min(0, least), (most || 1) * 1.06] };
}

function axisOf(axis: Axis): Plot.Axis {
  return {
    stroke: () => variableNow('--quiet'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => variableNow('--rule'), width: 1 },
    ticks: { stroke: () => variableNow('--rule'), width: 1, size: 4 },
    label: axis.title,
    labelSize: 20,
    labelFont: '12px system-ui, sans-serif',
    splits: (plot, which, low, high) =>
      ticksOf(axis, low, high, (which === 0 ? plot.width / 90 : plot.height / 45) | 0),
    filter: (_plot, splits) => splits,
    values: (_plot, splits) =>
      splits.map((value) =>
        axis.scale === 'linear' || axis.scale === 'log' ? tickText(axis.unit, value) : placeText(axis, value),
      ),
  };
}

/** No more than fit: `about` so many. */
function ticksOf({ scale, unit, places = [] }: Axis, low: number, high: number, about: number): number[] {
  if (scale === 'linear') return roundTicks(unit, low, high, Math.max(2, about));
  if (scale === 'places') {
    const every = Math.ceil(places.length / Math.max(1, about));
    return places.map((_, place) => place).filter((place) => place % every === 0);
  }
  if (scale === 'tail')
    return [0, Math.log10(2), 1, 2, 3, 4, 5, 6].filter((value) => value >= low - 1e-9 && value <= high + 1e-9);
  const decades = Math.log10(high / low);
  const factors = decades > about ? [1] : decades * 3 > about * 1.5 ? [1, 3] : [1, 2, 5];
  const powers = Array.from({ length: 20 }, (_, i) => 10 ** (i - 7));
  return powers
    .flatMap((power) => factors.map((factor) => factor * power))
    .filter((value) => value >= low && value <= high);
}
