/*
 * `npm run test:long` runs what `npm test` does not: the folder test/long, and longer or additional tests in the
 * files that use these functions. In `npm test` such tests have a short, fixed form: few cases, few runs, always the
 * same.
 */

/** Whether this is `npm run test:long`. */
export const isLong = process.env['RINGDOWN_LONG'] === '1';

const ofLongSuite = new WeakSet<Mocha.Test>();

/** A test of both suites, with other `runs` or `cases` in the long one. */
export function itInBoth(title: string, body: (this: Mocha.Context) => void | PromiseLike<unknown>): void {
  const test = it(title, async function () {
    await body.call(this);
  });
  ofLongSuite.add(test);
}

/** A test of the long suite only. */
export function itLong(title: string, body: Mocha.AsyncFunc): void {
  if (isLong) itInBoth(title, body);
}

/** Suites of `forEachDatabaseByTurns`, which has already chosen among its tests. */
const BY_TURNS = 'with the database';

/** Removes tests that are the same in `npm test`. */
export function keepLong(suite: Mocha.Suite): void {
  if (suite.title === BY_TURNS) return;
  suite.tests = suite.tests.filter((test) => ofLongSuite.has(test));
  for (const inner of suite.suites) keepLong(inner);
}

/** How many times more often than in `npm test` a property runs, by default. */
export const MORE = 100;

/** `--sample N` runs about one case in N. */
export const sample = Number(process.env['RINGDOWN_SAMPLE'] ?? 1);
export const seed = Number(process.env['RINGDOWN_SEED'] ?? 0);

/** `--calls N`: the number of calls in the soak test. */
export const soakCalls = Number(process.env['RINGDOWN_CALLS'] ?? 5_000);

/**
 * How often a property runs.
 *
 * @param short in `npm test`
 * @param long in the long suite
 */
export function runs(short: number, long = short * MORE): number {
  return isLong ? Math.max(short, Math.round(long / sample)) : short;
}

/**
 * The cases to run: in `npm test` those of the short form; in the long suite all, or a sample.
 *
 * @param name distinguishes lists of cases, so that the sample is not at the same positions in each
 * @param short the positions of the short form
 */
export function cases<Case>(name: string, all: readonly Case[], short: readonly number[]): Case[] {
  if (!isLong) return all.filter((_, index) => short.includes(index));
  const drawn = all.filter((_, index) => isDrawn(`${name} ${index}`));
  const one = all[hash(`${seed} ${name}`) % all.length];
  return drawn.length > 0 || one === undefined ? drawn : [one];
}

/** Whether a sampled run includes it. */
export function isDrawn(name: string): boolean {
  return hash(`${seed} ${name}`) % sample === 0;
}

/**
 * Shuffles by the seed.
 *
 * @param name distinguishes lists
 */
export function shuffled<Item>(items: readonly Item[], name = ''): Item[] {
  const rank = new Map(items.map((item, index) => [item, hash(`${seed} ${name} ${index}`)]));
  return items.toSorted((one, other) => (rank.get(one) ?? 0) - (rank.get(other) ?? 0));
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // FNV's low bits alone are not uniform enough for a remainder.
  return (value ^ (value >>> 15)) >>> 0;
}
