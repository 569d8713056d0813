/**
 * From the facts of a claimed attempt to all that its worker needs: the definition of the claimed revision,
 * config with inheritance, parameters, results of upstreams, the rendered script, and the secrets, unsealed
 * last. What is at hand is rendered at once; the store and the keeper of secrets are asked only where they
 * must be. A script that cannot be rendered is an error of its author, reported as such.
 */
import { offsetMs } from '../calendar/time-zone.js';
import { configLayer, inheritConfig } from '../config/inherit.js';
import type { ConfigLayer, EffectiveConfig } from '../config/inherit.js';
import { paramEnvironment, validateParams } from '../config/params.js';
import { insertSecrets, renderScript } from '../config/render.js';
import type { JsonValue, RenderInput, SecretPlace } from '../config/render.js';
import type { AttemptFacts } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import { instant, localDate, zoneName } from '../model/ids.js';
import type { JobDefinition } from '../model/job.js';
import type { ZoneMath } from '../model/zone-math.js';
import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import type { AttemptWork } from '../protocol/messages.js';
import type { ResultCache } from './results.js';

/** Gives the text of a secret by its name; rejects, or throws, when there is none. */
export type SecretKeeper = (name: string) => string | Promise<string>;

export interface RendererOptions {
  readonly store: Store;
  readonly results: ResultCache;
  readonly clock: Clock;
  /** Region of this installation: config keys of that area win where no plain key is set. */
  readonly area?: string;
  /** Without one, an attempt that needs a secret fails. */
  readonly secrets?: SecretKeeper;
  /** Text of a shared script by the key of `include[key]`; null leaves the include as it is. */
  readonly include?: (key: string) => string | null;
  /** Language of month and weekday names in date expressions; default `en`. */
  readonly locale?: string;
}

type UpstreamResults = AttemptWork['upstream'];

/** From TERM to KILL. */
const GRACE_MS = 10_000;
const ZONE_MATH: ZoneMath = { offsetMs };
const EMPTY: Readonly<Record<string, never>> = {};
const NO_SECRETS: readonly SecretPlace[] = [];
const NO_CONFIG: EffectiveConfig = { entries: new Map() };

/** Renders attempts for one leader. */
export class Renderer {
  readonly #options: RendererOptions;

  constructor(options: RendererOptions) {
    this.#options = options;
  }

  /** The work, or a promise of it where something has to be read first. Throws or rejects on any failure. */
  render(facts: AttemptFacts): AttemptWork | Promise<AttemptWork> {
    const upstream = this.#resultsAtHand(facts);
    if (!upstream || facts.revisionToRead !== null) return this.#readAndRender(facts);
    const { work, secrets } = this.#renderWith(facts, facts.definition, upstream);
    return secrets.length === 0 ? work : this.#unseal(work, secrets);
  }

  async #readAndRender(facts: AttemptFacts): Promise<AttemptWork> {
    const definition = await this.#definitionOf(facts);
    const upstream = await this.#readResults(facts);
    const { work, secrets } = this.#renderWith(facts, definition, upstream);
    return secrets.length === 0 ? work : this.#unseal(work, secrets);
  }

  async #definitionOf({ definition, revisionToRead, claim }: AttemptFacts): Promise<JobDefinition> {
    if (revisionToRead === null) return definition;
    const prefix = [claim.jobId, revisionToRead];
    const [row] = await this.#options.store.read('job_revision', { prefix, limit: 1 });
    const text = row?.value['definition'];
    if (typeof text === 'string') return JSON.parse(text) as JobDefinition;
    const message = `${claim.job}: revision ${revisionToRead} is not in the store any more`;
    throw new SchedulerError('STATE_CONFLICT', message, { subject: claim.job, state: 'revision missing' });
  }

  /** Results of all upstreams if none has to be read; undefined otherwise. */
  #resultsAtHand({ upstream }: AttemptFacts): UpstreamResults | undefined {
    const names = Object.keys(upstream);
    if (names.length === 0) return EMPTY;
    const results: Record<string, UpstreamResults[string]> = {};
    for (const name of names) {
      const values: (string | null)[] = [];
      for (const { job, slotKey } of upstream[name] ?? []) {
        const result = this.#options.results.peek(job, slotKey);
        if (result === undefined) return undefined;
        values.push(result);
      }
      results[name] = { value: values.at(-1) ?? null, values };
    }
    return results;
  }

  async #readResults({ upstream }: AttemptFacts): Promise<UpstreamResults> {
    const { results } = this.#options;
    const read = Object.entries(upstream).map(async ([name, runs]) => {
      const values = await Promise.all(runs.map(({ job, slotKey }) => results.read(job, slotKey)));
      return [name, { value: values.at(-1) ?? null, values }] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  #renderWith(facts: AttemptFacts, definition: JobDefinition, upstream: UpstreamResults): Rendered {
    const params = declaredParams(definition, facts.params);
    const config = this.#configOf(facts, definition);
    if (facts.kind === 'function' && config === NO_CONFIG) {
      return { work: this.#work(facts, NO_SCRIPT, { ...NO_TEXTS, params, upstream }), secrets: NO_SECRETS };
    }
    const template = new Template({
      ...this.#context(facts, config),
      params,
      declared: definition.params ?? EMPTY,
      upstream: parsedResults(upstream),
    });
    const script = facts.kind === 'function' ? NO_SCRIPT : scriptOf(facts, definition, template);
    const env = facts.kind === 'function' ? EMPTY : paramEnvironment(params);
    const filled = { config: template.fillConfig(config), params, env, upstream };
    return { work: this.#work(facts, script, filled), secrets: template.secrets };
  }

  #configOf(facts: AttemptFacts, definition: JobDefinition): EffectiveConfig {
    const layers: ConfigLayer[] = [];
    if (Object.keys(facts.overlay).length > 0) layers.push(configLayer('plan', facts.overlay));
    for (const { origin, config } of facts.sources) {
      const isOwn = facts.revisionToRead !== null && origin.startsWith('job ');
      const own = isOwn ? definition.config : config;
      if (own && Object.keys(own).length > 0) layers.push(configLayer(origin, own));
    }
    return layers.length === 0 ? NO_CONFIG : inheritConfig(layers, this.#options.area);
  }

  #context({ slot }: AttemptFacts, config: EffectiveConfig): Omit<RenderInput, 'text'> {
    const { clock, include, locale } = this.#options;
    return {
      at: instant(slot.instant),
      zone: zoneName(slot.zone),
      zoneMath: ZONE_MATH,
      businessDate: localDate(slot.businessDate),
      config,
      nowMs: instant(clock.wallMs()),
      ...(include && { include }),
      ...(locale !== undefined && { locale }),
    };
  }

  /** One literal: an order is made for every attempt, and spreading its parts would cost most of all. */
  #work(facts: AttemptFacts, script: Script, filled: Filled): AttemptWork {
    const { claim } = facts;
    const { key, instant: at, interval, businessDate, day, zone } = facts.slot;
    const work: AttemptWork = {
      attempt: claim.attempt,
      job: claim.job,
      run: claim.attempt.slice(0, claim.attempt.lastIndexOf('/')),
      generation: claim.generation,
      number: claim.number,
      kind: facts.kind,
      script: script.script,
      secrets: EMPTY,
      env: filled.env,
      files: script.files,
      pre: script.pre,
      post: script.post,
      timeoutMs: facts.timeoutMs,
      graceMs: GRACE_MS,
      onWorkerLost: facts.onWorkerLost,
      echo: facts.echo,
      encoding: facts.encoding,
      slot: { key, instant: at, start: interval.start, end: interval.end, businessDate, day, zone },
      params: filled.params,
      config: filled.config,
      upstream: filled.upstream,
    };
    return facts.failures === null ? work : { ...work, failures: facts.failures };
  }

  async #unseal(work: AttemptWork, places: readonly SecretPlace[]): Promise<AttemptWork> {
    const { secrets: keeper } = this.#options;
    const secrets: Record<string, string> = {};
    for (const { placeholder, secret } of places) {
      if (!keeper) {
        const rule = 'no keeper of secrets is set up here';
        throw new SchedulerError('OPTION_INVALID', `secret "${secret}" is needed, but ${rule}`, {
          option: 'secrets',
          expected: 'a function that gives the text of a secret',
        });
      }
      secrets[placeholder] = await keeper(secret);
    }
    // A function has no script in which a worker could put them last.
    return work.kind === 'function'
      ? { ...work, config: withSecrets(work.config, secrets) }
      : { ...work, secrets };
  }
}

interface Rendered {
  readonly work: AttemptWork;
  readonly secrets: readonly SecretPlace[];
}

type Script = Pick<AttemptWork, 'script' | 'pre' | 'post' | 'files'>;
type Filled = Pick<AttemptWork, 'env' | 'params' | 'config' | 'upstream'>;

/** A function has no texts to fill. */
const NO_SCRIPT: Script = { script: '', pre: [], post: [], files: EMPTY };
const NO_TEXTS = { env: EMPTY, config: EMPTY };

/** The texts of a job; its files come last, because a script may ask for more. */
function scriptOf(facts: AttemptFacts, definition: JobDefinition, template: Template): Script {
  return {
    script: template.fill(scriptText(facts.claim.job, definition)),
    pre: (definition.pre ?? []).map((command) => template.fill(command)),
    post: (definition.post ?? []).map((command) => template.fill(command)),
    files: template.fillFiles(filesOf(facts, definition)),
  };
}

/** Fills the texts of one attempt and collects the secrets they need. */
class Template {
  readonly #input: Omit<RenderInput, 'text'>;
  readonly #secrets = new Map<string, SecretPlace>();
  readonly #downloads: Record<string, string> = {};

  constructor(input: Omit<RenderInput, 'text'>) {
    this.#input = input;
  }

  get secrets(): readonly SecretPlace[] {
    return [...this.#secrets.values()];
  }

  fill(text: string): string {
    const rendered = renderScript({ ...this.#input, text });
    for (const place of rendered.secrets) this.#secrets.set(place.placeholder, place);
    for (const { name, uri } of rendered.downloads) this.#downloads[name] ??= uri;
    return rendered.text;
  }

  /** To be called last: downloads that the texts asked for come with the declared files. */
  fillFiles(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const filled: Record<string, string> = {};
    for (const [name, source] of Object.entries(files)) filled[name] = this.fill(source);
    return { ...this.#downloads, ...filled };
  }

  fillConfig({ entries }: EffectiveConfig): Readonly<Record<string, string>> {
    if (entries.size === 0) return EMPTY;
    const filled: Record<string, string> = {};
    for (const [key, { value }] of entries) {
      const isPlain = typeof value === 'string' && !value.includes('${');
      filled[key] = isPlain ? value : this.fill(`\${${key}}`);
    }
    return filled;
  }
}

function declaredParams({ params: declared }: JobDefinition, given: Readonly<Record<string, string>>) {
  if (!declared) return EMPTY;
  // A submission hands its parameters to all its jobs; each takes what it declares.
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(declared, name));
  return validateParams(declared, Object.fromEntries(own));
}

function scriptText(job: string, { script = '' }: JobDefinition): string {
  if (typeof script === 'string') return script;
  const message = `${job}: the script file ${script.file} was not read before the definition was applied`;
  throw new SchedulerError('TEMPLATE_INVALID', message, { expression: script.file, offset: 0 });
}

function filesOf({ sources }: AttemptFacts, definition: JobDefinition): Readonly<Record<string, string>> {
  const files: Record<string, string> = { ...definition.files };
  for (const source of sources) {
    for (const [name, uri] of Object.entries(source.files)) files[name] ??= uri;
  }
  return files;
}

function parsedResults(upstream: UpstreamResults): Readonly<Record<string, JsonValue>> {
  const parsed: Record<string, JsonValue> = {};
  for (const [name, { value }] of Object.entries(upstream)) {
    if (value !== null) parsed[name] = JSON.parse(value) as JsonValue;
  }
  return parsed;
}

function withSecrets(
  config: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const filled: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) filled[key] = insertSecrets(value, secrets);
  return filled;
}
