import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Database } from '../../src/database/open.ts';
import { lockEscalations } from '../../src/escalations/escalationStore.ts';
import { onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { firing, received, AlertWorld } from '../support/alerts/alertWorld.ts';

const adele = { key: 'adele', name: 'Adele Vance', way: 'chat' } as const;
const POLICY = 'payments';

/** Resolves when a connection to this database waits for a lock. */
async function untilSomebodyWaits({ sql }: Database): Promise<void> {
  await until(async () => {
    const { rows } = await raw`SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(sql);
    return rows.length > 0;
  }, 'somebody waits for a lock');
}

describe('a batch of alerts, while a person resolves the escalation,', function () {
  onPostgres((open) => {
    const signals = {
      'a resolved group': [received({ action: 'resolveGroup', group: 'shop' })],
      'a resolved alert': [received({ action: 'resolve', dedupKey: 'a' })],
      'a worse repeat': [firing('a', { severity: 'critical', group: 'shop' })],
      'an acknowledgement by the sender': [received({ action: 'acknowledge', dedupKey: 'a' })],
      'a new alert': [firing('c')],
      'an alert that moves to another escalation': [
        received({ action: 'resolveGroup', group: 'shop' }),
        firing('a', { severity: 'critical' }),
      ],
    };
    for (const [what, batch] of Object.entries(signals)) {
      it(`waits, and neither is rolled back: ${what}`, async () => {
        const world = new AlertWorld(await open());
        const more = { severity: 'warning', group: 'shop' } as const;
        await world.send(POLICY, firing('a', more), firing('b', more));
        const [id = ''] = await world.escalationIds(POLICY);
        let [attempts, batches] = [0, 0];
        let applying: Promise<void> | undefined;
        await world.transact(async (work) => {
          attempts += 1;
          await lockEscalations(work.sql, [id], true);
          applying ??= world.transact(async (own) => {
            batches += 1;
            await world.alerts.applyIn(own, POLICY, batch);
          });
          await untilSomebodyWaits(world.database);
          const at = new Date(world.now).toISOString();
          await world.escalations.takeIn(work, id, { type: 'resolved', at, by: adele });
        });
        await applying;
        assert.deepEqual([attempts, batches], [1, 1]);
        assert.equal((await world.escalations.get(id))?.ladder.status, 'resolved');
      });
    }
  });
});
