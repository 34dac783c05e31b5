/** The table of what each target delivered; the one with a line for every row, also for those that have no figures. */

import { isSilent, isStorm } from '../../core/kind.js';
import { formatBytes, formatRate } from '../../core/units.js';
import { cell, column, type Tone } from '../drawing/table.js';
import { hasSeveralCores } from '../findings/server-cores.js';
import { present } from '../present.js';
import { figureCell, type TableSpec } from '../table-spec.js';
import { countText, figureText, nothing, ratioText, shareText } from '../wording/figure-text.js';

const quiet = cell(nothing, 'quiet');

export default {
  place: 10,
  build: ({ rows, workload: { kind } }) => {
    const silent = isSilent(kind);
    const once = isStorm(kind);
    const measured = rows.filter((row) => row.state === 'measured');
    const spread = measured.some((row) => row.trialsUsed > 1);
    const several = measured.length > 1;
    const visited = measured.some(({ visits }) => visits);
    const roomed = measured.some(({ counts }) => counts.misrouted !== undefined);
    const figures = (head: string, write: (row: (typeof measured)[number]) => string | typeof quiet) =>
      column(head, 'right', rows, (row) => (row.state === 'measured' ? write(row) : quiet));
    return {
      title: 'Throughput',
      names: [
        column('target', 'left', rows, (row) => row.target),
        column('client', 'left', rows, (row) => row.client ?? nothing),
      ],
      figures: present(
        column(once ? 'answered' : 'delivered', 'right', rows, (row) => {
          if (row.state !== 'measured') return cell(row.state, 'bad');
          return silent ? quiet : figureText(row.deliveredPerSecond, formatRate, row.trialsUsed);
        }),
        hasSeveralCores({ rows: measured }) && figures('server\ncores', (row) => figureCell(row, 'server.cores')),
        several && !silent && figures('to\nfirst', ({ ratios }) => ratioText(ratios.deliveredPerSecond)),
        once
          ? // A connection that could not be opened owes nothing, but it was asked for.
            figures('answered\nof asked', ({ measured: { delivered, scheduled } }) => shareCell(delivered, scheduled))
          : figures('delivered\nof owed', ({ measured: { delivered, owed }, volatile }) =>
              shareCell(delivered, owed, volatile ? 'warn' : 'bad'),
            ),
        // Of whole trials, like all counts that are no rates.
        measured.some((row) => row.volatile) &&
          figures('dropped,\nvolatile', (row) => figureCell(row, 'volatile.dropped', 'warn')),
        roomed && figures('outside\nits room', (row) => figureCell(row, 'counts.misrouted', 'bad')),
        visited && figures('came\nand went', ({ visits }) => (visits ? visitsText(visits.made) : quiet)),
        !silent &&
          figures('TCP bytes\nin / out', ({ bytesInPerDelivery, bytesOutPerSend }) =>
            [bytesInPerDelivery, bytesOutPerSend].map(({ median }) => formatBytes(median)).join(' / '),
          ),
        column('trials', 'right', rows, (row) => {
          const used = row.state === 'measured' ? row.trialsUsed : 0;
          return cell(`${used} of ${row.trialsPlanned}`, used < row.trialsPlanned ? 'warn' : 'plain');
        }),
      ),
      footnotes: present(
        once && 'Answered are connections that got their first message back.',
        measured.length > 0 &&
          !silent &&
          'TCP bytes are those that clients took in for a delivery and put out for a send.',
        visited && 'To connections that come and go nothing is owed.',
        spread &&
          !silent &&
          'Figures are medians over trials; ± is the distance of the furthest trial from the median.',
        several && !silent && `"to first" is the ratio to ${measured.at(0)?.target}.`,
      ),
    };
  },
} satisfies TableSpec;

/** @param below its tone where it is less than all. */
function shareCell(part: number, whole: number, below: Tone = 'bad') {
  return whole === 0 ? quiet : cell(shareText(part, whole), part < whole ? below : 'plain');
}

function visitsText(made: number): string {
  return `${countText(made)} ${made === 1 ? 'visit' : 'visits'}`;
}
