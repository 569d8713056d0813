/** Waiting for the worker in this process to have nothing left, before the engine stops. */
import { workerViews } from '../kernel/index.js';
import type { Clock } from '../ports/clock.js';
import type { Scheduler } from '../shell/scheduler-types.js';

/** Resolves when the worker that drains has ended its attempts, another process leads, or time is up. */
export function untilIdle(at: {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly worker: string;
  readonly deadlineMs: number;
}): Promise<void> {
  const { scheduler, clock, worker, deadlineMs } = at;
  const isIdle = () => {
    if (scheduler.role !== 'leading') return true;
    const view = scheduler.peek(workerViews).find(({ name }) => name === worker);
    return !view || (view.state !== 'connected' && view.running === 0);
  };
  return new Promise<void>((resolve) => {
    const done = () => {
      cancel();
      end();
      resolve();
    };
    const cancel = clock.wakeAfter(deadlineMs, done);
    const end = scheduler.onCommit(() => {
      if (isIdle()) done();
    });
    if (isIdle()) done();
  });
}
