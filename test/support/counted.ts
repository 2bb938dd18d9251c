import type { KyselyPlugin, RootOperationNode } from 'kysely';
import type { Database } from '../../src/database/open.ts';

/**
 * Counts database statements, including polls for jobs.
 *
 * @param isMeant which statements to count; default all
 */
export function counted(
  database: Database,
  isMeant?: (node: RootOperationNode) => boolean,
): { database: Database; since: () => number } {
  let count = 0;
  const meant = new WeakSet<object>();
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      if (isMeant?.(node)) meant.add(queryId);
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      if (!isMeant || meant.has(queryId)) count++;
      return await Promise.resolve(result);
    },
  };
  return {
    database: { ...database, sql: database.sql.withPlugin(plugin) },
    since() {
      const soFar = count;
      count = 0;
      return soFar;
    },
  };
}
