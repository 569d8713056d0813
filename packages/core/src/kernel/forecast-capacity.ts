/** The slots that a night shares: workers by what they can do, and the limits beside them. */
import type { ForecastClass, ForecastInput, ForecastJob, ForecastWorkers } from './forecast-input.js';
import { canRun, isEffective } from './placement.js';
import { classOfJob, keyOf } from './queue.js';
import type { QueueClass, WorkerRecord } from './records.js';
import type { SchedulerState } from './state.js';

type Capacity = Pick<ForecastInput, 'jobs' | 'classes' | 'workers' | 'limits'>;

/** Workers that can do the same are one; a limit counts how many more may hold it beside those that do. */
export function capacityOf(state: SchedulerState): Capacity {
  const groups = groupWorkers(state);
  const limits: number[] = [];
  const limitOf = new Map<string, number>();
  const limit = (name: string, max: number) => {
    const known = limitOf.get(name);
    if (known !== undefined) return known;
    const place = limits.push(max) - 1;
    limitOf.set(name, place);
    return place;
  };
  const classOf = new Map<QueueClass, number>();
  const classes: ForecastClass[] = [];
  const jobs = state.jobs.map((job): ForecastJob => {
    if (job.state === 'deleted') return { name: job.name, class: 0, limits: [] };
    const from = classOfJob(state, job);
    let place = classOf.get(from);
    if (place === undefined) {
      const able = groups.filter(({ sample }) => from.pool.workers.has(sample) && canRun(sample, from));
      place = classes.push({ slots: from.slots, workers: able.map((group) => groups.indexOf(group)) }) - 1;
      classOf.set(from, place);
    }
    const held = job.policy.concurrency.map((name) => limit(`key ${name}`, keyOf(state, name).holdersMax));
    const { runningMax } = from.pool.definition;
    if (runningMax !== undefined) held.push(limit(`pool ${from.pool.name}`, runningMax));
    if (job.policy.overlap !== 'allow') held.push(limit(`job ${job.name}`, 1));
    return { name: job.name, class: place, limits: held };
  });
  const workers = groups.map(({ slots }): ForecastWorkers => ({ slots, used: 0 }));
  return { jobs, classes, workers, limits };
}

function groupWorkers(state: SchedulerState): { sample: WorkerRecord; slots: number }[] {
  const found = new Map<string, { sample: WorkerRecord; slots: number }>();
  for (const worker of state.workerList) {
    if (!isEffective(worker)) continue;
    const { pools, labels, kinds, slots } = worker.profile;
    const key = JSON.stringify([pools, Object.entries(labels).sort(), [...kinds].sort()]);
    const known = found.get(key);
    if (known) known.slots += slots;
    else found.set(key, { sample: worker, slots });
  }
  return [...found.values()];
}
