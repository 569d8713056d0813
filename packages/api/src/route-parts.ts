/** Parts that many rows of the route table have in common. */
import type { TSchema } from 'typebox';
import { Type } from 'typebox';

/** A POST may say under which key a repetition is the same request. */
export const POST_HEADERS = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

/** JSON, at once. */
export const json = <Schema extends TSchema>(schema: Schema) =>
  ({ status: 200, type: 'application/json', schema }) as const;
/** JSON of what was asked for and is durable. */
export const accepted = <Schema extends TSchema>(schema: Schema) =>
  ({ status: 202, type: 'application/json', schema }) as const;
