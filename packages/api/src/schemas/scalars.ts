/**
 * The small pieces that larger schemas are made of. Times on the wire are epoch milliseconds, so that no
 * reader has to parse a date; ids are the texts of people (`job@20261123T020000Z`).
 */
import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';

/** The type of a schema's values as readers see them: readonly all the way down. */
export type Wire<Schema extends TSchema> = DeepReadonly<Static<Schema>>;

/** `T` with every property and every array read-only. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** Longest job name, run id or attempt id in a path; routers must not cut below it. */
export const PARAM_LENGTH_MAX = 512;

/** Epoch milliseconds, UTC. */
export const InstantSchema = Type.Integer({ description: 'Epoch milliseconds, UTC' });

/** Name of a job, unique in an estate. */
export const JobNameSchema = Type.String({ minLength: 1, maxLength: 128, description: 'Name of a job' });

/** `job@20261123T020000Z`, or `job@a:key` for an ad hoc run. */
export const RunIdSchema = Type.String({
  minLength: 3,
  maxLength: PARAM_LENGTH_MAX,
  description: 'Id of a run: job@20261123T020000Z, or job@a:key',
});

/** `job@20261123T020000Z/2`. */
export const AttemptIdSchema = Type.String({
  minLength: 5,
  maxLength: PARAM_LENGTH_MAX,
  description: 'Id of an attempt: the run, a slash and its number; the slash is percent-encoded in a path',
});

/** Place of an event in the one order of all: `commitNo.index`. */
export const CursorTextSchema = Type.String({
  pattern: '^\\d+\\.\\d+$',
  description: 'Place of an event in the one order of all: commitNo.index',
});

/** The schema or null. Null is tried first: a reader that converts types would make it 0 or an empty text. */
export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([Type.Null(), schema]);

/** Texts by name. */
export const TextMapSchema = Type.Record(Type.String(), Type.String());
