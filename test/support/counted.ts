import type { KyselyPlugin, RootOperationNode } from 'kysely';
import type { Database } from '../../src/database/open.ts';

/**
 * Counts what our own code asks of the database, jobs that it writes included; the job engine's own polls are not.
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
      // What the job engine writes is not seen before.
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
