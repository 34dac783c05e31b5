/**
 * Draws latency by percentile: percentiles go down evenly on a scale of 1 / (1 - q), so that the tail gets
 * as much room as the body; durations go right on a logarithmic scale that all targets of a table share.
 */

import { formatDuration } from '../../core/units.js';
import type { Latency, SpectrumPoint } from '../fold/latency.js';
import { percentileText, quantileText } from '../wording/figure-text.js';
import { terminalText } from './escaping.js';
import { type Canvas, paragraph } from './screen.js';
import type { Distribution } from './table.js';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const scaleNote = 'Bars are on a logarithmic scale, the same for every target: a step to the right is a factor.';
const labelChars = 11;
const valueChars = 11;
/** Shorter bars would tell nothing that the table does not. */
const leastChars = 8;
/** In a heading, what stands beside a name: its client, and two labels. */
const besideNameChars = 29;

interface Scale {
  readonly lowUs: number;
  readonly highUs: number;
  readonly chars: number;
}

/** @returns no lines when nothing was delivered, or there is no room for bars. */
export function spectrumText(distributions: readonly Distribution[], canvas: Canvas): string[] {
  const rows = distributions.filter(({ service }) => service.count + service.unanswered > 0);
  if (rows.length === 0) return [];
  const panels = rows.some(({ response }) => response) ? 2 : 1;
  const chars = Math.min(60, Math.floor((canvas.width - labelChars) / panels) - valueChars - 2);
  if (chars < leastChars) return [];
  const scale = scaleOf(
    rows.flatMap(({ service, response }) => (response ? [service, response] : [service])),
    chars,
  );
  const nameChars = Math.min(40, canvas.width - besideNameChars);
  const several = new Set(rows.map(({ client }) => client)).size > 1;
  return [
    canvas.bold('Latency by percentile'),
    canvas.quiet(`${' '.repeat(labelChars)}${Array(panels).fill(axisText(scale)).join('')}`.trimEnd()),
    ...rows.flatMap(({ target, client, service, response }) => [
      heading(`${terminalText(target, nameChars)}${several ? ` (${client})` : ''}`, panels === 2, scale, canvas),
      ...service.spectrum.map((point, i) => {
        const right = response?.spectrum[i];
        return [
          canvas.quiet(percentileText(point.q).padStart(labelChars - 2)),
          '  ',
          panelText(point, scale, canvas.service),
          right ? panelText(right, scale, canvas.response) : '',
        ]
          .join('')
          .trimEnd();
      }),
    ]),
    ...paragraph(scaleNote, canvas.width, '  ').map(canvas.quiet),
  ];
}

function heading(target: string, both: boolean, { chars }: Scale, canvas: Canvas): string {
  const name = target.padEnd(labelChars - 2);
  if (!both) return canvas.bold(target);
  const room = Math.max(9, labelChars + chars + valueChars + 2 - name.length - 2);
  return `${canvas.bold(name)}  ${canvas.service('service'.padEnd(room))}${canvas.response('response')}`;
}

/** Whole powers of ten around everything that is drawn, so that the ticks are round. */
function scaleOf(latencies: readonly Latency[], chars: number): Scale {
  const points = latencies.flatMap(({ spectrum }) => spectrum.map(({ us }) => Math.max(1, us)));
  const low = Math.floor(Math.log10(Math.min(...points)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...points))));
  return { lowUs: 10 ** low, highUs: 10 ** high, chars };
}

/** A tick and its value at every power of ten that has room for it. */
function axisText({ lowUs, highUs, chars }: Scale): string {
  const decades = Math.round(Math.log10(highUs / lowUs));
  const width = chars + valueChars + 2;
  const every = Math.ceil(10 / (chars / decades));
  let axis = '';
  for (let decade = 0; decade <= decades; decade += every) {
    const at = Math.round((decade * chars) / decades);
    axis = `${axis.padEnd(at)}╷${formatDuration(lowUs * 10 ** decade).replace(/\.0+(?= )/, '')} `;
  }
  return axis.slice(0, width).padEnd(width);
}

function panelText(point: SpectrumPoint, { lowUs, highUs, chars }: Scale, brush: (text: string) => string): string {
  const share = Math.log(Math.max(lowUs, point.us) / lowUs) / Math.log(highUs / lowUs);
  const steps = Math.max(1, Math.round(share * chars * 8));
  const bar = '█'.repeat(steps >> 3) + eighths[steps & 7];
  return `${brush(bar)}${` ${quantileText(point)}`.padEnd(chars - bar.length + valueChars + 2)}`;
}
