import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from './process.ts';

export interface Suite {
  files: string[];
  /** How many processes run side by side. */
  lanes: number;
  /** Each file in a process of its own. */
  apart: boolean;
}

const BROWSER = 'test/e2e/**/*.test.ts';
const LONG = 'test/long/**/*.test.ts';

/** @param file its path, from the root or absolute */
export function isOfLongFolder(file: string): boolean {
  return `/${file}`.includes('/test/long/');
}

/** A file of its own folder, or one whose tests have a long form too. */
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
    // One more than processors: some files wait for processes and for a database that is away.
    lanes: availableParallelism() + 1,
    apart: false,
  }),
  /** What is slow because it must be: processes that are killed, real time, many random runs. */
  long: (): Suite => ({
    files: filesOf('test/**/*.test.ts', [BROWSER]).filter(isLong),
    lanes: Math.max(2, availableParallelism()),
    apart: false,
  }),
  /**
   * restify changes Node's own HTTP server for all of its process: the product's server and the demo's proxy before the
   * chat must not share one. A browser's test mostly waits.
   */
  browser: (): Suite => ({ files: filesOf(BROWSER), lanes: 2, apart: true }),
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
