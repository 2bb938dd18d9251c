import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from './process.ts';

export interface Suite {
  files: string[];
  /** How many processes run in parallel. */
  lanes: number;
  /** Files of one group share processes; those of different groups do not. */
  groupOf: (file: string) => string;
}

const BROWSER = 'test/e2e/**/*.test.ts';
const LONG = 'test/long/**/*.test.ts';

/** @param file its path, relative to the root or absolute */
export function isOfLongFolder(file: string): boolean {
  return `/${file}`.includes('/test/long/');
}

/** Files in the suite's own folder, and those whose tests also have a long form. */
function isLong(file: string): boolean {
  const text = readFileSync(join(root, file), 'utf8');
  return isOfLongFolder(file) || /support\/long\.ts|forEachDatabaseByTurns/.test(text);
}

function filesOf(pattern: string, exclude: string[] = []): string[] {
  return globSync(pattern, { cwd: root, exclude }).toSorted();
}

export const suites = {
  quick: (): Suite => ({
    files: filesOf('test/**/*.test.ts', [BROWSER, LONG]),
    // One more than processors: some files wait for processes and for an unavailable database.
    lanes: availableParallelism() + 1,
    groupOf: () => 'all',
  }),
  /** Tests that are slow by nature: killed processes, real time, many random runs. */
  long: (): Suite => ({
    files: filesOf('test/**/*.test.ts', [BROWSER]).filter(isLong),
    lanes: Math.max(2, availableParallelism()),
    groupOf: () => 'all',
  }),
  /**
   * restify patches Node's HTTP server for the whole process, so the product's server and the demo's proxy must not
   * share one. Files that share a process also share its browser and its built pages.
   */
  browser: (): Suite => ({
    files: filesOf(BROWSER),
    // One more than processors: the tests also wait, for rings that nobody answers and lost connections.
    lanes: availableParallelism() + 1,
    groupOf: (file) => (/e2e\/(?:console|talk)/.test(file) ? 'product' : 'demo'),
  }),
};

/** @param words files, folders, or parts of their paths; none means all */
export function chosen(files: readonly string[], words: readonly string[]): string[] {
  const wanted = words.map((word) => word.replace(/^\.\//, '').replace(/\/$/, ''));
  if (wanted.length === 0) return [...files];
  const within = (file: string, word: string): boolean => file === word || file.startsWith(`${word}/`);
  return files.filter((file) =>
    wanted.some((word) =>
      files.some((one) => within(one, word) || within(one, `test/${word}`))
        ? within(file, word) || within(file, `test/${word}`)
        : file.includes(word),
    ),
  );
}
