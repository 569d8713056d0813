/**
 * Method and path of every route. Apart from the schemas, so that a page that calls the server does not load
 * a schema library.
 */

/** How a route is called; what changes something is a POST. */
export type Method = 'GET' | 'POST';

/** By operation id. Paths are in the form of Fastify. */
export const PLACES = {
  getNow: { method: 'GET', path: '/api/now' },
  applyDefinitions: { method: 'POST', path: '/api/definitions' },
  listJobs: { method: 'GET', path: '/api/jobs' },
  getJob: { method: 'GET', path: '/api/jobs/:job' },
  runJob: { method: 'POST', path: '/api/jobs/:job/runs' },
  getUpcoming: { method: 'GET', path: '/api/jobs/:job/upcoming' },
  listRuns: { method: 'GET', path: '/api/runs' },
  getRun: { method: 'GET', path: '/api/runs/:run' },
  getWhy: { method: 'GET', path: '/api/runs/:run/why' },
  resumeRun: { method: 'POST', path: '/api/runs/:run/resume' },
  cancelRun: { method: 'POST', path: '/api/runs/:run/cancel' },
  approveRun: { method: 'POST', path: '/api/runs/:run/approve' },
  postEvent: { method: 'POST', path: '/api/posted-events' },
  listOperations: { method: 'GET', path: '/api/operations' },
  beginWaive: { method: 'POST', path: '/api/waives' },
  endWaive: { method: 'POST', path: '/api/waives/:waive/end' },
  beginOverride: { method: 'POST', path: '/api/overrides' },
  endOverride: { method: 'POST', path: '/api/overrides/:override/end' },
  beginHold: { method: 'POST', path: '/api/holds' },
  releaseHold: { method: 'POST', path: '/api/holds/:hold/release' },
  getForecast: { method: 'GET', path: '/api/forecast' },
  whatIf: { method: 'POST', path: '/api/jobs/:job/what-if' },
  diffDefinitions: { method: 'POST', path: '/api/diff' },
  listPlans: { method: 'GET', path: '/api/plans' },
  createPlan: { method: 'POST', path: '/api/plans' },
  getPlan: { method: 'GET', path: '/api/plans/:plan' },
  previewPlan: { method: 'GET', path: '/api/plans/:plan/preview' },
  listFailedMembers: { method: 'GET', path: '/api/plans/:plan/failed' },
  controlPlan: { method: 'POST', path: '/api/plans/:plan/control' },
  getGraph: { method: 'GET', path: '/api/graph' },
  readLog: { method: 'GET', path: '/api/attempts/:attempt/log' },
  listIncidents: { method: 'GET', path: '/api/incidents' },
  acknowledgeIncident: { method: 'POST', path: '/api/incidents/:incident/acknowledge' },
  assignIncident: { method: 'POST', path: '/api/incidents/:incident/assign' },
  snoozeIncident: { method: 'POST', path: '/api/incidents/:incident/snooze' },
  releaseWorker: { method: 'POST', path: '/api/workers/:worker/release' },
  createWorkerToken: { method: 'POST', path: '/api/worker-tokens' },
  listWorkers: { method: 'GET', path: '/api/workers' },
  streamEvents: { method: 'GET', path: '/api/events' },
  getHealth: { method: 'GET', path: '/api/health' },
  createSession: { method: 'POST', path: '/api/session' },
  getOpenapi: { method: 'GET', path: '/openapi.json' },
} as const satisfies Readonly<Record<string, { readonly method: Method; readonly path: `/${string}` }>>;

/** Name of a route, its operation id. */
export type Operation = keyof typeof PLACES;

/** Headers that carry the place of a piece of log, in the form clients read them. */
export const LOG_HEADERS = {
  offset: 'hera-log-offset',
  size: 'hera-log-size',
  complete: 'hera-log-complete',
} as const;
