/** The command `bench history`: shows one metric of stored results over commits. */

import { basename } from 'node:path';
import { metricNames } from '../../core/measure/metrics.js';
import { suggestion } from '../../core/printable.js';
import { terminalText } from '../../reports/drawing/escaping.js';
import { historyOf } from '../../reports/history/history.js';
import { historyPage } from '../../reports/history/history-page.js';
import { historyText } from '../../reports/history/history-text.js';
import { pageDocument } from '../../reports/page/document.js';
import { UsageError } from '../../runners/failure.js';
import { command } from '../flags.js';
import { openOption, pageFile, writePage } from '../output/output-file.js';
import { version } from '../package-version.js';
import { namedTargets } from '../scenario/overrides.js';
import { isDumb, standardScreen } from '../screen.js';
import { forceOption, resultFiles, resultsFolder, type StoredResults, storedResults } from '../stored-results.js';

export const historyCommand = command({
  command: 'history [scenario]',
  describe: 'Show one metric over commits from the stored results, with the places where its level changes',
  builder: (yargs) =>
    yargs
      .positional('scenario', { type: 'string', describe: 'Only results of this scenario (a file or a name)' })
      .option('metric', {
        choices: metricNames,
        describe: 'What to show (default: p99 of an open loop, throughput of a closed one)',
      })
      .option('target', { type: 'string', array: true, describe: 'Only these targets, e.g. ws,socketio' })
      .option('last', { type: 'number', default: 50, describe: 'Only so many of the newest commits' })
      .option('results', { type: 'string', default: resultsFolder, describe: 'Folder with the stored results' })
      .option('html', { type: 'string', describe: 'Write a page to this file instead of printing' })
      .option('force', forceOption('--html'))
      .option('open', openOption)
      .example('$0 history echo', 'p99 of every target over the commits measured')
      .example('$0 history echo --metric cpuPerDelivery --target ws --last 20', 'what a message costs the server')
      .example('$0 history echo --html history.html', 'a page with every trial a dot'),
  handler: ({ scenario, metric, target, last, results, html, open, force }) => {
    if (!Number.isInteger(last) || last < 1) throw new UsageError('--last: a whole number from 1 on is expected');
    const name = scenario === undefined ? undefined : basename(scenario).replace(/\.ya?ml$/, '');
    const page = pageFile({ html, open, force }, { inputs: resultFiles(results), name: 'history' });
    const stored = storedResults(results, name);
    if (stored.results.length === 0) throw new UsageError(noResults(results, name, stored.scenarios));
    const targets = namedTargets({ target });
    requireMeasured(targets, stored);
    const { panels, warnings } = historyOf(stored.results, { metric, targets, last });
    const empty = panels.length === 0 ? ['The stored results hold no trial that can be shown.'] : [];
    const history = { panels, warnings: [...empty, ...warnings, ...stored.leftOut] };
    if (page) {
      writePage(page, pageDocument(historyPage(history, version)));
      process.stdout.write(`${page.path}\n`);
    } else process.stdout.write(historyText(history, standardScreen(), isDumb()));
  },
});

function noResults(folder: string, name: string | undefined, known: readonly string[]): string {
  if (name === undefined || known.length === 0) return `there are no results in ${folder}; \`bench run\` writes them`;
  return `there are no results of scenario ${name} in ${folder}; ${terminalText(suggestion(name, known), 200)}`;
}

function requireMeasured(targets: readonly string[], { results }: StoredResults): void {
  const measured = [...new Set(results.flatMap(({ trials }) => trials.map(({ target }) => target)))];
  for (const target of targets)
    if (measured.length > 0 && !measured.includes(target))
      throw new UsageError(
        `--target ${target}: no stored result has it; ${terminalText(suggestion(target, measured), 200)}`,
      );
}
