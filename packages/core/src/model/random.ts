/**
 * Seeded random numbers: the same seed gives the same sequence on every machine. Used for jitter and for the
 * random dispatch strategy, and by the simulator for everything it throws at the engine.
 */
export interface Random {
  /** From 0, inclusive, to 1, exclusive. */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough for spreading load. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, integer: (below) => Math.floor(next() * below) };
}
