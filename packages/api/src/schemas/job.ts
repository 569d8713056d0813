/** Jobs, and the graph of them with the phase of each one's newest run. */
import type { JobDefinition } from '@hera/core';
import { Type } from 'typebox';
import type { Wire } from './scalars.js';
import { JobNameSchema, nullable, RunIdSchema } from './scalars.js';
import { PhaseSchema } from './run.js';

/** `disabled`: no new slots, waiting runs blocked; `retired`: nobody expects it any more. */
export const JobStateSchema = Type.Enum(['enabled', 'disabled', 'retired']);
/** A value of `JobStateSchema`. */
export type JobState = Wire<typeof JobStateSchema>;

/** A definition as its author wrote it: the shape of the definition files, format 1, checked by core. */
export const JobDefinitionSchema = Type.Unsafe<JobDefinition>({
  type: 'object',
  additionalProperties: true,
  description: 'The job as its author wrote it, in the shape of the definition files',
});

/** A job in its newest revision. */
export const JobSchema = Type.Object({
  id: Type.Integer(),
  name: JobNameSchema,
  group: Type.String({ description: 'Path of the group, empty for the root' }),
  title: Type.String(),
  kind: Type.String(),
  state: JobStateSchema,
  revision: Type.Integer(),
  source: Type.String({ description: 'Who applied it' }),
  definition: JobDefinitionSchema,
});
/** A value of `JobSchema`. */
export type Job = Wire<typeof JobSchema>;

/** What a graph tells of one job. */
export const GraphNodeSchema = Type.Object({
  title: Type.String(),
  group: Type.String(),
  kind: Type.String(),
  state: JobStateSchema,
  phase: PhaseSchema,
  reason: nullable(Type.String()),
  run: nullable(RunIdSchema),
});
/** A value of `GraphNodeSchema`. */
export type GraphNode = Wire<typeof GraphNodeSchema>;

/**
 * The job graph in graphlib's JSON form: `v` names the job, `value` says how its newest run stands, and an
 * edge runs from the upstream `v` to the downstream `w`. Every `v` and `w` of an edge is a node.
 */
export const GraphSchema = Type.Object({
  options: Type.Object({
    directed: Type.Literal(true),
    multigraph: Type.Literal(false),
    compound: Type.Literal(false),
  }),
  nodes: Type.Array(Type.Object({ v: JobNameSchema, value: GraphNodeSchema })),
  edges: Type.Array(Type.Object({ v: JobNameSchema, w: JobNameSchema })),
});
/** A value of `GraphSchema`. */
export type Graph = Wire<typeof GraphSchema>;
