/** Incidents on the wire. */
import { Type } from 'typebox';
import { FailureClassSchema } from './run.js';
import { InstantSchema, nullable } from './scalars.js';
import type { Wire } from './scalars.js';

/** One first cause, and how much fails and waits through it. */
export const IncidentSchema = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  kind: Type.Enum(['run', 'pattern', 'worker']),
  cause: Type.String({ description: 'The first run that failed, or `worker NAME`' }),
  failure: nullable(FailureClassSchema),
  pattern: nullable(Type.String({ description: 'Name of the rule that told the class' })),
  message: nullable(Type.String()),
  openedAt: InstantSchema,
  lastJoinAt: InstantSchema,
  failed: Type.Integer({ minimum: 0, description: 'Runs that have failed' }),
  blocked: Type.Integer({ minimum: 0, description: 'Runs that have waited through it' }),
  acknowledgedBy: nullable(Type.String()),
  acknowledgedAt: nullable(InstantSchema),
  note: nullable(Type.String()),
  assignee: nullable(Type.String()),
  snoozedUntil: nullable(InstantSchema),
  closedAt: nullable(InstantSchema),
  why: nullable(Type.Enum(['succeeded', 'gone', 'released'])),
});
/** A value of `IncidentSchema`. */
export type Incident = Wire<typeof IncidentSchema>;
