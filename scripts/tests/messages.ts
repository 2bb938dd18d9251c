/** Messages between the runner and its test processes. */

export interface TestResult {
  title: string;
  state: 'passed' | 'failed' | 'skipped';
  /** Milliseconds of wall-clock time, including hooks. */
  ms: number;
  /** The failure as shown to people. */
  failure: string | null;
  /** Not a test: reports that the file could not be run. */
  isOfFile?: true;
}

/** What a file cost. */
export interface Cost {
  ms: number;
  /** Milliseconds of CPU time: the test process and its finished children. */
  cpuMs: number;
  databases: number;
  processes: number;
}

export interface FileResult {
  file: string;
  tests: TestResult[];
  cost: Cost;
  /** Checks skipped because reference files are missing: see test/support/reference.ts. */
  missedChecks: number;
}

export type ToTests =
  | { kind: 'run'; file: string; grep: string | null }
  /** Sent at most once: files to reload, although the process has loaded them. */
  | { kind: 'changed'; urls: string[] }
  | { kind: 'postgres'; url: string }
  | { kind: 'end' };

export type FromTests =
  | { kind: 'ready' }
  /** As soon as a test ends. */
  | { kind: 'test'; test: TestResult }
  | { kind: 'done'; result: FileResult }
  | { kind: 'wantsPostgres' };
