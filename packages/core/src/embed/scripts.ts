/** Scripts without an engine: the text that would run, and where each part of it comes from. */
import { parseTime } from '../calendar/time.js';
import { checkZone, offsetMs } from '../calendar/time-zone.js';
import { configLayer, inheritConfig } from '../config/inherit.js';
import { explainScript as explain, renderScript as render } from '../config/render.js';
import type { JsonValue, RenderInput, ScriptExplanation } from '../config/render.js';
import { localDate } from '../model/ids.js';
import type { ConfigDefinition } from '../model/job.js';
import type { Time } from './types.js';

/** What a script is rendered for and from. */
export interface ScriptOptions {
  /** The instant of the slot, from which every date expression starts. */
  readonly at: Time;
  /** Default UTC. */
  readonly zone?: string;
  readonly config?: ConfigDefinition;
  /** Gives `${bizdate}`, `YYYY-MM-DD`. */
  readonly businessDate?: string;
  /** Values of `${param.x}`. */
  readonly params?: Readonly<Record<string, string>>;
  /** Results of upstreams, by name. */
  readonly upstream?: Readonly<Record<string, JsonValue>>;
  /** Text of a shared script by the key of `include[key]`. */
  readonly include?: (key: string) => string | null;
  /** Language of month and weekday names: `zh` or `en`, the default. */
  readonly locale?: string;
}

/**
 * The text that would run; a secret leaves a mark in its place. @throws SchedulerError `TEMPLATE_INVALID`,
 * `TEMPLATE_LOOP`, `INCLUDE_LOOP`, `PARAMETER_INVALID`, `TIME_INVALID`, `ZONE_UNKNOWN`.
 */
export function renderScript(text: string, options: ScriptOptions): string {
  return render(inputOf(text, options)).text;
}

/** The text, its parts with their origins, and names that stand for nothing; throws as `renderScript`. */
export function explainScript(text: string, options: ScriptOptions): ScriptExplanation {
  return explain(inputOf(text, options));
}

function inputOf(text: string, options: ScriptOptions): RenderInput {
  const { zone = 'UTC', config = {}, businessDate, params, upstream, include, locale } = options;
  const at = parseTime(options.at);
  return {
    text,
    at,
    // Expressions about "now" mean the slot too: the same input gives the same text.
    nowMs: at,
    zone: checkZone(zone),
    zoneMath: { offsetMs },
    config: inheritConfig([configLayer('config', config)]),
    ...(businessDate !== undefined && { businessDate: localDate(businessDate) }),
    ...(params && { params }),
    ...(upstream && { upstream }),
    ...(include && { include }),
    ...(locale !== undefined && { locale }),
  };
}
