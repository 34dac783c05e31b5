/** One HTML page of a report or a comparison that needs nothing else: to look at, to print and to send to somebody. */

import type { Format } from '../format-registry.js';
import { comparisonPage } from '../page/comparison-page.js';
import { pageDocument } from '../page/document.js';
import { reportPage } from '../page/report-page.js';

export default {
  place: 80,
  report: (report, _screen, trials = []) => pageDocument(reportPage(report, trials)),
  comparison: (comparison) => pageDocument(comparisonPage(comparison)),
} satisfies Format;
