/** Waives, overrides and holds: what operators say over the heads of definitions. */
import type { ActorOption, EndingOptions, HoldOptions, OperationsView, OverrideOptions } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';

/** The number of what has begun, or was ended. */
export interface OperationNamed {
  readonly id: number;
}

export class OperationService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** NOT_LEADING. */
  list(): OperationsView {
    return heraOf(this.#engine).operations();
  }

  /** RUN_NOT_FOUND, JOB_NOT_FOUND, OPTION_INVALID, STATE_CONFLICT. */
  async waive(run: string, upstream: string, options: EndingOptions): Promise<OperationNamed> {
    return { id: await heraOf(this.#engine).waive(run, upstream, options) };
  }

  /** OPERATION_NOT_FOUND. */
  async endWaive(id: number, options: ActorOption): Promise<OperationNamed> {
    await heraOf(this.#engine).endWaive(id, options);
    return { id };
  }

  /** SELECTION_INVALID, SELECTION_EMPTY, OPTION_INVALID. */
  async override(select: string, options: OverrideOptions): Promise<OperationNamed> {
    return { id: await heraOf(this.#engine).override(select, options) };
  }

  /** OPERATION_NOT_FOUND. */
  async endOverride(id: number, options: ActorOption): Promise<OperationNamed> {
    await heraOf(this.#engine).endOverride(id, options);
    return { id };
  }

  /** SELECTION_INVALID, SELECTION_EMPTY, OPTION_INVALID. */
  async hold(select: string, options: HoldOptions): Promise<OperationNamed> {
    return { id: await heraOf(this.#engine).hold(select, options) };
  }

  /** OPERATION_NOT_FOUND, OPTION_INVALID. `pace`: starts a minute; default all at once. */
  async release(id: number, options: ActorOption & { readonly pace?: number }): Promise<OperationNamed> {
    await heraOf(this.#engine).release(id, options);
    return { id };
  }
}
