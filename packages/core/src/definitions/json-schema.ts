/**
 * The part of JSON Schema draft-07 that the definition files use, and the TypeScript type that such a schema
 * describes. `validate-shape.ts` understands exactly these keywords; a schema with another one does not
 * compile.
 */

/**
 * A schema of the keywords in use. `title` names the thing in messages, `description` explains it in
 * editors.
 */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  /** What absence means; `normalizeDefinitions` leaves out a value that equals it. */
  readonly default?: unknown;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | JsonSchema;
  readonly propertyNames?: { readonly pattern: string; readonly title: string };
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly uniqueItems?: true;
  readonly enum?: readonly string[];
  readonly const?: string | number | boolean;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** `Named` maps `#/definitions/x` to types that a schema cannot say, such as template literals. */
export type FromSchema<Schema, Definitions, Named> = Schema extends { $ref: `#/definitions/${infer Name}` }
  ? Name extends keyof Named
    ? Named[Name]
    : Name extends keyof Definitions
      ? FromSchema<Definitions[Name], Definitions, Named>
      : never
  : Schema extends { anyOf: readonly (infer Branch)[] }
    ? Branch extends unknown
      ? FromSchema<Branch, Definitions, Named>
      : never
    : Schema extends { const: infer Value }
      ? Value
      : Schema extends { enum: readonly (infer Value)[] }
        ? Value
        : Schema extends { type: 'string' }
          ? string
          : Schema extends { type: 'integer' | 'number' }
            ? number
            : Schema extends { type: 'boolean' }
              ? boolean
              : Schema extends { type: 'null' }
                ? null
                : Schema extends { type: 'array'; items: infer Items }
                  ? readonly FromSchema<Items, Definitions, Named>[]
                  : FromObject<Schema, Definitions, Named>;

type FromObject<Schema, Definitions, Named> = Schema extends { properties: infer Properties }
  ? {
      readonly [Key in keyof Properties as Key extends RequiredOf<Schema> ? Key : never]: FromSchema<
        Properties[Key],
        Definitions,
        Named
      >;
    } & {
      readonly [Key in keyof Properties as Key extends RequiredOf<Schema> ? never : Key]?: FromSchema<
        Properties[Key],
        Definitions,
        Named
      >;
    }
  : Schema extends { additionalProperties: infer Values extends JsonSchema }
    ? Readonly<Record<string, FromSchema<Values, Definitions, Named>>>
    : Record<string, never>;

type RequiredOf<Schema> = Schema extends { required: readonly (infer Key)[] } ? Key : never;
