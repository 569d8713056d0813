/** Forecasts: what a night will bring, from what is known of it now. The kernel's types in, data out. */
import type { ForecastInput, KernelEvent } from '../kernel/index.js';
import { assess, startsToTell } from './assess.js';
import { predicting } from './predict.js';

export { assess, pathTo, startsToTell } from './assess.js';
export { predict, predicting } from './predict.js';
export { forecastView } from './view.js';
export type { Prediction } from './predict.js';

/** What the kernel is told of a forecast. */
export type ForecastNews = Pick<Extract<KernelEvent, { type: 'forecast.made' }>, 'commitments' | 'startBy'>;

/** Makes the forecast that the kernel asked for, in slices. */
export function* foretelling(input: ForecastInput): Generator<undefined, ForecastNews> {
  const prediction = yield* predicting(input);
  return { commitments: assess(input, prediction), startBy: startsToTell(input, prediction) };
}

/** The same at once. */
export function foretell(input: ForecastInput): ForecastNews {
  const slices = foretelling(input);
  for (;;) {
    const next = slices.next();
    if (next.done === true) return next.value;
  }
}
