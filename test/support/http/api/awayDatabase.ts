import type { KyselyPlugin } from 'kysely';
import type { Database } from '../../../../src/database/open.ts';

/** A database that can become unavailable: then every query fails as with a server that refuses connections. */
export function mayLeave(database: Database): { database: Database; leave: () => void } {
  let away = false;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (away) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    database: { ...database, sql: database.sql.withPlugin(plugin) },
    leave: () => {
      away = true;
    },
  };
}
