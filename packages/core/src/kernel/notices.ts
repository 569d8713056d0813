/**
 * Alarms about what lasts are raised once: a row says that they were, so that neither a restart nor a second
 * look repeats them. When the cause is gone the row goes too, and the next time is told again.
 */
import type { AlarmCode } from '../model/events.js';
import { put, remove } from './outbox.js';
import type { SchedulerState } from './state.js';

/** What an alarm was raised about, and when. */
export interface Notice {
  readonly value: string;
  readonly at: number;
}

/** Notices about runs are forgotten so long after they were raised: their runs are over by then. */
const RUN_NOTICE_KEPT_MS = 35 * 86_400_000;

const nameOf = (code: AlarmCode, subject: string) => `${code}\u0000${subject}`;

/**
 * Raises the alarm unless it was raised for this subject and value and its cause has lasted since; whether it
 * was raised now.
 */
export function raiseOnce(
  state: SchedulerState,
  alarm: {
    readonly code: AlarmCode;
    readonly subject: string;
    readonly message: string;
    readonly value?: string;
  },
): boolean {
  const { code, subject, message, value = '' } = alarm;
  const name = nameOf(code, subject);
  if (state.notices.get(name)?.value === value) return false;
  const notice = { value, at: state.now };
  state.notices.set(name, notice);
  put(state.outbox, 'notice', [code, subject], notice);
  state.outbox.events.push({ type: 'alarm', code, subject, message });
  return true;
}

/** The cause is gone. May be repeated. */
export function dropNotice(state: SchedulerState, code: AlarmCode, subject: string): void {
  if (state.notices.delete(nameOf(code, subject))) remove(state.outbox, 'notice', [code, subject]);
}

/** Forgets what was said about runs long ago. */
export function forgetOldNotices(state: SchedulerState): void {
  for (const [name, { at }] of state.notices) {
    const [code = '', subject = ''] = name.split('\u0000');
    if (!subject.includes('@') || at > state.now - RUN_NOTICE_KEPT_MS) continue;
    state.notices.delete(name);
    remove(state.outbox, 'notice', [code, subject]);
  }
}

/** Takes a stored notice, at load. */
export function restoreNotice(state: SchedulerState, key: readonly [string, string], notice: Notice): void {
  state.notices.set(key.join('\u0000'), notice);
}
