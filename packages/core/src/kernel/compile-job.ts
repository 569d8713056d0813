/**
 * Settles what a job inherits: policy of its groups, nearest first, then the defaults of the product. Config
 * and files are inherited when a script is rendered, so an edit of a group needs no change here.
 */
import { parseDuration } from '../calendar/duration.js';
import type { CompiledSchedule } from '../calendar/schedule.js';
import { SchedulerError } from '../model/errors.js';
import type { ZoneName } from '../model/ids.js';
import type { GroupDefinition, JobDefinition, PolicyDefinition, RetryDefinition } from '../model/job.js';
import type { FailureRule } from '../protocol/messages.js';
import { ACCEPT } from './codes.js';
import { compileGates, startSpread } from './compile-gates.js';
import type { KernelGate } from './compile-gates.js';
import { compileEdge } from './compile-edge.js';
import { DEFAULT_PRIORITY } from './priority.js';
import type { JobPolicy, KernelEdge, RetryPolicy } from './records.js';
import type { SchedulerState } from './state.js';

const HOUR_MS = 3_600_000;
const DEFAULT_TIMEOUT_MS = 12 * HOUR_MS;
export const DEFAULT_POOL = 'default';
const DEFAULT_KIND = 'shell';

const POLICY_KEYS = [
  'kind',
  'pool',
  'zone',
  'calendar',
  'timeout',
  'queueTimeout',
  'onQueueTimeout',
  'expect',
  'overlap',
  'pauseAfter',
  'onWorkerLost',
  'priority',
  'runAs',
  'areas',
  'owner',
  'echo',
  'encoding',
] as const satisfies readonly (keyof PolicyDefinition)[];

/** Paths of a group and of those above it, nearest first; the root is the empty path. */
export function groupPaths(path: string): string[] {
  const parts = path === '' ? [] : path.split('/');
  const paths = parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
  return [...paths, ''];
}

/** Policy as the job has it after inheritance, still in the author's shape. */
export function inheritedPolicy(
  definition: JobDefinition,
  groups: ReadonlyMap<string, GroupDefinition>,
): PolicyDefinition {
  const layers: PolicyDefinition[] = [definition];
  for (const path of groupPaths(definition.group ?? '')) {
    const group = groups.get(path);
    if (!group) continue;
    if (group.defaults) layers.push(group.defaults);
    if (group.zone !== undefined) layers.push({ zone: group.zone });
    if (group.owner !== undefined) layers.push({ owner: group.owner });
  }
  const merged: Record<string, unknown> = {};
  for (const key of POLICY_KEYS) {
    const layer = layers.find((candidate) => candidate[key] !== undefined);
    if (layer) merged[key] = layer[key];
  }
  // Objects are inherited field by field: a job that says only how often keeps its group's delay.
  const farFirst = layers.toReversed();
  merged['retry'] = Object.assign({}, ...farFirst.map((layer) => layer.retry));
  // Asked in this order: what is nearer comes first.
  const rules = layers.flatMap((layer) => Object.entries(layer.failures ?? {})).reverse();
  if (rules.length > 0)
    merged['failures'] = Object.fromEntries(Object.entries(Object.fromEntries(rules)).reverse());
  merged['needs'] = Object.assign({}, ...farFirst.map((layer) => layer.needs));
  merged['labels'] = Object.assign({}, ...farFirst.map((layer) => layer.labels));
  return merged;
}

/** A job's policy, schedule and edges with every default written out. */
export interface CompiledJob {
  readonly policy: JobPolicy;
  readonly schedule: CompiledSchedule | null;
  readonly edges: readonly KernelEdge[];
  readonly gates: readonly KernelGate[];
  readonly spreadMs: number;
}

/** Where compiling looks things up; the state, or a trial of what it will be. */
export type CompileContext = Pick<SchedulerState, 'groups' | 'calendars' | 'options' | 'schedules'>;

/** Compiles a job. @throws SchedulerError for a schedule, zone, duration, size or edge that does not read. */
export function compileJob(context: CompileContext, name: string, definition: JobDefinition): CompiledJob {
  const inherited = inheritedPolicy(definition, context.groups);
  const policy = compilePolicy(inherited, {
    name,
    hera: definition.compat === 'hera',
    zone: context.options.zone,
  });
  return {
    policy,
    schedule: scheduleOf(context, definition, { inherited, policy }),
    edges: edgesOf(name, definition),
    gates: compileGates(name, definition.gates),
    spreadMs: spreadOf(name, definition.schedule),
  };
}

function scheduleOf(
  context: CompileContext,
  definition: JobDefinition,
  of: { readonly inherited: PolicyDefinition; readonly policy: JobPolicy },
): CompiledSchedule | null {
  if (definition.schedule === undefined) return null;
  const schedule =
    typeof definition.schedule === 'string' ? { cron: definition.schedule } : definition.schedule;
  const calendar = schedule.calendar ?? of.inherited.calendar;
  return context.schedules.compile(calendar === undefined ? schedule : { ...schedule, calendar }, {
    zone: of.policy.zone,
    calendars: (name) => context.calendars.get(name)?.compiled ?? null,
  });
}

function spreadOf(name: string, schedule: JobDefinition['schedule']): number {
  const jitter = typeof schedule === 'object' ? schedule.jitter : undefined;
  return jitter === undefined ? 0 : startSpread(name, parseDuration(jitter));
}

function edgesOf(name: string, definition: JobDefinition): KernelEdge[] {
  return Object.entries(definition.after ?? {}).map(([upstream, edge]) => {
    const compiled = compileEdge(upstream, edge, { job: name, hera: definition.compat === 'hera' });
    return { ...compiled, mask: compiled.accept.reduce((mask, accepted) => mask | ACCEPT[accepted], 0) };
  });
}

function compilePolicy(
  policy: PolicyDefinition,
  job: { readonly name: string; readonly hera: boolean; readonly zone: ZoneName },
): JobPolicy {
  const { name } = job;
  const needs = policy.needs ?? {};
  return {
    kind: policy.kind ?? DEFAULT_KIND,
    pool: policy.pool ?? DEFAULT_POOL,
    zone: (policy.zone ?? job.zone) as ZoneName,
    retry: compileRetry(policy.retry ?? {}, job.hera),
    failures: policy.failures ? failureRules(policy.failures) : null,
    pauseAfter: policy.pauseAfter ?? 0,
    queueTimeoutMs: policy.queueTimeout === undefined ? 0 : parseDuration(policy.queueTimeout),
    onQueueTimeout: policy.onQueueTimeout ?? 'alarm',
    timeoutMs: policy.timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(policy.timeout),
    overlap: policy.overlap ?? 'queue',
    expectMs: policy.expect?.duration === undefined ? null : parseDuration(policy.expect.duration),
    expectEnd: policy.expect?.end === undefined ? null : minuteOfDay(policy.expect.end),
    onWorkerLost: policy.onWorkerLost ?? 'fence',
    priority: policy.priority ?? DEFAULT_PRIORITY,
    slots: needs.slots ?? 1,
    memoryBytes: parseBytes(needs.memory ?? 0, `jobs.${name}.needs.memory`),
    labels: needs.labels ?? {},
    concurrency: needs.concurrency ?? [],
    owner: policy.owner ?? '',
    tags: policy.labels ?? {},
    areas: policy.areas ?? null,
  };
}

/** Minutes of `HH:MM`; the schema has seen to its shape. */
function minuteOfDay(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}

function compileRetry(retry: RetryDefinition, hera: boolean): RetryPolicy {
  const allClasses = ['user', 'resource', 'outside', 'host', 'unknown'] as const;
  return {
    attempts: retry.attempts ?? 1,
    delayMs: retry.delay === undefined ? 0 : parseDuration(retry.delay),
    exponential: retry.backoff === 'exponential',
    delayMaxMs: retry.delayMax === undefined ? HOUR_MS : parseDuration(retry.delayMax),
    jitter: retry.jitter ?? 0,
    on: retry.on ?? (hera ? allClasses : ['resource', 'outside', 'unknown']),
  };
}

const failureRules = (rules: NonNullable<PolicyDefinition['failures']>): FailureRule[] =>
  Object.entries(rules).map(([name, rule]) => ({ name, ...rule }));

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** Bytes of `4GiB`, `512MiB` or a number. @throws SchedulerError `DEFINITION_INVALID`. */
function parseBytes(size: number | string, path: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?i?B?)$/.exec(String(size));
  const unit = BYTE_UNITS[match?.[2] ?? '?'];
  if (match?.[1] === undefined || unit === undefined) {
    const message = `${path}: a size is a number with B, KiB, MiB, GiB or TiB, got "${size}"`;
    throw new SchedulerError('DEFINITION_INVALID', message, { problems: [{ path, rule: 'size', message }] });
  }
  return Math.round(Number(match[1]) * unit);
}

/** Policy of a job record that has not been compiled yet. */
export const UNCOMPILED: JobPolicy = compilePolicy({}, { name: '', hera: false, zone: 'UTC' as ZoneName });
