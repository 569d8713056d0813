/**
 * What every benchmark shares: options, rounds that take turns, medians, floors, and the JSON line that says
 * on what machine and commit a figure was made.
 */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

const args = process.argv.slice(2);
export const isSmoke = args.includes('--smoke');
const asked = Number(args[args.indexOf('--rounds') + 1]);
/** How often each side takes its turn, the warm-up not counted. */
export const rounds = isSmoke ? 1 : args.includes('--rounds') && asked > 0 ? asked : 5;

/** `full` in a real run, `small` in a smoke. */
export const sized = (full, small) => (isSmoke ? small : full);

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Lets the sides take turns, A B A B, so that a busy moment of the machine meets all of them. */
export async function takeTurns(sides, { warmUp = 1 } = {}) {
  const figures = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [name, play] of Object.entries(sides)) {
      const figure = await play(round);
      if (round >= 0) figures[name].push(figure);
    }
  }
  return figures;
}

/** Medians of each field over the rounds, and the spread of one of them. */
export function summary(figures, spreadOf) {
  const fields = Object.keys(figures[0] ?? {});
  const medians = Object.fromEntries(fields.map((field) => [field, median(figures.map((f) => f[field]))]));
  const spread = figures.map((figure) => figure[spreadOf]);
  return { ...medians, spread: [Math.min(...spread), Math.max(...spread)] };
}

/** One benchmark's report: checks, ratios against floors, skips, and the line at its end. */
export class Report {
  #name;
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #figures = {};
  #ratios = {};

  constructor(name, question) {
    this.#name = name;
    console.log(question);
  }

  /** A figure for the line at the end. */
  figure(name, value) {
    this.#figures[name] = value;
    console.log(`  ${name}: ${text(value)}`);
  }

  /** What must hold, or no figure counts. */
  check(what, holds) {
    if (!holds) this.#fail(`${this.#name}: ${what}: does not hold`);
    return holds;
  }

  /** A ratio and the floor it must reach (`atLeast`) or not pass (`atMost`); a smoke only prints it. */
  ratio(name, value, { atLeast, atMost, moonshot } = {}) {
    const isMet = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
    const floor = atLeast !== undefined ? `≥ ${atLeast}` : atMost !== undefined ? `≤ ${atMost}` : 'none';
    this.#ratios[name] = { value, floor, isMet };
    const goal = moonshot === undefined ? '' : `, moonshot ${moonshot}`;
    console.log(`  ${name}: ${text(value)} (floor ${floor}${goal})${isMet || isSmoke ? '' : ' MISSED'}`);
    if (!isSmoke && !isMet) this.#fail(`${this.#name}: ${name} is ${text(value)}, its floor ${floor}`);
    else if (!isSmoke && floor !== 'none') this.#counts.passed += 1;
  }

  skip(what, why) {
    this.#counts.skipped += 1;
    console.log(`  skipped ${what}: ${why}`);
  }

  /** Prints the JSON line and tells the runner. */
  done(durability) {
    if (isSmoke && this.#counts.failed === 0) this.#counts.passed += 1;
    const line = {
      benchmark: this.#name,
      smoke: isSmoke,
      rounds,
      figures: this.#figures,
      ratios: this.#ratios,
      durability,
      machine: machine(),
      commit: commit(),
      at: new Date().toISOString(),
    };
    console.log(JSON.stringify(line));
    process.send?.({ type: 'counts', ...this.#counts });
    process.disconnect?.();
  }

  #fail(message) {
    this.#counts.failed += 1;
    console.log(`  FAILED ${message}`);
  }
}

function text(value) {
  if (typeof value === 'number') return Number(value.toPrecision(4)).toString();
  return JSON.stringify(value, (_key, v) => (typeof v === 'number' ? Number(v.toPrecision(4)) : v));
}

function machine() {
  const [first] = cpus();
  return {
    cpus: cpus().length,
    model: first?.model.trim() ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    load1: loadavg()[0],
  };
}

function commit() {
  try {
    const git = (...words) =>
      execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const isDirty = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return git('rev-parse', '--short', 'HEAD').trim() + (isDirty ? '+' : '');
  } catch {
    return null;
  }
}
