/**
 * A kind of job of its own: the script of an `http` job is a request, `GET http://…`, and what comes back is
 * its result. An executor starts, tells each start and end once, kills, and never throws.
 */

/**
 * @param {{ now?: () => number }} [options]
 * @returns {import('@hera/core').Executor}
 */
export function createHttpExecutor({ now = Date.now } = {}) {
  /** @type {Map<string, { abort: AbortController, why: string | null, ended: Promise<void> }>} */
  const running = new Map();

  async function run(work, out, going) {
    const timer = setTimeout(() => kill(work.attempt, 'timeout'), work.timeoutMs);
    const outcome = await request(work, going.abort.signal).catch((error) =>
      failed('outside', String(error)),
    );
    clearTimeout(timer);
    running.delete(work.attempt);
    out.onEnded(work.attempt, now(), going.why === null ? outcome : stopped(going.why));
  }

  function kill(attempt, why) {
    const going = running.get(attempt);
    if (!going) return;
    going.why ??= why;
    going.abort.abort();
  }

  return {
    kinds: ['http'],
    functions: [],
    start(work, out) {
      if (work.kind !== 'http') {
        // Another worker may be able to: a failure of the host is tried elsewhere.
        out.onEnded(work.attempt, now(), { ...failed('host', `no ${work.kind} here`), exitCode: null });
        return;
      }
      const going = { abort: new AbortController(), why: null, ended: Promise.resolve() };
      running.set(work.attempt, going);
      out.onStarted(work.attempt, now());
      going.ended = run(work, out, going);
    },
    kill,
    recover: async () => [],
    forget() {},
    async close({ kill: all }) {
      const ends = [...running.values()].map(({ ended }) => ended);
      if (!all) return;
      for (const attempt of running.keys()) kill(attempt, 'cancel');
      await Promise.all(ends);
    },
  };
}

async function request({ script }, signal) {
  const [, method, url] = /^(GET|POST)\s+(\S+)/.exec(script.trim()) ?? [];
  if (!url) return failed('user', 'the script is no request');
  const response = await fetch(url, { method, signal });
  const body = await response.text();
  if (response.ok) return { state: 'succeeded', exitCode: 0, result: JSON.stringify(JSON.parse(body)) };
  return failed(response.status < 500 ? 'user' : 'outside', `${response.status} ${response.statusText}`);
}

const failed = (failure, message) => ({ state: 'failed', exitCode: 1, failure, message });

function stopped(why) {
  const states = { timeout: 'timedOut', cancel: 'canceled', lease: 'failed' };
  const failure = why === 'lease' ? { failure: 'host', message: 'the lease ended' } : {};
  return { state: states[why], exitCode: null, killComplete: true, ...failure };
}
