import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import { forEachDatabase } from '../support/databases.ts';
import { World } from '../support/escalations/stories.ts';

describe('requests to start escalations that arrive together', () => {
  forEachDatabase((open) => {
    it('share a transaction, join each other by their dedup key, and ask for their keys at once', async () => {
      const world = new World();
      const { escalations, database } = await world.process(await open(), 'dead');
      const asked: (readonly string[])[] = [];
      const ask = (keys: readonly string[]) => {
        asked.push(keys);
        return raw`(SELECT json_object_agg(key, true) FROM unnest(${keys}::text[]) AS key WHERE key LIKE 'used%')`;
      };
      const start = async (dedupKey: string | null, key: string, summary = 'down'): Promise<string> => {
        const started = await escalations.start(world.alert('Adele', { dedupKey, summary }), {
          question: { key, ask },
          admit: async (_work, isUsed) => isUsed === undefined,
          stored: async ({ sql }, { escalation }) => {
            const stored = await sql
              .selectFrom('escalations')
              .select('id')
              .where('id', '=', escalation.id)
              .execute();
            assert.equal(stored.length, 1);
          },
        });
        return !started ? 'not admitted' : started.joined ? 'joined' : 'started';
      };
      assert.deepEqual(
        await Promise.all([
          start('checkout', 'a'),
          start(null, 'b'),
          start('checkout', 'c', 'still down'),
          start('other', 'used'),
        ]),
        ['started', 'started', 'joined', 'not admitted'],
      );
      assert.deepEqual(asked, [['a', 'b', 'c', 'used']]);
      const { rows } = await raw`SELECT DISTINCT xmin::text FROM escalations`.execute(database.sql);
      assert.equal(rows.length, 1);
      assert.deepEqual((await escalations.list({ limit: 9 })).map(({ summary }) => summary).toSorted(), [
        'down',
        'still down',
      ]);
    });
  });
});
