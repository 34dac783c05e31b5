/** The table of the server's CPU by layer: all parts and their total, a delivery. */

import { significantText } from '../../core/units.js';
import { cell, column } from '../drawing/table.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import { nothing } from '../wording/figure-text.js';
import { cpuLayerNames, layersIn } from '../wording/layer-names.js';

export default {
  place: 36,
  build: (table) => {
    const lines = measuredRows(table).flatMap(({ target, client, layers }) =>
      layers?.cpuUs === undefined ? [] : [{ target, client, cpu: layers.cpuUs }],
    );
    if (lines.length === 0) return undefined;
    const layers = layersIn(
      cpuLayerNames,
      lines.map(({ cpu }) => cpu),
    );
    return {
      title: 'CPU of the server by layer, µs a delivery',
      names: [column('target', 'left', lines, ({ target }) => target), ...clientColumn(lines)],
      figures: [
        ...layers.map(([layer, name]) =>
          column(name.replace(' ', '\n'), 'right', lines, ({ cpu }) =>
            cpu[layer].median === 0 ? cell(nothing, 'quiet') : significantText(cpu[layer].median),
          ),
        ),
        column('total', 'right', lines, ({ cpu }) => significantText(cpu.total.median)),
      ],
      footnotes: [
        "By V8's sampling profiler, functions dealt to layers by their module; the profiler itself costs CPU, most of it in other threads.",
        'What V8 has built in counts for its caller, what Node calls of the kernel as kernel and native. Unexplained is CPU without a sample at work, such as waiting for events.',
      ],
    };
  },
} satisfies TableSpec;
