import type { KyselyPlugin, RootOperationNode } from 'kysely';
import type { Database } from '../../src/database/open.ts';

/**
 * Counts what is asked of the database, what looks for jobs included.
 *
 * @param isMeant which of it; all if it is not given
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
