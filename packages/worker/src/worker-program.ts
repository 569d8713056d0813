/**
 * The command `hera-worker`: the agent of a host of its own. It dials out to every server and needs neither a
 * database nor an open port. Told to stop it takes no new attempts and leaves those that run to their shims;
 * the next `hera-worker` on this home, of whatever version, finds them.
 */
import { systemClock } from '@hera/core';
import { composeAgent, stderrObserver } from './compose-agent.js';
import type { ComposedAgent } from './compose-agent.js';
import { selfTest } from './self-test.js';
import { WORKER_VERSION } from './version.js';
import { ConfigError, hostName, identityFile, readWorkerConfig, WORKER_SETTINGS } from './worker-config.js';
import type { WorkerConfig, WorkerServer } from './worker-config.js';

const settingLines = WORKER_SETTINGS.map(
  ({ flag, variable, meaning }) => `  --${flag.padEnd(10)} ${meaning} (${variable})\n`,
);
const USAGE = `hera-worker ${WORKER_VERSION}

Runs attempts for the servers of an estate. On its first start it enrols with a token of
"hera worker enroll"; its keys stay below --home.

${settingLines.join('')}  --config     JSON file with the same names (HERA_WORKER_CONFIG)
  --wait       told to stop, wait for what runs; else it runs on and the next start finds it
`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const MIB = 1_048_576;
const TEST_DISK_MS = 60_000;

/** Who this worker is, and whom it works for. */
interface Identity {
  readonly worker: string;
  readonly servers: readonly WorkerServer[];
  readonly keys?: { readonly publicKey: string; readonly secretKey: string };
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Runs until it is told to stop; ends with 2 for settings that cannot be used, 1 for what fails. */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  if (args.includes('--version')) return void process.stdout.write(`${WORKER_VERSION}\n`);
  if (args.includes('--help')) return void process.stdout.write(USAGE);
  try {
    const config = readWorkerConfig(args, process.env);
    await run(config, await identityOf(config));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`hera-worker: ${message}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function identityOf(config: WorkerConfig): Promise<Identity> {
  const { enrollWorker, readWorkerIdentity } = await import('@hera/transport-zmq');
  const file = identityFile(config.home);
  let identity: Identity | null = await readWorkerIdentity(file);
  if (!identity && config.token !== null) {
    const [server] = config.servers;
    if (!server) throw new ConfigError('--token needs --servers: at one of them it enrols.');
    const worker = config.worker ?? hostName();
    identity = await enrollWorker({ address: server.address, token: config.token, worker, file });
  }
  if (!identity && config.servers.every(({ address }) => !address.startsWith('ipc:'))) {
    throw new ConfigError(
      'It has not enrolled yet: --token and --servers, of "hera worker enroll", are needed.',
    );
  }
  const named = config.servers.filter(({ address, publicKey }) => publicKey ?? address.startsWith('ipc:'));
  return {
    worker: identity?.worker ?? config.worker ?? hostName(),
    servers: named.length > 0 ? named : (identity?.servers ?? []),
    ...(identity?.keys && { keys: identity.keys }),
    pools: config.pools ?? identity?.pools ?? [],
    labels: { ...identity?.labels, ...config.labels },
  };
}

async function run(config: WorkerConfig, identity: Identity): Promise<void> {
  const { createZmqWorkerTransport } = await import('@hera/transport-zmq');
  const transport = createZmqWorkerTransport({
    worker: identity.worker,
    servers: identity.servers,
    ...(identity.keys && { keys: identity.keys }),
    observer: stderrObserver,
  });
  const composed = await composeAgent({
    worker: identity.worker,
    home: config.home,
    slots: config.slots,
    pools: identity.pools,
    labels: identity.labels,
    module: null,
    pulseMs: config.pulseMs,
    enrolled: true,
    transport,
    logs: transport.logs,
    logBytesPerAttemptMax: config.logMib * MIB,
    logBytesPerWorkerMax: config.logsMib * MIB,
  });
  const stopTesting = keepTestingDisk(config, composed);
  const { kinds, slots } = composed.profile;
  stderrObserver.log('info', 'the worker runs', { worker: identity.worker, slots, kinds });
  let signals = 0;
  const stop = () => {
    signals += 1;
    stopTesting();
    void leave(composed, config.wait && signals === 1);
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, stop);
}

/** No new attempts; then, with `wait`, until what runs has ended and its logs are stored. */
async function leave({ agent, shipper, leave: end }: ComposedAgent, wait: boolean): Promise<void> {
  agent.drain(true);
  stderrObserver.log('info', wait ? 'stopping, once what runs has ended' : 'stopping', {
    running: agent.running,
  });
  if (wait) {
    await agent.idle();
    await shipper?.drained();
  }
  await end(false);
  process.exit(0);
}

/** A worker whose disk takes nothing asks for no attempts, and asks again when it does. */
function keepTestingDisk({ home }: WorkerConfig, { agent }: ComposedAgent): () => void {
  let cancel: (() => void) | null = null;
  let isStopped = false;
  let hasFailed = false;
  const test = async () => {
    // A kind without an interpreter is not offered in the first place.
    const [fault] = await selfTest(home, []);
    if (isStopped) return;
    if (fault !== undefined && !hasFailed) {
      stderrObserver.log('error', 'the disk fails its test: no attempts are taken', { fault });
    }
    if (hasFailed !== (fault !== undefined)) agent.drain(fault !== undefined);
    hasFailed = fault !== undefined;
    cancel = systemClock.wakeAfter(TEST_DISK_MS, () => void test());
  };
  void test();
  return () => {
    isStopped = true;
    cancel?.();
  };
}
