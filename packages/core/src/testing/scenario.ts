/**
 * Scenarios as text: what is done, and below it everything that came of it, as a data engineer would tell it.
 * The transcript is golden: a test runs the commands on the real kernel in virtual time and compares all of
 * it, so nothing happens unsaid. See test/scenarios and docs/guide/simulate.md for the words.
 *
 *   # Comments and empty lines are kept.
 *   > at 02:10                           lets time go on to that time of the day
 *   02:00:00  orders@0329-0200/1  given to w1
 */
import { localFields } from '../calendar/time-zone.js';
import { parseDuration } from '../calendar/duration.js';
import { parseTime } from '../calendar/time.js';
import { explain, previewPlan, selectJobs } from '../kernel/index.js';
import type { PlanRequest, Reply, Request } from '../kernel/index.js';
import { must } from '../model/assert.js';
import { durationMs, instant, parseRunText, zoneName } from '../model/ids.js';
import type { DomainEvent } from '../model/events.js';
import type { Definitions, JobDefinition } from '../model/job.js';
import type { Duration } from '../model/schedule.js';
import { outcomeOf, readObject } from './scenario-words.js';
import { VirtualEngine } from '../simulator/virtual-engine.js';
import type { AttemptFate, EngineStep } from '../simulator/virtual-engine.js';
import { operationRequest } from './scenario-operations.js';
import { chains, planLine, previewLines, scenarioPlan, timesLine } from './scenario-plans.js';

/** Runs the commands of a scenario; the same text again, with what really came of each. */
export function runScenario(text: string): string {
  const scenario = new Scenario();
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('>')) lines.push(line, ...scenario.obey(line.slice(1).trim()));
    else if (line === '' || line.startsWith('#')) lines.push(line);
  }
  return lines.join('\n');
}

const HOUR_MS = 3_600_000;
const DEFAULT_MS = 60_000;

class Scenario {
  #zone = 'UTC';
  #from = 0;
  #workers: { name: string; slots: number }[] = [];
  readonly #definitions: { jobs: Record<string, JobDefinition> } = { jobs: {} };
  readonly #fates = new Map<string, string[]>();
  readonly #holders: string[] = [];
  #leaseMs = 10 * 60_000;
  #engine: VirtualEngine | null = null;
  /** What happens is not told: a past that nobody needs to read. */
  #isQuiet = false;
  /** Incidents are told too: most scenarios are about something else. */
  #tellsIncidents = false;
  #said: string[] = [];

  /** Carries out one line; everything that came of it. */
  obey(line: string): readonly string[] {
    this.#said = [];
    const [verb = '', ...words] = line.split(/\s+/);
    const rest = line.slice(verb.length).trim();
    const before = this.#beforeStart(verb, words, rest);
    if (!before) this.#during(verb, words, rest);
    return this.#said;
  }

  #beforeStart(verb: string, words: readonly string[], rest: string): boolean {
    switch (verb) {
      case 'zone':
        this.#zone = words[0] ?? 'UTC';
        return true;
      case 'begin':
        this.#from = this.#time(rest);
        return true;
      case 'quiet':
        this.#isQuiet = words[0] === 'on';
        return true;
      case 'incidents':
        this.#tellsIncidents = words[0] === 'on';
        return true;
      case 'lease':
        this.#leaseMs = parseDuration(words[0] as Duration);
        return true;
      case 'workers':
        this.#workers = words.map((word) => {
          const [name = '', slots = '1'] = word.split(':');
          return { name, slots: Number(slots) };
        });
        this.#engine?.setWorkers(this.#workers);
        return true;
      case 'fate': {
        const [job = ''] = words;
        this.#fates.set(
          job,
          rest
            .slice(job.length)
            .split(',')
            .map((fate) => fate.trim()),
        );
        return true;
      }
      case 'chains': {
        const [name = '', size = ''] = words;
        const [count = 0, length = 0] = size.split('x').map(Number);
        const first = readObject(rest.slice(name.length + 1 + size.length).trim());
        Object.assign(this.#definitions.jobs, chains(name, { chains: count, length }, first));
        return true;
      }
      case 'job': {
        const [name = ''] = words;
        const definition = readObject(rest.slice(name.length).trim());
        this.#definitions.jobs[name] = definition;
        if (this.#engine) this.#apply({ jobs: { [name]: definition } });
        return true;
      }
      default:
        return false;
    }
  }

  #during(verb: string, words: readonly string[], rest: string): void {
    const engine = this.#started();
    const [first = ''] = words;
    switch (verb) {
      case 'at':
        engine.run(this.#time(rest));
        return;
      case 'pass':
        engine.run(engine.now + parseDuration(first as Duration));
        return;
      case 'end':
        return this.#end(first, rest.slice(first.length).trim());
      case 'silence':
        return engine.silence(first);
      case 'back':
        engine.back(first, !words.includes('empty'));
        return;
      case 'down':
        return engine.down();
      case 'up':
        return engine.up(first || 's2');
      case 'preview':
      case 'progress':
      case 'times':
        return this.#lookAtPlan(verb, words);
      case 'promise':
        return this.#apply({ commitments: { [first]: readObject(rest.slice(first.length)) as never } });
      case 'why':
        return this.#why(this.#run(first));
      default:
        return this.#ask(this.#request(verb, words));
    }
  }

  #request(verb: string, words: readonly string[]): Request {
    const engine = this.#started();
    const operation = operationRequest(verb, words, { now: engine.now, run: (text) => this.#run(text) });
    if (operation) return operation;
    const [first = '', ...others] = words;
    const option = (name: string) =>
      others.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    switch (verb) {
      case 'resume':
        return { type: 'run.resume', run: this.#run(first), revision: 'newest', params: {} };
      case 'cancel':
        return { type: 'run.cancel', run: this.#run(first), reason: '' };
      case 'force': {
        const verdict = others.includes('failed') ? 'failed' : 'succeeded';
        return { type: 'run.force', run: this.#run(first), verdict, release: true, reason: 'known' };
      }
      case 'resolve': {
        const as = others.includes('succeeded') ? 'succeeded' : others.includes('failed') ? 'failed' : 'dead';
        return { type: 'attempt.resolve', attempt: this.#run(first), as, reason: 'looked at the machine' };
      }
      case 'release':
        return { type: 'worker.release', worker: first };
      case 'ack':
        return { type: 'incident.acknowledge', incident: Number(first), note: others.join(' ') };
      case 'assign':
        return { type: 'incident.assign', incident: Number(first), assignee: others[0] ?? null };
      case 'enable':
      case 'disable':
        return { type: 'job.state', job: first, state: `${verb}d` };
      case 'run-now':
        return {
          type: 'run.now',
          job: first,
          slot: { by: 'adHoc', key: option('key') ?? null, asOf: instant(engine.now) },
          params: {},
        };
      case 'submit':
        return {
          type: 'graph.submit',
          jobs: selectJobs(engine.state, first),
          submission: option('key') ?? null,
          asOf: instant(engine.now),
          params: {},
        };
      case 'rerun-chain':
      case 'rerun':
      case 'backfill':
        return { type: 'plan.create', plan: this.#plan(verb, words), reason: 'asked', start: true };
      case 'plan':
        return { type: 'plan.control', plan: Number(others[0]), verb: first as 'start' };
      default:
        throw new Error(`no command "${verb}" in scenarios`);
    }
  }

  #plan(verb: string, words: readonly string[]): PlanRequest {
    return scenarioPlan(verb, words, {
      run: (text) => this.#run(text),
      time: (text) => this.#time(text),
      zone: this.#zone,
    });
  }

  /** What a plan would do, and what it came to: counts instead of hundreds of lines. */
  #lookAtPlan(verb: string, words: readonly string[]): void {
    const { state } = this.#started();
    const [plan = '', ...rest] = words;
    // Said also where events are not.
    if (verb === 'preview') this.#said.push(...previewLines(previewPlan(state, this.#plan(plan, rest))));
    else if (verb === 'times') this.#said.push(timesLine(state, plan));
    else this.#said.push(planLine(must(state.plans.get(Number(plan)), 'plan')));
  }

  #ask(body: Request): void {
    const reply: Reply = this.#started().request(body, { actor: 'li' });
    if (!reply.ok) this.#say(`refused: ${reply.error.code}`);
  }

  #apply(definitions: Definitions): void {
    this.#ask({ type: 'definitions.apply', definitions, source: 'scenario', prune: false });
  }

  #started(): VirtualEngine {
    if (this.#engine) return this.#engine;
    this.#engine = new VirtualEngine({
      from: this.#from,
      kernel: { zone: zoneName(this.#zone), workerLeaseMs: durationMs(this.#leaseMs) },
      workers: this.#workers,
      foretells: true,
      fate: ({ job }, worker) => this.#fate(job, worker),
      onStep: (step) => this.#tell(step),
    });
    this.#apply(this.#definitions);
    return this.#engine;
  }

  /**
   * The next fate of all attempts on the worker, or of the job: `ok 40m`, `fail 30s`, `host 1s`, `hang`. The
   * last one stays; `none` on a worker leaves it to the job.
   */
  #fate(job: string, worker: string): AttemptFate {
    const ofWorker = this.#fates.get(worker);
    const fates = (ofWorker?.[0] === 'none' ? undefined : ofWorker) ?? this.#fates.get(job) ?? [];
    const [what = 'ok', duration] = ((fates.length > 1 ? fates.shift() : fates[0]) ?? 'ok').split(/\s+/);
    const ms = duration === undefined ? DEFAULT_MS : parseDuration(duration as Duration);
    return { durationMs: what === 'hang' ? Infinity : ms, outcome: outcomeOf(what) };
  }

  #end(attempt: string, what: string): void {
    const engine = this.#started();
    if (!engine.end(this.#run(attempt), outcomeOf(what))) this.#say(`${attempt} is not running`);
    engine.run(engine.now);
  }

  #why(run: string): void {
    for (const { code, subject } of explain(this.#started().state, run))
      this.#say(`because ${code} ${this.#short(subject)}`);
  }

  #tell({ effects }: EngineStep): void {
    for (const event of effects.events) {
      const text = this.#textOf(event);
      if (text !== null) this.#say(text);
    }
    for (const command of effects.commands) {
      if (command.type === 'attempt.kill')
        this.#say(`${this.#short(command.attempt)}  kill sent to ${command.worker}`);
    }
  }

  #textOf(event: DomainEvent): string | null {
    if (event.type.startsWith('incident.') && !this.#tellsIncidents) return null;
    switch (event.type) {
      case 'run.created':
        return `${this.#short(event.run)}  made for ${event.businessDate}`;
      case 'generation.phase': {
        const by = event.generation === 1 ? '' : ` (${event.trigger}, #${event.generation})`;
        const reason = event.reason === null ? '' : `: ${event.reason}`;
        return `${this.#short(event.run)}  ${event.phase}${reason}${by}`;
      }
      case 'attempt.state': {
        // That it runs was said when it was given; only what nobody expects is told.
        if (event.state === 'running') return null;
        const where =
          event.state === 'dispatched' ? `given to ${event.worker}` : `${event.state} on ${event.worker}`;
        return `${this.#short(event.run)}/${event.attempt}  ${where}`;
      }
      case 'plan.state':
        return `plan ${event.plan}  ${event.state}`;
      case 'incident.opened':
        return `incident ${event.incident}  opened by ${this.#short(event.cause)}`;
      case 'incident.joined':
        return `incident ${event.incident}  ${event.total} runs`;
      case 'incident.changed':
        return `incident ${event.incident}  ${event.change} by ${event.actor}`;
      case 'incident.closed':
        return `incident ${event.incident}  closed: ${event.why}`;
      case 'operation.state':
        return `${event.kind} ${event.id}  ${event.state}`;
      case 'alarm':
        // Whose fault a late promise is, is what it is told for.
        return event.code.startsWith('COMMITMENT')
          ? `alarm ${event.code}  ${event.subject}: ${event.message}`
          : `alarm ${event.code}  ${this.#short(event.subject)}`;
      case 'commitment.state':
        return `commitment ${event.commitment}  ${event.state}`;
      case 'worker.state':
        return event.state === 'joined' ? null : `worker ${event.worker}  ${event.state}`;
      case 'leader.elected':
        this.#holders.push(event.holder);
        return this.#holders.length === 1 ? null : `${event.holder} leads, epoch ${event.epoch}`;
      case 'job.changed':
        return event.change === 'added' ? null : `job ${event.job}  ${event.change}`;
      case 'run.rebound':
        return `${this.#short(event.run)}  bound anew: ${event.why}`;
      default:
        return null;
    }
  }

  #say(text: string): void {
    if (this.#isQuiet) return;
    const at = this.#engine?.now ?? this.#from;
    const { hour, minute, second } = localFields(zoneName(this.#zone), instant(at));
    this.#said.push(`${[hour, minute, second].map((n) => String(n).padStart(2, '0')).join(':')}  ${text}`);
  }

  /** `orders@0329-0200`: the local month, day and time of the slot. */
  #short(subject: string): string {
    const ref = parseRunText(subject);
    if (!ref?.slotKey.startsWith('t:')) return subject;
    const tail =
      ref.attempt !== undefined
        ? `/${ref.attempt}`
        : ref.generation !== undefined
          ? `#${ref.generation}`
          : '';
    const bare = subject.slice(0, subject.length - tail.length);
    const compact = bare.slice(bare.indexOf('@') + 1);
    const iso = compact.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:$6');
    const fields = localFields(zoneName(this.#zone), parseTime(iso));
    const [month, day, hour, minute] = [fields.month, fields.day, fields.hour, fields.minute].map((n) =>
      String(n).padStart(2, '0'),
    );
    return `${ref.job}@${month}${day}-${hour}${minute}${tail}`;
  }

  /** The run that `#short` gives this text to. */
  #run(text: string): string {
    const match = /^(.*)@(\d\d)(\d\d)-(\d\d)(\d\d)(.*)$/.exec(text);
    if (!match) return text;
    const [, job, month, day, hour, minute, tail] = match;
    const at = this.#time(`${new Date(this.#from).getUTCFullYear()}-${month}-${day}T${hour}:${minute}`);
    const iso = new Date(at).toISOString();
    return `${job}@${iso.slice(0, 19).replaceAll('-', '').replaceAll(':', '')}Z${tail}`;
  }

  /** `2026-03-29T02:10` or `02:10`, local; or with an offset. A time of the day is the next one there is. */
  #time(text: string): number {
    if (/[Z+]/.test(text.slice(10))) return parseTime(text);
    const now = this.#engine?.now ?? this.#from;
    if (/^\d\d:\d\d/.test(text)) {
      const { year, month, day } = localFields(zoneName(this.#zone), instant(now));
      const date = [year, month, day].map((n) => String(n).padStart(2, '0')).join('-');
      const today = this.#local(`${date}T${text}`);
      return today > now ? today : this.#local(`${nextDate(date)}T${text}`);
    }
    return this.#local(text.includes('T') ? text : `${text}T00:00`);
  }

  #local(text: string): number {
    const guess = parseTime(`${text}Z`);
    // The offset at the guess, and then at what that gives: right but within an hour of a change of the
    // clock.
    let at = guess as number;
    for (let round = 0; round < 2; round += 1) at = guess - this.#offsetAt(at);
    return at;
  }

  #offsetAt(at: number): number {
    const { year, month, day, hour, minute, second } = localFields(zoneName(this.#zone), instant(at));
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
  }
}

const nextDate = (date: string) =>
  new Date(Date.parse(`${date}T00:00Z`) + 24 * HOUR_MS).toISOString().slice(0, 10);
