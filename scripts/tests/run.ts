import type { PostgresServer } from '../../test/support/postgresServer.ts';
import type { KeptTimes } from './kept.ts';
import type { FileResult } from './messages.ts';
import { TestProcess } from './process.ts';
import { duration } from './report.ts';
import type { Suite } from './suites.ts';

interface Run {
  files: readonly string[];
  suite: Pick<Suite, 'lanes' | 'isApart'>;
  env: NodeJS.ProcessEnv;
  grep: string | null;
  times: KeptTimes;
  signal: AbortSignal;
  onResult: (result: FileResult, progress: string) => void;
}

/** One PostgreSQL for all processes of a run, started when first needed. */
export class RunPostgres {
  #server: Promise<PostgresServer> | null = null;

  readonly url = async (): Promise<string> => {
    this.#server ??= import('../../test/support/tables.ts').then(
      async ({ startPostgresWithTables }) => await startPostgresWithTables(),
    );
    return (await this.#server).url;
  };

  async stop(): Promise<void> {
    const server = await this.#server?.catch(() => null);
    await server?.stop();
  }
}

/**
 * Runs files in parallel processes: first those that need a process of their own, and the longest first.
 *
 * @returns what processes left open, as text; empty if nothing
 */
export async function runFiles(
  { files, suite, env, grep, times, signal, onResult }: Run,
  postgres: RunPostgres,
): Promise<string[]> {
  const queue = files.toSorted(
    (a, b) => Number(suite.isApart(b)) - Number(suite.isApart(a)) || times.of(b) - times.of(a),
  );
  const started = performance.now();
  const all = sumOf(queue, times);
  const leftOpen: string[] = [];
  let done = 0;
  let doneMs = 0;

  const end = async (one: TestProcess): Promise<void> => {
    const left = await one.end();
    if (left !== null) leftOpen.push(left);
  };
  const lane = async (): Promise<void> => {
    let own: TestProcess | null = null;
    const abort = (): void => own?.kill('SIGTERM');
    signal.addEventListener('abort', abort);
    for (let file = queue.shift(); file !== undefined && !signal.aborted; file = queue.shift()) {
      if (own?.hasEnded) own = null;
      own ??= new TestProcess(env, postgres.url);
      const result = await own.run(file, grep);
      done += 1;
      doneMs += times.of(file);
      const left = ((performance.now() - started) / doneMs) * (all - doneMs);
      const about = left > 2_000 ? `, about ${duration(left)} left` : '';
      onResult(result, `${String(done).padStart(4)} of ${files.length}${about}`);
      times.keep(file, result.cost.ms);
      if (suite.isApart(file)) {
        await end(own);
        own = null;
      }
    }
    if (own && !own.hasEnded) await end(own);
    signal.removeEventListener('abort', abort);
  };
  await Promise.all(Array.from({ length: Math.min(suite.lanes, files.length) }, lane));
  return leftOpen;
}

function sumOf(files: readonly string[], times: KeptTimes): number {
  return files.reduce((total, file) => total + times.of(file), 0);
}
