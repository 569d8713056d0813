/** Turns an edge as its author wrote it into one with every default written out. */
import { parseDuration } from '../calendar/duration.js';
import type {
  Edge,
  EdgeDefinition,
  EdgeOptionsDefinition,
  Selector,
  Window,
  WindowDefinition,
} from '../model/edge.js';
import { SchedulerError } from '../model/errors.js';
import type { DurationMs } from '../model/ids.js';
import type { Duration } from '../model/schedule.js';

type EdgeObject = Extract<EdgeDefinition, object>;

/** Options of edges of imported jobs: how Hera waits (DESIGN 6). */
const HERA_OPTIONS = {
  whenEmpty: 'skipRun',
  accept: ['scheduled', 'recover'],
  generation: 'any',
  onUpstreamRerun: 'rerun',
} as const satisfies EdgeOptionsDefinition;

export function compileEdge(
  upstream: string,
  definition: EdgeDefinition,
  from: { job: string; hera: boolean },
): Edge {
  const object: EdgeObject = typeof definition === 'string' ? { [definition]: true } : definition;
  const options: EdgeOptionsDefinition = from.hera ? { ...HERA_OPTIONS, ...object } : object;
  const selector = compileSelector(object, from.hera ? { type: 'heraNearest' } : { type: 'default' });
  if ((selector.type === 'self') !== (upstream === from.job)) {
    throw invalid(from.job, upstream, 'a job waits for itself by { self: n }, and only by that');
  }
  return {
    upstream,
    selector,
    whenEmpty: options.whenEmpty ?? (selector.type === 'self' ? 'vacuous' : 'block'),
    rule: options.rule ?? 'success',
    accept: options.accept ?? ['scheduled', 'recover', 'backfill'],
    freshnessMs: optionalMs(options.freshness),
    generation: options.generation ?? 'latest',
    onUpstreamFailed: options.onUpstreamFailed ?? 'wait',
    onUpstreamRerun: options.onUpstreamRerun ?? 'markStale',
    timeoutMs: optionalMs(options.timeout),
  };
}

function compileSelector(object: EdgeObject, otherwise: Selector): Selector {
  if (object.same !== undefined) return { type: 'same' };
  if (object.latestAtOrBefore !== undefined)
    return { type: 'latestAtOrBefore', maxAgeMs: maxAge(object.latestAtOrBefore) };
  if (object.latestSucceeded !== undefined)
    return { type: 'latestSucceeded', maxAgeMs: maxAge(object.latestSucceeded) };
  if (object.nearest !== undefined) return { type: 'nearest' };
  if (object.allIn !== undefined) return { type: 'allIn', window: compileWindow(object.allIn) };
  if (object.anyIn !== undefined) return { type: 'anyIn', window: compileWindow(object.anyIn) };
  if (object.atLeast !== undefined) {
    return { type: 'atLeast', n: object.atLeast.n, window: compileWindow(object.atLeast.in) };
  }
  if (object.offset !== undefined) return { type: 'offset', n: Math.abs(object.offset) };
  if (object.self !== undefined) return { type: 'self', n: Math.abs(object.self) };
  if (object.index !== undefined) return { type: 'index' };
  if (object.overlap !== undefined) {
    const shift = object.overlap === true ? {} : object.overlap;
    return { type: 'overlap', start: shift.start ?? 0, end: shift.end ?? 0 };
  }
  if (object.custom !== undefined) return { type: 'custom', name: object.custom };
  if (object.heraNearest !== undefined) return { type: 'heraNearest' };
  return otherwise;
}

function compileWindow(definition: WindowDefinition): Window {
  if (definition === 'interval') return { type: 'interval' };
  if (typeof definition === 'string') return { type: 'period', period: definition, shift: 0 };
  if ('sliding' in definition) return { type: 'sliding', ms: parseDuration(definition.sliding) };
  return { type: 'period', period: definition.period, shift: definition.shift ?? 0 };
}

function maxAge(options: true | { readonly maxAge?: Duration }): DurationMs | null {
  return options === true ? null : optionalMs(options.maxAge);
}

function optionalMs(duration: Duration | undefined): DurationMs | null {
  return duration === undefined ? null : parseDuration(duration);
}

function invalid(job: string, upstream: string, rule: string): SchedulerError<'DEFINITION_INVALID'> {
  const path = `jobs.${job}.after.${upstream}`;
  return new SchedulerError('DEFINITION_INVALID', `${path}: ${rule}`, {
    problems: [{ path, rule: 'selector', message: rule }],
  });
}
