/** Owns gates as GitHub Markdown, for a pull request or a job summary. */

import { markdownText } from '../../drawing/markdown-text.js';
import { countOutcomes, type GateResult, type Outcome } from '../outcome.js';

const marks: Readonly<Record<Outcome, string>> = {
  passed: '✅',
  failed: '❌',
  invalid: '❌',
  inconclusive: '❔',
  'needs more': '❔',
  advisory: 'ℹ️',
};

const maxReasonChars = 1_000;

export function markdown({ outcomes }: GateResult): string {
  const swept = outcomes.some(({ workload }) => workload !== undefined);
  const line = (cells: readonly (string | undefined)[]) =>
    `| ${cells.filter((one) => one !== undefined).join(' | ')} |`;
  const rows = outcomes.map(({ text, target, workload, outcome, reason }) =>
    line([
      `${marks[outcome]} ${outcome}`,
      markdownText(text, 200),
      markdownText(target, 200),
      swept ? markdownText(workload ?? '', 200) : undefined,
      markdownText(reason, maxReasonChars),
    ]),
  );
  return [
    `#### Gates: ${countOutcomes(outcomes)}`,
    '',
    line(['outcome', 'gate', 'target', swept ? 'workload' : undefined, 'measured']),
    line([':--', ':--', ':--', swept ? ':--' : undefined, ':--']),
    ...rows,
    '',
  ].join('\n');
}
