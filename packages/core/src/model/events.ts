/**
 * What the world may see. Every visible change is one of these, stored in the commit that makes it and
 * numbered `(commitNo, index)`; the event stream, alerts, webhooks and followers read the stored rows by
 * that cursor, so nothing that must be told lives in memory only.
 */
import type { CommitmentState } from './commitment.js';
import type { AttemptState, Phase, Track, Trigger } from './run.js';

export type DomainEvent =
  | {
      readonly type: 'run.created';
      readonly job: string;
      readonly run: string;
      readonly instant: number;
      readonly businessDate: string;
      readonly phase: Phase;
      readonly reason: string | null;
    }
  | {
      readonly type: 'generation.phase';
      readonly job: string;
      readonly run: string;
      readonly generation: number;
      readonly track: Track;
      readonly trigger: Trigger;
      readonly phase: Phase;
      readonly reason: string | null;
    }
  | {
      readonly type: 'attempt.state';
      readonly job: string;
      readonly run: string;
      readonly generation: number;
      readonly attempt: number;
      readonly state: AttemptState;
      readonly worker: string;
      readonly exitCode: number | null;
      readonly message: string | null;
    }
  | {
      readonly type: 'run.rebound';
      readonly job: string;
      readonly run: string;
      readonly upstream: string;
      readonly why: string;
    }
  | {
      readonly type: 'job.changed';
      readonly job: string;
      readonly change: 'added' | 'edited' | 'enabled' | 'disabled' | 'retired' | 'deleted' | 'renamed';
      readonly revision: number;
      readonly actor: string;
    }
  | { readonly type: 'group.changed'; readonly group: string; readonly actor: string }
  | {
      readonly type: 'worker.state';
      readonly worker: string;
      readonly state: 'joined' | 'lost' | 'draining' | 'left' | 'quarantined' | 'released';
      readonly session: number;
    }
  /** Something has failed that nothing else is to blame for; `cause` names the run, or `worker NAME`. */
  | {
      readonly type: 'incident.opened';
      readonly incident: number;
      readonly cause: string;
      readonly job: string | null;
      readonly failure: string | null;
      readonly pattern: string | null;
    }
  /** Once per step and incident: how many runs joined in it, failed or blocked, and how many ever have. */
  | {
      readonly type: 'incident.joined';
      readonly incident: number;
      readonly runs: number;
      readonly total: number;
    }
  | {
      readonly type: 'incident.changed';
      readonly incident: number;
      readonly change: 'acknowledged' | 'assigned' | 'snoozed';
      readonly actor: string;
    }
  | { readonly type: 'incident.closed'; readonly incident: number; readonly why: IncidentEnd }
  | { readonly type: 'plan.state'; readonly plan: number; readonly state: PlanState }
  | {
      readonly type: 'commitment.state';
      readonly commitment: string;
      /** The instant it is due, epoch ms. */
      readonly due: number;
      readonly state: CommitmentState;
      /** When it is foreseen to be done; null when nothing foresees it, or it is done. */
      readonly predictedEnd: number | null;
      /** The job to blame; null when there is none. */
      readonly culprit: string | null;
    }
  /** A gate of a run has opened, or is passed because its deadline says so. */
  | {
      readonly type: 'gate.opened';
      readonly job: string;
      readonly run: string;
      readonly gate: string;
      readonly how: 'open' | 'passed';
      readonly by: string | null;
    }
  | {
      readonly type: 'operation.state';
      readonly kind: 'waive' | 'override' | 'hold';
      readonly id: number;
      /** `ended`: by a person, or by itself when its time was over. */
      readonly state: 'begun' | 'releasing' | 'ended';
      /** Run, selection of jobs, or rule that it is about. */
      readonly subject: string;
      readonly reason: string;
      readonly actor: string;
      readonly until: number | null;
    }
  | { readonly type: 'leader.elected'; readonly epoch: number; readonly holder: string }
  | { readonly type: 'alarm'; readonly code: AlarmCode; readonly subject: string; readonly message: string };

/** Why an incident is over: what failed has succeeded or is gone, or the worker is back among the others. */
export type IncidentEnd = 'succeeded' | 'gone' | 'released';
export type DomainEventType = DomainEvent['type'];
export type PlanState = 'draft' | 'running' | 'paused' | 'succeeded' | 'failed' | 'canceled';

/** What a person should act on. Routing and quiet hours are the server's. */
export type AlarmCode =
  | 'RUN_FAILED'
  | 'RUN_BLOCKED'
  | 'ATTEMPT_UNKNOWN'
  | 'KILL_INCOMPLETE'
  | 'WORKER_LOST'
  | 'WORKER_QUARANTINED'
  | 'WORKER_FAILING'
  | 'JOB_PAUSED'
  | 'CLOCK_JUMPED'
  | 'STORE_REGRESSED'
  | 'CALENDAR_ENDS'
  | 'SLOT_SKIPPED'
  | 'UPSTREAM_DISABLED'
  | 'HELD_BY_RULE'
  | 'PACE_LOST'
  | 'GATE_LATE'
  | 'QUEUE_TIMEOUT'
  | 'EXPECTATION_MISSED'
  | 'COMMITMENT_AT_RISK'
  | 'COMMITMENT_BREACHED';

/** Place of an event in the one order of all: commit, then index within it. */
export interface EventCursor {
  readonly commitNo: number;
  readonly index: number;
}

export interface StoredEvent {
  readonly cursor: EventCursor;
  readonly at: number;
  readonly event: DomainEvent;
}
