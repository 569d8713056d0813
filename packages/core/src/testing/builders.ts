/** Definitions for tests: only what the test talks about need be said. */
import type { JobDefinition } from '../model/job.js';
import type { WorkerProfile } from '../protocol/messages.js';

/** A shell job that does nothing. */
export function aJob(definition: Partial<JobDefinition> = {}): JobDefinition {
  return { script: 'true', ...definition };
}

/** A worker of four slots that runs shell scripts and is not held to limits of memory and load. */
export function aWorker(profile: Partial<WorkerProfile> = {}): WorkerProfile {
  return {
    worker: 'w1',
    boot: 'boot-1',
    slots: 4,
    pools: ['default'],
    labels: {},
    kinds: ['shell'],
    functions: [],
    enrolled: false,
    pid: 1,
    version: '0.1.0',
    ...profile,
  };
}
