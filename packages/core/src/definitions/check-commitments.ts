/** Rules of `commitments`. */
import { parseSelection } from '../graph/selection.js';
import type { CommitmentDefinition } from '../model/commitment.js';
import { isSchedulerError } from '../model/errors.js';
import type { CompiledCalendars } from './check-schedule.js';
import { reportZone } from './report.js';
import type { Report } from './report.js';
import { didYouMean } from './suggest.js';

/** Checks selection, zone and calendar of one commitment. */
export function checkCommitment(
  name: string,
  commitment: CommitmentDefinition,
  known: { readonly calendars: CompiledCalendars; readonly report: Report },
): void {
  const { calendars, report } = known;
  const at = ['commitments', name];
  const { jobs, zone, calendar } = commitment;
  if (zone !== undefined) reportZone([...at, 'zone'], zone, report);
  if (calendar !== undefined && !calendars.has(calendar)) {
    const near = didYouMean(calendar, calendars.keys());
    report([...at, 'calendar'], 'calendar', `names the calendar "${calendar}", which does not exist${near}`);
  }
  try {
    parseSelection(jobs);
  } catch (error) {
    if (!isSchedulerError(error, 'SELECTION_INVALID')) throw error;
    report([...at, 'jobs'], 'selection', `is "${jobs}": ${error.message}`);
  }
}
