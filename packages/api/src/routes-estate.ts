/** Routes by which the estate itself is changed: its definitions, and the workers that may come in. */
import { Type } from 'typebox';
import { PLACES } from './places.js';
import { json } from './route-parts.js';
import { WorkerSchema } from './schemas/estate.js';
import { DefinitionChangeSchema } from './schemas/forecast.js';

/** Rows of the route table. */
export const ESTATE_ROUTES = {
  applyDefinitions: {
    ...PLACES.applyDefinitions,
    summary: 'Make the estate what these definitions say, all or nothing',
    access: 'editor',
    body: Type.Object(
      {
        definitions: Type.Object({}, { description: 'As in definition files', additionalProperties: true }),
        source: Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Who owns the jobs, such as files',
        }),
        prune: Type.Optional({ ...Type.Boolean(), description: 'Retire jobs of the source that it lacks' }),
      },
      { additionalProperties: false },
    ),
    bodyBytesMax: 33_554_432,
    response: json(Type.Object({ changes: Type.Array(DefinitionChangeSchema) })),
    problems: ['DEFINITION_INVALID'],
  },
  createWorkerToken: {
    ...PLACES.createWorkerToken,
    summary: 'Let new workers in: a token that is shown once, for so many uses and so long',
    access: 'admin',
    body: Type.Object(
      {
        uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1 })),
        lifeMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 31_622_400_000, default: 86_400_000 })),
        pools: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 })),
        labels: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 200 }))),
      },
      { additionalProperties: false },
    ),
    response: json(Type.Object({ id: Type.String(), token: Type.String(), address: Type.String() })),
    problems: ['STATE_CONFLICT'],
  },
  listWorkers: {
    ...PLACES.listWorkers,
    summary: 'Workers by name, as the leader knows them',
    access: 'viewer',
    response: json(Type.Object({ items: Type.Array(WorkerSchema) })),
    problems: ['NOT_LEADING'],
  },
} as const;
