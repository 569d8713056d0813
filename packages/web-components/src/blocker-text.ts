/** A blocker in a sentence, with the facts that the scheduler gives along. */
import type { Blocker } from '@hera/api';
import { formatTime } from './format.js';
import { translate, translateCode } from './translate.js';

/** What keeps a run from running, in words; the code itself when it is not known here. */
export function blockerText(blocker: Blocker): string {
  return translateCode('blocker', blocker.code, {
    subject: blocker.subject,
    until: blocker.until === null ? translate('blocker.later') : formatTime(blocker.until),
  });
}

/** Facts beside the sentence: `limit 8 · held by dwd_order, dwd_click`; empty when there are none. */
export const blockerFacts = (blocker: Blocker) =>
  Object.entries(blocker.details)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
