/** Parameters travel as text; a function gets them in the types it declared. */
import type { ParamDefinition } from '../model/job.js';
import type { AnyJobFunction } from '../shell/function-executor.js';
import type { JobContext, ParamDefinitions, SlotContext, SubmitOptions } from './types.js';

/** The function, called with parameters of their declared types; as it is, where none is declared. */
export function withTypedParams(declared: ParamDefinitions | undefined, run: AnyJobFunction): AnyJobFunction {
  if (!declared || Object.keys(declared).length === 0) return run;
  return (context) => run(new TypedContext(context, declared));
}

/** Parameters as text. */
export function paramTexts(params: SubmitOptions['params'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}

function typedValue({ type, enum: choices }: ParamDefinition, text: string): string | number | boolean {
  if (choices) return choices.find((choice) => String(choice) === text) ?? text;
  switch (type) {
    case 'integer':
    case 'number':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'string':
    case 'date':
      return text;
  }
}

/** The context of the executor with other parameters; what is costly in it stays lazy. */
class TypedContext implements JobContext {
  readonly #context: JobContext;
  readonly #declared: ParamDefinitions;

  constructor(context: JobContext, declared: ParamDefinitions) {
    this.#context = context;
    this.#declared = declared;
  }

  get slot(): SlotContext {
    return this.#context.slot;
  }

  get params(): JobContext['params'] {
    const typed = Object.entries(this.#context.params).map(([name, text]) => {
      const definition = this.#declared[name];
      return [name, definition ? typedValue(definition, text) : text];
    });
    return Object.fromEntries(typed) as JobContext['params'];
  }

  get config(): JobContext['config'] {
    return this.#context.config;
  }

  get upstream(): JobContext['upstream'] {
    return this.#context.upstream;
  }

  get attempt(): number {
    return this.#context.attempt;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get log(): JobContext['log'] {
    return this.#context.log;
  }
}
