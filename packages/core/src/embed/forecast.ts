/** What is to come, for the embedding API. */
import { parseTime } from '../calendar/time.js';
import { forecastView } from '../forecast/index.js';
import { forecastInput, selectJobs, upcoming, usualDurations } from '../kernel/index.js';
import type { SchedulerState } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import type { Forecast, Impact } from '../model/forecast.js';
import { instant } from '../model/ids.js';
import type { Definitions, JobDefinition } from '../model/job.js';
import type { SlotView } from '../model/views.js';
import { nameOf } from './calls.js';
import type { Calls } from './calls.js';
import { estateOf } from './estate.js';
import type { ForecastCalls, ForecastOptions, Job, JobChange } from './types.js';

const HOUR_MS = 3_600_000;
const DAYS_MAX = 31;

/** Calls that look ahead. */
export class Forecasts implements ForecastCalls {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  upcoming(job: string | Job, count: number): readonly SlotView[] {
    return this.#calls.scheduler.peek((state) => upcoming(state, nameOf(job), count));
  }

  async forecast({ until, select }: ForecastOptions = {}): Promise<Forecast> {
    const { input, jobs } = await this.#calls.scheduler.read((state) => {
      const end = until === undefined ? state.now + 24 * HOUR_MS : parseTime(until);
      const chosen = select === undefined ? null : new Set(selectJobs(state, select));
      return { input: forecastInput(state, instant(end)), jobs: chosen };
    });
    return forecastView(input, jobs);
  }

  async whatIf(job: string | Job, change: JobChange, { days = 7 } = {}): Promise<Impact> {
    const name = nameOf(job);
    const estate = await this.#calls.scheduler.read(definitionsInForce);
    const definition = estate.definitions.jobs?.[name];
    if (!definition) throw new SchedulerError('JOB_NOT_FOUND', `there is no job ${name}`, { job: name });
    const { [name]: _, ...others } = estate.definitions.jobs ?? {};
    const changed = change === 'delete' ? undefined : changedJob(definition, change);
    const jobs = changed ? { ...others, [name]: changed } : withoutUpstream(others, name);
    return this.#compare(estate, { ...estate.definitions, jobs }, days);
  }

  async impact(definitions: Definitions, { days = 7 } = {}): Promise<Impact> {
    const estate = await this.#calls.scheduler.read(definitionsInForce);
    const { definitions: before } = estate;
    const after: Record<string, unknown> = { ...before };
    for (const [section, entries] of Object.entries(definitions))
      after[section] = { ...before[section as keyof Definitions], ...entries };
    return this.#compare(estate, after, days);
  }

  async #compare(estate: Estate, after: Definitions, days: number): Promise<Impact> {
    if (!Number.isSafeInteger(days) || days < 1 || days > DAYS_MAX) {
      const expected = `a whole number from 1 to ${DAYS_MAX}`;
      throw new SchedulerError('OPTION_INVALID', `days must be ${expected}`, { option: 'days', expected });
    }
    // The simulator is large, and few programs ask for it.
    const { impactOf } = await import('../impact.js');
    const { definitions, at, zone, area, durationsMs } = estate;
    const place = { zone, ...(area !== null && { area }) };
    return impactOf(definitions, after, { from: at, days, durationsMs, ...place });
  }
}

interface Estate {
  readonly definitions: Definitions;
  readonly at: number;
  readonly zone: string;
  readonly area: string | null;
  readonly durationsMs: Readonly<Record<string, number>>;
}

/** The definitions with the state of each job as it is now. */
function definitionsInForce(state: SchedulerState): Estate {
  const estate = estateOf(state);
  const jobs: Record<string, JobDefinition> = {};
  for (const [name, definition] of Object.entries(estate.jobs ?? {})) {
    const { state: _, was: __, ...fields } = definition;
    const now = state.jobsByName.get(name)?.state;
    jobs[name] = now === 'disabled' || now === 'retired' ? { ...fields, state: now } : fields;
  }
  const { zone, area } = state.options;
  return { definitions: { ...estate, jobs }, at: state.now, zone, area, durationsMs: usualDurations(state) };
}

function changedJob(definition: JobDefinition, change: Exclude<JobChange, 'delete'>): JobDefinition {
  return change === 'disable' ? { ...definition, state: 'disabled' } : { ...definition, ...change };
}

/** What would be left of the others: an edge to a job that is gone is an edge to nothing. */
function withoutUpstream(
  jobs: Readonly<Record<string, JobDefinition>>,
  gone: string,
): Record<string, JobDefinition> {
  return Object.fromEntries(
    Object.entries(jobs).map(([name, definition]) => {
      const { [gone]: edge, ...after } = definition.after ?? {};
      return [name, edge === undefined ? definition : { ...definition, after }];
    }),
  );
}
