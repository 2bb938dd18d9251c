/** What the runner and its test processes tell each other. */

export interface TestResult {
  title: string;
  state: 'passed' | 'failed' | 'skipped';
  /** Milliseconds of real time, hooks included. */
  ms: number;
  /** What went wrong, as it is shown to people. */
  failure: string | null;
  /** It is no test, but says that the file could not be run. */
  isOfFile?: true;
}

/** What a file took. */
export interface Cost {
  ms: number;
  /** Milliseconds of processor time: the test process and the children that have ended. */
  cpuMs: number;
  databases: number;
  processes: number;
}

export interface FileResult {
  file: string;
  tests: TestResult[];
  cost: Cost;
  /** Checks that need files which are not at hand: see test/support/reference.ts. */
  missedChecks: number;
}

export type ToTests =
  | { kind: 'run'; file: string; grep: string | null }
  /** Once at most: files that are loaded anew, though the process has them. */
  | { kind: 'changed'; urls: string[] }
  | { kind: 'postgres'; url: string }
  | { kind: 'end' };

export type FromTests = { kind: 'ready' } | { kind: 'done'; result: FileResult } | { kind: 'wantsPostgres' };
