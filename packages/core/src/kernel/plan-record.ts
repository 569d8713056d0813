/** A plan as the kernel keeps it: members, dates, and how far it has come. */
import type { PlanState } from '../model/events.js';
import type { PlanRequest } from './event.js';
import type { OrderedHeap } from './heap.js';

/** A plan that has not been forgotten. */
export interface PlanRecord {
  readonly id: number;
  readonly request: PlanRequest;
  state: PlanState;
  readonly actor: string;
  readonly reason: string;
  /** Row of each member, in order, and the generation the plan made for it; 0 before it made one. */
  readonly members: Map<number, number>;
  /** Rows left out on purpose: to members they count as done. */
  readonly excluded: Set<number>;
  /** Rows of the members in their order. */
  order: readonly number[];
  dates: readonly PlanDate[];
  /** Dates before this one have been opened. */
  nextDate: number;
  /** Members before this place of `order` have been begun, or wait for a live attempt to end. */
  begun: number;
  succeeded: number;
  failed: number;
  /** A member has failed, and the plan stops at failures: it does so at the end of this step. */
  stopping: boolean;
  /** Attempts of its members that run. */
  running: number;
  /** Ready members that its limit, its hours or a pause holds back. */
  readonly parked: OrderedHeap;
}

/** Members of one date, from one place of the plan's order to another, the second excluded. */
export interface PlanDate {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Members before this place have ended. */
  ended: number;
}
