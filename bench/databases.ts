import { createDatabase, startPostgres } from '../test/support/postgresServer.ts';

export type DatabaseName = 'PGlite' | 'PostgreSQL';
export type Where = { url: string } | 'memory';

/** One database of each kind, a fresh one each time; the embedded one is kept in memory. */
export async function onEach(
  run: (name: DatabaseName, where: Where) => Promise<void>,
  kinds: readonly DatabaseName[] = ['PGlite', 'PostgreSQL'],
): Promise<void> {
  if (kinds.includes('PGlite')) await run('PGlite', 'memory');
  if (kinds.includes('PostgreSQL'))
    await onPostgres(async (fresh) => await run('PostgreSQL', { url: await fresh() }));
}

/** A server for as long as `run` takes; `fresh` makes a database on it. */
export async function onPostgres(run: (fresh: () => Promise<string>) => Promise<void>): Promise<void> {
  const postgres = await startPostgres();
  let number = 0;
  try {
    await run(async () => await createDatabase(postgres.url, `bench${number++}`));
  } finally {
    await postgres.stop();
  }
}
