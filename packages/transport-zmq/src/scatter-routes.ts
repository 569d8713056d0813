/**
 * libzmq numbers the connections of a ROUTER from a start that is the same in every process, and aborts the
 * process when a peer has claimed a number before it is given (4.3.5, `add_out_pipe`). Only a host that was
 * let in can do that, and only by knowing the number: so the start is moved by an amount nobody knows.
 */
import { randomInt } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Context, Router } from 'zeromq';

/** Each takes 35 µs, so that this costs 0.15 s on average, once for a process. */
const STEPS_MAX = 8_192;
/** ZeroMQ frees what was closed in a thread of its own; a context holds 1,023 sockets. */
const STEPS_PER_TURN = 100;

let done: Promise<void> | null = null;

/** Makes the numbers of connections hard to guess; later calls wait for the first. */
export function scatterRoutes(): Promise<void> {
  done ??= scatter(randomInt(STEPS_MAX));
  return done;
}

async function scatter(steps: number): Promise<void> {
  const context = new Context();
  context.blocky = false;
  for (let left = steps; left > 0; await nextTurn()) {
    for (let n = 0; n < STEPS_PER_TURN && left > 0 && draw(context); n += 1) left -= 1;
  }
}

/** A new ROUTER draws from the generator that the start comes from; false when too many are not freed yet. */
function draw(context: Context): boolean {
  try {
    new Router({ context, linger: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
