import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FileResult, FromTests, TestResult, ToTests } from './messages.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const worker = fileURLToPath(new URL('worker.ts', import.meta.url));

/** How much of a process's output is kept, to find out why it ended. Characters. */
const TOLD = 20_000;

/** A process that runs test files, one at a time. */
export class TestProcess {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  #output = '';
  #files: string[] = [];
  #settle: ((result: FileResult) => void) | null = null;
  #onTest: (test: TestResult) => void = () => undefined;

  /**
   * @param postgres starts the run's PostgreSQL if needed, and returns its URL
   * @param preload a file to load first
   */
  constructor(env: NodeJS.ProcessEnv, postgres: () => Promise<string>, preload?: string) {
    const execArgv = preload === undefined ? [] : ['--import', preload];
    this.#child = fork(worker, { cwd: root, env, execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = `${this.#output}${text}`.slice(-TOLD);
      });
    }
    const ready = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    this.#child.on('message', (message: FromTests) => {
      if (message.kind === 'ready') ready.resolve();
      if (message.kind === 'test') this.#onTest(message.test);
      if (message.kind === 'done') this.#done(message.result);
      if (message.kind === 'wantsPostgres') {
        postgres().then(
          (url) => this.#tell({ kind: 'postgres', url }),
          (error: unknown) => {
            this.#died(`cannot start PostgreSQL: ${String(error)}`);
            // The process would still wait for it.
            this.#child.kill('SIGKILL');
          },
        );
      }
    });
    this.#child.once('close', (code, signal) => {
      ready.resolve();
      this.#died(`its process ended (${signal ?? code})`);
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when it is ready to run a file. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /** @param files paths from the root; to be reloaded even if already loaded */
  async changed(files: readonly string[]): Promise<void> {
    await this.#ready;
    this.#tell({ kind: 'changed', urls: files.map((file) => pathToFileURL(join(root, file)).href) });
  }

  /**
   * @param grep only tests whose titles contain it
   * @param onTest called as soon as a test ends
   */
  async run(file: string, grep: string | null, onTest?: (test: TestResult) => void): Promise<FileResult> {
    await this.#ready;
    this.#files.push(file);
    this.#onTest = onTest ?? (() => undefined);
    this.#output = '';
    return await new Promise((resolve) => {
      this.#settle = resolve;
      if (this.hasEnded) this.#died('its process ended before it ran');
      else this.#tell({ kind: 'run', file: join(root, file), grep });
    });
  }

  /** Lets it exit by itself. @returns what was left open, as text; null if nothing */
  async end(): Promise<string | null> {
    if (!this.hasEnded) {
      this.#output = '';
      this.#tell({ kind: 'end' });
      await once(this.#child, 'close');
    }
    if (this.#child.exitCode === 0) return null;
    return `after ${this.#files.join(', ')}:\n${this.#output.trim()}`;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #tell(message: ToTests): void {
    // If the process is just ending, it does not receive this; `close` reports it.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #done(result: FileResult): void {
    const file = this.#files.at(-1) ?? '';
    this.#settle?.({ ...result, file });
    this.#settle = null;
  }

  /** Reports the current file as failed. */
  #died(why: string): void {
    const failure = `${why}\n${this.#output.trim()}`;
    const cost = { ms: 0, cpuMs: 0, databases: 0, processes: 0 };
    const test = { title: 'the whole file', state: 'failed', ms: 0, failure, isOfFile: true } as const;
    this.#done({ file: '', tests: [test], cost, missedChecks: 0 });
  }
}
