/** Words of scenarios that stand for values: how an attempt ends, what a definition says. */
import type { JobDefinition } from '../model/job.js';
import type { AttemptOutcome } from '../model/run.js';

/** What an attempt comes to. */
export function outcomeOf(what: string): AttemptOutcome {
  switch (what) {
    case 'ok':
      return { state: 'succeeded', exitCode: 0 };
    case 'fail':
      return { state: 'failed', exitCode: 1, failure: 'unknown' };
    case 'bug':
      return { state: 'failed', exitCode: 1, failure: 'user' };
    case 'host':
      return { state: 'failed', exitCode: null, failure: 'host' };
    default:
      return { state: 'succeeded', exitCode: 0 };
  }
}

/** JSON with bare keys, which is easier on the eye: `{ schedule: "0 2 * * *" }`. */
export function readObject(text: string): JobDefinition {
  if (text === '') return {};
  return JSON.parse(text.replaceAll(/([{,]\s*)([A-Za-z_][\w.-]*)\s*:/g, '$1"$2":')) as JobDefinition;
}
