/** Routes of incidents, and of workers that are out for their failures. */
import { Type } from 'typebox';
import { PLACES } from './places.js';
import { IncidentSchema } from './schemas/incident.js';
import { PAGE_QUERY, pageOf } from './schemas/page.js';
import { InstantSchema, nullable } from './schemas/scalars.js';

const INCIDENT = Type.Object({ incident: Type.Integer({ minimum: 1 }) });
const changed = {
  status: 202,
  type: 'application/json',
  schema: Type.Object({ incident: Type.Integer() }),
} as const;

/** Rows of the route table. */
export const INCIDENT_ROUTES = {
  listIncidents: {
    ...PLACES.listIncidents,
    summary: 'Incidents, newest first: those that are open, or all',
    access: 'viewer',
    query: Type.Object({ ...PAGE_QUERY, all: Type.Optional(Type.Boolean({ default: false })) }),
    response: { status: 200, type: 'application/json', schema: pageOf(IncidentSchema) },
    problems: [],
  },
  acknowledgeIncident: {
    ...PLACES.acknowledgeIncident,
    summary: 'Say that somebody looks at it',
    access: 'operator',
    params: INCIDENT,
    body: Type.Object(
      { note: Type.Optional(Type.String({ maxLength: 500 })) },
      { additionalProperties: false },
    ),
    response: changed,
    problems: ['INCIDENT_NOT_FOUND', 'STATE_CONFLICT'],
  },
  assignIncident: {
    ...PLACES.assignIncident,
    summary: 'Say whose it is; null is nobody’s',
    access: 'operator',
    params: INCIDENT,
    body: Type.Object(
      { assignee: nullable(Type.String({ minLength: 1, maxLength: 200 })) },
      { additionalProperties: false },
    ),
    response: changed,
    problems: ['INCIDENT_NOT_FOUND', 'STATE_CONFLICT'],
  },
  snoozeIncident: {
    ...PLACES.snoozeIncident,
    summary: 'Silence it until then; null ends that',
    access: 'operator',
    params: INCIDENT,
    body: Type.Object({ until: nullable(InstantSchema) }, { additionalProperties: false }),
    response: changed,
    problems: ['INCIDENT_NOT_FOUND', 'STATE_CONFLICT', 'OPTION_INVALID'],
  },
  releaseWorker: {
    ...PLACES.releaseWorker,
    summary: 'Take a worker out of quarantine',
    access: 'operator',
    params: Type.Object({ worker: Type.String({ minLength: 1 }) }),
    body: Type.Object({}, { additionalProperties: false }),
    response: {
      status: 202,
      type: 'application/json',
      schema: Type.Object({ worker: Type.String() }),
    },
    problems: ['STATE_CONFLICT'],
  },
} as const;
