/**
 * What a job would run for a slot, from its definitions alone: config and policy inherited, parameters
 * checked, the script rendered. Secrets stay masked, results of upstreams are unknown.
 */
import { compileCalendar } from '../calendar/calendar.js';
import { compileSchedule, dailySlot, nextInstant, slotAt } from '../calendar/schedule.js';
import type { CompiledSchedule } from '../calendar/schedule.js';
import { checkZone, localDateOf, offsetMs, startOfLocalDay } from '../calendar/time-zone.js';
import { parseTime } from '../calendar/time.js';
import { configLayer, inheritConfig, inheritPolicy } from '../config/inherit.js';
import { validateParams } from '../config/params.js';
import { explainScript } from '../config/render.js';
import type { ScriptExplanation } from '../config/render.js';
import { SchedulerError } from '../model/errors.js';
import { instant, localDate, parseInstantText } from '../model/ids.js';
import type { ZoneName } from '../model/ids.js';
import type { Definitions, JobDefinition, PolicyDefinition } from '../model/job.js';
import type { Slot } from '../model/slot.js';
import { didYouMean } from './suggest.js';

/** For which slot, and with what. */
export interface PreviewOptions {
  /** A date (the first slot of that local day), an instant with offset, or `20261123T020000Z`. */
  readonly slot: string;
  /** Now, epoch ms: for expressions that ask for it. */
  readonly nowMs: number;
  /** Zone where neither the job nor a group names one; default UTC. */
  readonly zone?: string;
  readonly area?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly locale?: string;
}

/** A script as it would run. */
export interface ScriptPreview extends ScriptExplanation {
  readonly job: string;
  readonly slot: Slot;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Renders the script of a job for a slot. JOB_NOT_FOUND, TIME_INVALID, PARAMETER_INVALID, TEMPLATE_INVALID,
 * TEMPLATE_LOOP and INCLUDE_LOOP; SLOT_INVALID when the job has no slot on that day.
 */
export function previewScript(
  definitions: Definitions,
  name: string,
  options: PreviewOptions,
): ScriptPreview {
  const jobs = definitions.jobs ?? {};
  const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
  if (job === undefined) {
    const message = `no job "${name}"${didYouMean(name, Object.keys(jobs))}`;
    throw new SchedulerError('JOB_NOT_FOUND', message, { job: name });
  }
  const slot = slotOf(definitions, { name, job }, options);
  const params = validateParams(job.params ?? {}, options.params ?? {});
  const explanation = explainScript({
    text: typeof job.script === 'string' ? job.script : '',
    at: slot.instant,
    zone: slot.zone,
    zoneMath: { offsetMs },
    businessDate: slot.businessDate,
    config: inheritConfig(
      [
        configLayer(`job ${name}`, job.config),
        ...groupsAbove(job.group).map((path) =>
          configLayer(`group ${path}`, definitions.groups?.[path]?.config),
        ),
      ],
      options.area,
    ),
    params,
    declared: job.params ?? {},
    nowMs: instant(options.nowMs),
    ...(options.locale !== undefined && { locale: options.locale }),
  });
  return { job: name, slot, params, ...explanation };
}

/** The group and those above it, nearest first; the root last. */
function groupsAbove(path = ''): string[] {
  const paths: string[] = [];
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) paths.push(at);
  return paths;
}

/** Zone and calendar in force for a job, from itself or the groups above it. */
function policyOf(definitions: Definitions, job: JobDefinition): PolicyDefinition {
  const layers = groupsAbove(job.group).map((path) => {
    const { zone, defaults = {} } = definitions.groups?.[path] ?? {};
    return { origin: path, policy: zone === undefined ? defaults : { ...defaults, zone } };
  });
  const { zone, calendar } = job;
  const own = { ...(zone !== undefined && { zone }), ...(calendar !== undefined && { calendar }) };
  return inheritPolicy<PolicyDefinition>([{ origin: 'job', policy: own }, ...layers]).policy;
}

function slotOf(
  definitions: Definitions,
  { name, job }: { readonly name: string; readonly job: JobDefinition },
  options: PreviewOptions,
): Slot {
  const policy = policyOf(definitions, job);
  const zone = checkZone(policy.zone ?? options.zone ?? 'UTC');
  const schedule = scheduleOf(definitions, job, { zone, calendar: policy.calendar });
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(options.slot);
  if (!isDate) {
    const at = parseInstantText(options.slot) ?? parseTime(options.slot);
    return schedule === null ? dailySlot(zone, at) : slotAt(schedule, at);
  }
  const date = localDate(options.slot);
  const midnight = startOfLocalDay(schedule?.zone ?? zone, date);
  if (schedule === null) return dailySlot(zone, midnight);
  const first = nextInstant(schedule, instant(midnight - 1));
  if (first !== null && localDateOf(schedule.zone, first) === date) return slotAt(schedule, first);
  const next = first === null ? '' : `; its next one is on ${localDateOf(schedule.zone, first)}`;
  const message = `${name} has no slot on ${options.slot}${next}`;
  throw new SchedulerError('SLOT_INVALID', message, { job: name, slot: options.slot });
}

function scheduleOf(
  definitions: Definitions,
  { schedule }: JobDefinition,
  inherited: { readonly zone: ZoneName; readonly calendar: string | undefined },
): CompiledSchedule | null {
  if (schedule === undefined) return null;
  const object = typeof schedule === 'string' ? { cron: schedule } : schedule;
  const { calendar } = inherited;
  return compileSchedule(calendar === undefined ? object : { calendar, ...object }, {
    zone: inherited.zone,
    calendars: (key) => {
      const definition = definitions.calendars?.[key];
      return definition === undefined ? null : compileCalendar(definition);
    },
  });
}
