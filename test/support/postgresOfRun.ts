import type { FromTests, ToTests } from '../../scripts/tests/messages.ts';

/** Asks the runner for its PostgreSQL server, which has a database named TEMPLATE. @returns its URL */
export async function postgresOfRun(): Promise<string> {
  return await new Promise((resolve) => {
    const take = (message: ToTests): void => {
      if (message.kind !== 'postgres') return;
      process.off('message', take);
      resolve(message.url);
    };
    process.on('message', take);
    process.send?.({ kind: 'wantsPostgres' } satisfies FromTests);
  });
}
