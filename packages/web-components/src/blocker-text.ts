/** A blocker in a sentence, with the facts that the scheduler gives along. */
import type { Blocker } from '@hera/api';
import { formatTime } from './format.js';
import { slotText } from './rows.js';
import { translate, translateCode } from './translate.js';

/** What keeps a run from running, in words; the code itself when it is not known here. */
export function blockerText(blocker: Blocker): string {
  return translateCode('blocker', blocker.code, {
    subject: subjectText(blocker.subject),
    until: blocker.until === null ? translate('blocker.later') : formatTime(blocker.until),
  });
}

/** A run is called by its job and the time it is for. */
const subjectText = (subject: string) =>
  subject.includes('@') ? `${subject.slice(0, subject.indexOf('@'))} (${slotText(subject)})` : subject;

/** Facts beside the sentence: `limit 8 · held by dwd_order, dwd_click`; empty when there are none. */
export const blockerFacts = (blocker: Blocker) =>
  Object.entries(blocker.details)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
