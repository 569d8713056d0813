/**
 * Holds the schemas equal to core's types, both ways, at compile time: a field added to one side only is an
 * error here. Nothing of this is left when it has been compiled.
 */
import type * as core from '@hera/core';
import type * as wire from './index.js';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Two shapes are one when each takes the other, and neither has a key that the other lacks. */
type SameShape<A, B> = Same<A, B> & Same<KeysOf<A>, KeysOf<B>>;
type KeysOf<T> = T extends readonly (infer Item)[]
  ? KeysOf<Item>
  : T extends object
    ? | keyof T
      | { [K in keyof T]: T[K] extends object ? `${K & string}.${KeysOf<T[K]> & string}` : never }[keyof T]
    : never;

/** Every pair that must be one shape; compiles only while each is. */
export type Conformance = [
  SameShape<wire.HeraEvent, core.DomainEvent>,
  SameShape<wire.StoredEvent, core.StoredEvent>,
  SameShape<wire.Run, core.Run>,
  SameShape<wire.RunDetail, core.RunDetail>,
  SameShape<wire.Generation, core.GenerationView>,
  SameShape<wire.Attempt, core.AttemptView>,
  SameShape<wire.Binding, core.BindingView>,
  SameShape<wire.Blocker, core.Blocker>,
  Same<wire.Job, core.JobView>,
  SameShape<wire.Worker, core.WorkerView>,
  SameShape<wire.Plan, core.PlanView>,
  SameShape<wire.Incident, core.IncidentView>,
  SameShape<wire.PlanPreview, core.PlanPreview>,
  SameShape<wire.Operations, core.OperationsView>,
  SameShape<wire.OverrideEffect, core.OverrideEffect>,
  SameShape<wire.Forecast, core.Forecast>,
  SameShape<wire.Impact, core.Impact>,
];
const holds: Conformance = [
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
];
void holds;
