import assert from 'node:assert/strict';
import type { Database } from '../../src/database/open.ts';
import { startFromPolicy } from '../../src/escalations/policies.ts';
import { openEmbedded } from '../support/databases.ts';
import { ONE_STEP, firing, received, AlertWorld } from '../support/alerts/alertWorld.ts';

const second = 1000;
const day = 24 * 3600 * second;
const adele = { key: 'adele', name: 'Adele Vance', way: 'chat' } as const;
const startedBy = { kind: 'api', key: 'ci', name: 'ci' } as const;

/** The job of the deadline is late, because the process was busy or not running. */
describe('an escalation whose deadline has passed when alerts arrive', function () {
  let database: Database;
  let world: AlertWorld;
  let policies = 0;
  let policy: string;

  before(async function () {
    database = await openEmbedded();
  });
  after(async () => await database.close());
  beforeEach(() => {
    world = new AlertWorld(database);
    policy = `policy${policies++}`;
  });

  /** Lets the last lookup of the only step fail, and its deadline pass. */
  async function failLastLookup(id: string): Promise<void> {
    for (const seconds of [21, 42]) {
      const at = new Date(world.now + seconds * second).toISOString();
      await world.escalations.take(id, { type: 'wake', at });
    }
    world.now += 63 * second;
  }

  /** Each escalation with its firing alerts. */
  async function inShort(): Promise<string[]> {
    const rows = await database.sql
      .selectFrom('alerts')
      .select(['dedup_key', 'escalation_id'])
      .where('policy', '=', policy)
      .where('status', '=', 'firing')
      .orderBy('dedup_key')
      .execute();
    return await Promise.all(
      (await world.escalationIds(policy)).map(async (id) => {
        const { status, runs } = (await world.escalations.get(id))?.ladder ?? {};
        const names = rows.filter((row) => row.escalation_id === id).map((row) => row.dedup_key);
        return `${status} ${runs}: ${names.join(' ')}`.trimEnd();
      }),
    );
  }

  const batches = {
    'is exhausted: a new alert starts another one': {
      batch: [firing('new')],
      left: ['exhausted 0: old other', 'open 0: new'],
    },
    'is exhausted: a repeat restarts it': {
      batch: [firing('old')],
      left: ['open 1: old other'],
    },
    'is exhausted: a repeat restarts it, even after a new alert': {
      batch: [firing('new'), firing('old')],
      left: ['open 1: old other', 'open 0: new'],
    },
    'is exhausted: a repeat restarts it, and a new alert joins it': {
      batch: [firing('old', { severity: 'warning', summary: 'other words' }), firing('new')],
      left: ['open 1: new old other'],
    },
    'is exhausted: a resolved alert does not restart it, and a new alert starts another one': {
      batch: [received({ action: 'resolve', dedupKey: 'old' }), firing('new')],
      left: ['exhausted 0: other', 'open 0: new'],
    },
  };
  for (const [what, { batch, left }] of Object.entries(batches)) {
    for (const how of ['together', 'one at a time']) {
      it(`${what} (${how})`, async () => {
        await world.send(policy, firing('old'), firing('other'));
        await failLastLookup((await world.escalationIds(policy))[0] ?? '');
        if (how === 'together') await world.send(policy, ...batch);
        else for (const one of batch) await world.send(policy, one);
        assert.deepEqual(await inShort(), left);
      });
    }
  }

  it('is closed if it was acknowledged: a repeat starts another one', async () => {
    await world.send(policy, firing('old'));
    const [id = ''] = await world.escalationIds(policy);
    await world.escalations.acknowledge(id, adele);
    world.now += 30 * day;
    await world.send(policy, firing('old', { summary: 'other words' }));
    assert.deepEqual(await inShort(), ['resolved 0:', 'open 0: old']);
  });

  describe('when a program sends its alert again', () => {
    /** @returns whether it joined a running escalation */
    async function start(): Promise<boolean> {
      const { joined } = await world.escalations.start(
        startFromPolicy(
          { name: policy, policy: ONE_STEP },
          { summary: 'down', dedupKey: 'checkout', source: 'ci', startedBy },
        ),
      );
      return joined;
    }

    it('restarts if it is exhausted', async () => {
      await start();
      await failLastLookup((await world.escalationIds(policy))[0] ?? '');
      assert.equal(await start(), true);
      assert.deepEqual(await inShort(), ['open 1:']);
    });

    it('is not joined if it is closed', async () => {
      await start();
      await world.escalations.acknowledge((await world.escalationIds(policy))[0] ?? '', adele);
      world.now += 30 * day;
      assert.equal(await start(), false);
      assert.deepEqual(await inShort(), ['resolved 0:', 'open 0:']);
    });
  });
});
