import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Received } from '../../src/alerts/alertService.ts';
import { Intake } from '../../src/alerts/intake.ts';
import { clouds } from '../../src/config/clouds.ts';
import { noCheckpoint } from '../../src/database/checkpoint.ts';
import type { Database } from '../../src/database/open.ts';
import type { Transact } from '../../src/database/transaction.ts';
import { openEmbedded } from '../support/databases.ts';
import { silent } from '../support/log.ts';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { AlertWorld } from '../support/alerts/alertWorld.ts';

describe('the intake of alerts', () => {
  let database: Database;
  let world: AlertWorld;
  /** Senders of failed alerts that the operators are told about. */
  let told: string[];

  beforeEach(async () => {
    database = await openEmbedded();
    world = new AlertWorld(database);
    told = [];
  });

  function intake(
    parts: {
      apply?: (received: readonly Received[]) => void;
      transact?: Transact;
      tell?: (sender: string) => void;
    } = {},
  ): Intake {
    const {
      apply = () => undefined,
      transact = world.transact,
      tell = (sender) => void told.push(sender),
    } = parts;
    return new Intake({
      transact,
      jobs: world.jobs,
      log: silent,
      checkpoint: noCheckpoint,
      sql: database.sql,
      clock: world.clock,
      portalUrl: clouds.public.portalUrl,
      alerts: {
        applyAllIn: async (work, byPolicy, waits) => {
          for (const received of byPolicy.values()) apply(received);
          return await world.alerts.applyAllIn(work, byPolicy, waits);
        },
      },
      languageOf: () => undefined,
      failed: async (_work, sender) => tell(sender),
    });
  }

  async function store(sender: string, body: object = alertmanagerBody(), seq?: number): Promise<void> {
    const at = new Date(world.now);
    await raw`INSERT INTO intake (seq, received_at, format, source, source_name, policy, body) OVERRIDING SYSTEM VALUE
      VALUES (${seq ?? 10}, ${at}, 'alertmanager', ${sender}, ${sender}, 'payments', ${JSON.stringify(body)})`.execute(
      database.sql,
    );
  }

  async function standing(): Promise<string[]> {
    const rows = await database.sql
      .selectFrom('intake')
      .select(['source_name', 'status'])
      .orderBy('seq')
      .execute();
    return rows.map(({ source_name: sender, status }) => `${sender} ${status}`);
  }

  const failsFor = (sender: string) => (received: readonly Received[]) => {
    if (received.some((one) => one.sender === sender)) throw new RangeError('no');
  };

  it('tells the operators about a body that it can no longer parse', async () => {
    await store('prometheus', {});
    await intake().process();
    assert.deepEqual(await standing(), ['prometheus failed']);
    assert.deepEqual(told, ['prometheus']);
  });

  it('gives up only the alert that fails, and not one that arrives in between', async () => {
    await store('good', alertmanagerBody(), 10);
    let calls = 0;
    let isFirst = true;
    const late: Transact = async (change) => {
      // Its number comes first, but its transaction ended after that of the good alert.
      if (++calls === 2) await store('bad', alertmanagerBody(), 5);
      return await world.transact(change);
    };
    const apply = (received: readonly Received[]): void => {
      failsFor('bad')(received);
      if (isFirst) {
        isFirst = false;
        throw new RangeError('only this once');
      }
    };
    await intake({ apply, transact: late }).process();
    assert.deepEqual(await standing(), ['bad failed', 'good done']);
    assert.deepEqual(told, ['bad']);
  });

  it('gives up no alert without telling the operators', async () => {
    await store('bad');
    const tell = (): void => {
      throw new RangeError('the database is full');
    };
    await assert.rejects(intake({ apply: failsFor('bad'), tell }).process(), RangeError);
    assert.deepEqual(await standing(), ['bad waiting']);
  });
});
