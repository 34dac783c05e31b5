/** Owns folding the samples of one side into the figure of a row. */

import { figureOf } from '../fold/figure.js';
import type { ComparedFigure } from './comparison.js';
import type { Sample } from './sample.js';

/** @returns undefined when there is no sample. The mark of a single sample is that of the figure. */
export function comparedFigure(samples: readonly Sample[]): ComparedFigure | undefined {
  const figure = figureOf(samples.map(({ value }) => value));
  if (figure === undefined) return undefined;
  const marks = samples.map(({ mark }) => mark);
  const mark = (['at least', 'not firm'] as const).find((one) => marks.includes(one));
  return mark === undefined ? figure : { ...figure, mark };
}
