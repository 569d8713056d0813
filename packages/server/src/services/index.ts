/** All services of one installation, made from its engine. They know nothing of HTTP. */
import type { Engine } from './engine.js';
import { EventService } from './events.js';
import { ForecastService } from './forecasts.js';
import { HealthService } from './health.js';
import { IdempotencyKeys } from './idempotency.js';
import { IncidentService } from './incidents.js';
import { JobService } from './jobs.js';
import { LogService } from './logs.js';
import { NowService } from './now.js';
import { OperationService } from './operations.js';
import { PlanService } from './plans.js';
import { PostedEventService } from './posted-events.js';
import { RunService } from './runs.js';
import { WorkerService } from './workers.js';

/** What routes speak to. */
export interface Services {
  readonly jobs: JobService;
  readonly runs: RunService;
  readonly plans: PlanService;
  readonly postedEvents: PostedEventService;
  readonly logs: LogService;
  readonly incidents: IncidentService;
  readonly operations: OperationService;
  readonly workers: WorkerService;
  readonly now: NowService;
  readonly forecasts: ForecastService;
  readonly events: EventService;
  readonly health: HealthService;
  readonly keys: IdempotencyKeys;
  readonly version: string;
}

/** Makes the services. `version` is that of the server. */
export function createServices(engine: Engine, version: string): Services {
  const jobs = new JobService(engine);
  return {
    jobs,
    runs: new RunService(engine),
    plans: new PlanService(engine),
    postedEvents: new PostedEventService(engine),
    logs: new LogService(engine),
    incidents: new IncidentService(engine),
    operations: new OperationService(engine),
    workers: new WorkerService(engine),
    now: new NowService(engine, jobs),
    forecasts: new ForecastService(engine),
    events: new EventService(engine),
    health: new HealthService(engine, version),
    keys: new IdempotencyKeys(),
    version,
  };
}
