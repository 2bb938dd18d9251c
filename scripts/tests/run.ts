import type { PostgresServer } from '../../test/support/postgresServer.ts';
import type { KeptTimes } from './kept.ts';
import type { FileResult } from './messages.ts';
import { TestProcess } from './process.ts';
import { duration } from './report.ts';
import type { Suite } from './suites.ts';

interface Run {
  files: readonly string[];
  suite: Pick<Suite, 'lanes' | 'groupOf'>;
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
 * Runs files in parallel processes, the longest first. A process gets files of one group, and another group's turn comes
 * with a new process.
 *
 * @returns what processes left open, as text; empty if nothing
 */
export async function runFiles(
  { files, suite, env, grep, times, signal, onResult }: Run,
  postgres: RunPostgres,
): Promise<string[]> {
  const queue = files.toSorted((a, b) => times.of(b) - times.of(a));
  /** The group that each lane works on. */
  const groups: string[] = [];
  const started = performance.now();
  const all = sumOf(queue, times);
  const leftOpen: string[] = [];
  let done = 0;
  let doneMs = 0;

  const end = async (one: TestProcess): Promise<void> => {
    const left = await one.end();
    if (left !== null) leftOpen.push(left);
  };
  /** The next file for a lane: of its own group, else of one that no lane works on, else any. */
  const next = (lane: number): string | undefined => {
    const isOwn = (file: string): boolean => suite.groupOf(file) === groups[lane];
    const isFree = (file: string): boolean => !groups.includes(suite.groupOf(file));
    return queue.find(isOwn) ?? queue.find(isFree) ?? queue[0];
  };
  const lane = async (_: unknown, number: number): Promise<void> => {
    let own: TestProcess | null = null;
    const abort = (): void => own?.kill('SIGTERM');
    signal.addEventListener('abort', abort);
    for (let file = next(number); file !== undefined && !signal.aborted; file = next(number)) {
      queue.splice(queue.indexOf(file), 1);
      const [before, group] = [groups[number], suite.groupOf(file)];
      groups[number] = group;
      if (own && !own.hasEnded && before !== group) await end(own);
      if (own?.hasEnded) own = null;
      own ??= new TestProcess(env, postgres.url);
      const result = await own.run(file, grep);
      done += 1;
      doneMs += times.of(file);
      const left = ((performance.now() - started) / doneMs) * (all - doneMs);
      const about = left > 2_000 ? `, about ${duration(left)} left` : '';
      onResult(result, `${String(done).padStart(4)} of ${files.length}${about}`);
      times.keep(file, result.cost.ms);
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
