import assert from 'node:assert/strict';
import type { KyselyPlugin, PluginTransformQueryArgs, RootOperationNode } from 'kysely';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld } from '../../support/world.ts';

const adele = 'Adele Vance';
const yaml = `policies: {payments: {steps: [{targets: [{user: ${adele}}], ringTimeoutSeconds: 120}]}}`;

/** Rolls back the first transaction that stores a card, as the database does after a serialization failure. */
class DeadlockOnce implements KyselyPlugin {
  times = 0;

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    const isOwn = node.kind === 'InsertQueryNode' && node.into?.table.identifier.name === 'cards';
    if (isOwn || (node.kind === 'RawNode' && JSON.stringify(node).includes('INSERT INTO cards'))) {
      this.times += 1;
      if (this.times === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    }
    return node;
  }

  async transformResult<Result>({ result }: { result: Result }): Promise<Result> {
    return result;
  }
}

describe('A redelivered message whose transaction ran twice', function () {
  for (const [text, table] of [
    ['escalate payments: it burns', 'escalations'],
    [`escalate ${adele}: it burns`, 'escalations'],
    ['test payments', 'escalations'],
    [`call ${adele}: it burns`, 'calls'],
  ] as const) {
    it(`does nothing twice: ${text}`, async () => {
      const database = await openEmbedded();
      const deadlock = new DeadlockOnce();
      const sql = database.sql.withPlugin(deadlock);
      const world = await startWorld({ database: { ...database, sql }, yaml });
      world.emulator.people.script(adele, { byHand: true });
      const send = async (): Promise<void> => {
        const heard = await world.emulator.channel.send({
          from: 'Megan Bowen',
          text,
          fields: { id: 'again' },
        });
        assert.equal(heard.status, 200);
        await world.pass(1_000);
      };
      const there = async (): Promise<unknown[]> =>
        await database.sql.selectFrom(table).select('id').execute();
      await send();
      assert.equal((await there()).length, 1);
      assert.ok(deadlock.times > 1, 'the transaction ran twice');
      const taken = await database.sql.selectFrom('chat_activities').select('key').execute();
      const remembered = taken.filter(({ key }) => key.endsWith('|again')).length;
      await send();
      assert.equal((await there()).length, 1);
      assert.equal(remembered, 1);
    });
  }
});
