/**
 * Gates with every default written out. What a check runs is a row of a table: a command template whose place
 * is filled with what the author wrote; `${key}` in it is filled like that of a script, when it is asked.
 */
import { parseDuration } from '../calendar/duration.js';
import { SchedulerError } from '../model/errors.js';
import type { GateDefinition, GateType, OnGateDeadline } from '../model/gate.js';
import type { Duration } from '../model/schedule.js';

/** A gate as the kernel works with it. */
export interface KernelGate {
  readonly name: string;
  readonly type: GateType;
  /** Of a check: what kind of worker runs it, and the text it runs. */
  readonly kind: string;
  readonly script: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Of an event gate. */
  readonly event: string;
  /** Who may approve; null is anybody. */
  readonly approvers: readonly string[] | null;
  readonly deadlineMs: number | null;
  readonly onDeadline: OnGateDeadline;
}

const DEFAULT_EVERY_MS = 300_000;
const DEFAULT_TIMEOUT_MS = 60_000;
const EVERY_MIN_MS = 1_000;

/** A text as one word of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** `db.table/dt=1/hour=2` as a question to Hive. */
function partitionQuery(text: string): string {
  const [table = '', ...parts] = text.split('/');
  const spec = parts.map((part) => {
    const at = part.indexOf('=');
    return `${part.slice(0, at)}='${part.slice(at + 1)}'`;
  });
  return `SHOW PARTITIONS ${table} PARTITION(${spec.join(', ')})`;
}

/** Kinds of checks: one row each. */
const CHECKS: Readonly<Record<string, { readonly kind: string; readonly script: (text: string) => string }>> =
  {
    command: { kind: 'shell', script: (text) => text },
    http: {
      kind: 'shell',
      script: (text) => `curl --fail --silent --show-error --location --output /dev/null -- ${quoted(text)}`,
    },
    sql: {
      kind: 'shell',
      script: (text) =>
        `mysql --batch --skip-column-names --execute=${quoted(text)} | head -n 1 | grep -qvE '^(0|NULL)?$'`,
    },
    hdfs: { kind: 'shell', script: (text) => `hdfs dfs -test -e ${quoted(text)}` },
    hive: { kind: 'shell', script: (text) => `hive -S -e ${quoted(partitionQuery(text))} | grep -q .` },
    function: { kind: 'function', script: () => '' },
  };

const NO_GATES: readonly KernelGate[] = [];

/** Compiles the gates of a job. @throws SchedulerError for a duration that does not read. */
export function compileGates(
  job: string,
  gates: Readonly<Record<string, GateDefinition>> | undefined,
): readonly KernelGate[] {
  if (gates === undefined) return NO_GATES;
  return Object.entries(gates).map(([name, definition]) => compileGate(job, name, definition));
}

function compileGate(job: string, name: string, definition: GateDefinition): KernelGate {
  const path = `jobs.${job}.gates.${name}`;
  const { deadline, onDeadline = 'wait' } = definition;
  const fields = definition as unknown as Readonly<Record<string, unknown>>;
  const deadlineMs = deadline === undefined ? null : duration(`${path}.deadline`, deadline);
  const common = { name, deadlineMs, onDeadline, ...NOTHING };
  if ('event' in definition) return { ...common, type: 'event', event: definition.event };
  if ('approval' in definition) {
    const { approval } = definition;
    return { ...common, type: 'approval', approvers: approval === true ? null : approval };
  }
  const asked = Object.entries(CHECKS).find(([key]) => key in definition);
  if (!asked) {
    const message = `${path}: a gate names one of ${Object.keys(CHECKS).join(', ')}, event or approval`;
    throw new SchedulerError('DEFINITION_INVALID', message, { problems: [{ path, rule: 'gate', message }] });
  }
  const [key, check] = asked;
  const { every = DEFAULT_EVERY_MS, timeout = DEFAULT_TIMEOUT_MS } = definition;
  return {
    ...common,
    type: 'check',
    kind: check.kind,
    script: check.script(String(fields[key])),
    everyMs: Math.max(EVERY_MIN_MS, duration(`${path}.every`, every)),
    timeoutMs: Math.max(EVERY_MIN_MS, duration(`${path}.timeout`, timeout)),
  };
}

const NOTHING = {
  kind: '',
  script: '',
  everyMs: 0,
  timeoutMs: 0,
  event: '',
  approvers: null,
} as const;

function duration(path: string, text: Duration): number {
  try {
    return parseDuration(text);
  } catch (error) {
    const message = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new SchedulerError('DEFINITION_INVALID', message, {
      problems: [{ path, rule: 'duration', message }],
    });
  }
}

/** What a job's own start is spread by: the same for the same name, below `jitterMs`. */
export function startSpread(job: string, jitterMs: number): number {
  if (jitterMs <= 0) return 0;
  // FNV-1a: names that differ in their last letter must not start together.
  let hash = 0x811c9dc5;
  for (let i = 0; i < job.length; i++) hash = Math.imul(hash ^ job.charCodeAt(i), 0x01000193) >>> 0;
  return Math.floor((hash / 2 ** 32) * jitterMs);
}
