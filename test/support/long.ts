/*
 * `npm run test:long` runs what `npm test` does not: the folder test/long, and of the files that ask here the tests that
 * are longer or other ones there. In `npm test` these take their short, fixed form: few cases, few runs, the same each time.
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

/** What `forEachDatabaseByTurns` makes: it has chosen among its tests already. */
const BY_TURNS = 'with the database';

/** Takes the tests away that are the same in `npm test`. */
export function keepLong(suite: Mocha.Suite): void {
  if (suite.title === BY_TURNS) return;
  suite.tests = suite.tests.filter((test) => ofLongSuite.has(test));
  for (const inner of suite.suites) keepLong(inner);
}

/** How many times more than in `npm test` a property runs, if nothing else is said. */
export const MORE = 100;

/** `--sample N` takes one case in so many. */
export const sample = Number(process.env['RINGDOWN_SAMPLE'] ?? 1);
export const seed = Number(process.env['RINGDOWN_SEED'] ?? 0);

/** `--calls N`: how many calls the soak has. */
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
 * The cases that run: in `npm test` those of the short form, in the long suite all, or those that a sampled run draws.
 *
 * @param name tells one list of cases from another, so that not the same places of each are drawn
 * @param short the positions of the short form
 */
export function cases<Case>(name: string, all: readonly Case[], short: readonly number[]): Case[] {
  if (!isLong) return all.filter((_, index) => short.includes(index));
  const drawn = all.filter((_, index) => isDrawn(`${name} ${index}`));
  const one = all[hash(`${seed} ${name}`) % all.length];
  return drawn.length > 0 || one === undefined ? drawn : [one];
}

/** Whether a sampled run takes it. */
export function isDrawn(name: string): boolean {
  return hash(`${seed} ${name}`) % sample === 0;
}

/**
 * In an order that the seed draws.
 *
 * @param name tells one list from another
 */
export function shuffled<Item>(items: readonly Item[], name = ''): Item[] {
  const rank = new Map(items.map((item, index) => [item, hash(`${seed} ${name} ${index}`)]));
  return items.toSorted((one, other) => (rank.get(one) ?? 0) - (rank.get(other) ?? 0));
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // The low bits of FNV alone are not even enough for a remainder.
  return (value ^ (value >>> 15)) >>> 0;
}
