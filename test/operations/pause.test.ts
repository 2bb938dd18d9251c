import assert from 'node:assert/strict';
import type { Database } from '../../src/database/open.ts';
import type { Escalation } from '../../src/escalations/escalation.ts';
import { forEachDatabaseByTurns, onPostgres, openEmbedded } from '../support/databases.ts';
import { person } from '../support/escalations/people.ts';
import { isLong } from '../support/long.ts';
import { step, World, type Process } from '../support/escalations/stories.ts';

/** Regression: of 40 escalations, a pause that ended at once left 28 held forever. */
const MANY = isLong ? 40 : 15;
const numbers = Array.from({ length: MANY }, (_, n) => n);
const first = numbers.map((n) => `First${n}`);
const second = numbers.map((n) => `Second${n}`);
const QUICK = ['pause', 'resume', 'pause', 'resume', 'pause', 'resume'] as const;

describe('the pause of all calls', function () {
  let world: World;
  let escalations: Escalation[];

  /** Everybody declines. Each escalation calls two people of its own, and the first phones ring. */
  async function ringing(...databases: Database[]): Promise<[Process, ...Process[]]> {
    world = new World();
    for (const name of [...first, ...second]) {
      world.directory.add(person(name));
      world.person(name).declines(2);
    }
    const [own = assert.fail(), ...others] = databases;
    const processes: [Process, ...Process[]] = [await world.process(own)];
    for (const database of others) processes.push(await world.process(database));
    const started = await Promise.all(
      numbers.map(async (n) => {
        const alert = world.alert([step(`First${n}`), step(`Second${n}`)]);
        return await (processes[n % processes.length] ?? processes[0]).escalations.start(alert);
      }),
    );
    escalations = started.map(({ escalation }) => escalation);
    await world.settle();
    assert.deepEqual(world.called.toSorted(), first.toSorted());
    world.seen();
    return processes;
  }

  /** How many escalations are in each state: their status, and whether the pause holds them. */
  async function standing(): Promise<Record<string, number>> {
    const listed = await world.ringdown.escalations.list({ limit: 2 * MANY });
    const words = listed.map(({ ladder: { status, halted } }) => status + (halted ? ', held' : ''));
    return Object.fromEntries(
      Object.entries(Object.groupBy(words, (one) => one)).map(([one, all]) => [one, all?.length ?? 0]),
    );
  }

  async function expectNobodyIsCalled(): Promise<void> {
    await world.expectNoCall(65);
    assert.deepEqual(await standing(), { 'open, held': MANY });
  }

  async function expectAllGoOn(): Promise<void> {
    const areOver = async (): Promise<boolean> => (await standing())['exhausted'] === MANY;
    await world.passUntil(areOver, 'all have gone on to their ends', 120);
    assert.deepEqual(world.called.toSorted(), [...first, ...second].toSorted(), 'each was called once');
    assert.deepEqual(world.faults, []);
  }

  forEachDatabaseByTurns((open) => {
    it('holds all open escalations; when it ends, all continue', async () => {
      const [{ pause }] = await ringing(await open());
      await pause.pause('ops');
      await expectNobodyIsCalled();
      await pause.resume('ops');
      await expectAllGoOn();
      const [one = assert.fail()] = escalations;
      assert.deepEqual(await world.timeline(one), [
        'opened',
        'calling',
        'halted',
        'callEnded',
        'resumed',
        'calling',
        'callEnded',
        'exhausted',
        'told',
      ]);
    });

    it('leaves nothing held if it ends at once', async () => {
      const [{ pause }] = await ringing(await open());
      await pause.pause('ops');
      await pause.resume('ops');
      await expectAllGoOn();
    });

    it('leaves nothing held if it ends at once three times; begun again, it holds everything', async () => {
      const [{ pause }] = await ringing(await open());
      for (const turn of [...QUICK, 'pause'] as const) await pause[turn]('ops');
      await expectNobodyIsCalled();
      for (const turn of ['resume', ...QUICK] as const) await pause[turn]('ops');
      await expectAllGoOn();
    });

    for (const last of ['pause', 'resume'] as const) {
      it(`stays if the process is killed right after ${last}`, async () => {
        const database = await open();
        await ringing(database);
        const dead = await world.process(database, 'dead');
        for (const turn of QUICK) await dead.pause[turn]('ops');
        if (last === 'pause') {
          await dead.pause.pause('ops');
          await world.pass(10);
          await expectNobodyIsCalled();
          await dead.pause.resume('ops');
        }
        await world.pass(10);
        await expectAllGoOn();
      });
    }

    it('holds a process that starts meanwhile, until the pause ends', async () => {
      const database = await open();
      const [one] = await ringing(database);
      await one.pause.pause('ops');
      await world.stop(one);
      const other = await world.process(database);
      await expectNobodyIsCalled();
      await other.pause.resume('ops');
      await world.stop(other);
      await world.process(database);
      await expectAllGoOn();
    });

    it('releases escalations that the previous version left held, with or without a pause', async () => {
      const [{ pause, database }] = await ringing(await open());
      const leaveHeld = async (): Promise<void> => {
        await database.sql
          .updateTable('escalations')
          .set(({ eb }) => ({
            ladder: eb.fn('jsonb_set', ['ladder', eb.val('{halted}'), eb.val('true')]),
            alarm_at: null,
          }))
          .execute();
      };
      await leaveHeld();
      await pause.settle();
      await world.settle();
      assert.deepEqual(await standing(), { open: MANY });
      await pause.pause('ops');
      await leaveHeld();
      await expectNobodyIsCalled();
      await pause.resume('ops');
      await expectAllGoOn();
    });

    it('lets an escalation that was acknowledged meanwhile call again when due', async () => {
      world = new World();
      world.person('Adele').declines(2);
      const { pause, escalations: service } = await world.process(await open());
      const escalation = await world.start('Adele', { acknowledgeTimeoutMs: 60_000 });
      await pause.pause('ops');
      await service.acknowledge(escalation.id, { key: 'alex', name: 'Alex', way: 'card' });
      await pause.resume('ops');
      await world.expectNextCall('Adele').within(0);
      await world.expectNextCall('Adele').within(62);
    });

    it('does not end a chat call that an escalation would have to wait for', async () => {
      world = new World();
      const { pause } = await world.process(await open());
      const chat = await world.chatCall('Adele');
      await world.expectNextCall('Adele').within(0);
      await world.start('Adele');
      await pause.pause('ops');
      await world.expectNoCall(60);
      assert.equal((await world.call(chat)).status, 'dialing');
      await pause.resume('ops');
      await world.expectNextCall('Adele').within(25);
    });
  });

  // A server works on all of them in parallel, so there the order of waking is not the order of calls.
  it('continues with the most severe first', async () => {
    world = new World();
    const { pause } = await world.process(await openEmbedded());
    await pause.pause('ops');
    for (const name of first) {
      world.directory.add(person(name));
      await world.start(name, { severity: name === first.at(-1) ? 'critical' : 'info' });
    }
    await pause.resume('ops');
    await world.passUntil(() => world.called.length === MANY, 'all are called');
    // Those that continue are processed in parallel, so the order is not exact.
    assert.ok(
      world.called.indexOf(first.at(-1) ?? '') < MANY / 2,
      'it overtakes most of those in front of it',
    );
  });

  onPostgres((open, freshUrl) => {
    it('holds everything or nothing if two replicas change it at once', async () => {
      const url = await freshUrl();
      const [one, other = assert.fail()] = await ringing(await open(url), await open(url));
      const change = async ({ pause }: Process): Promise<void> => {
        for (const turn of QUICK) await pause[turn]('ops');
      };
      await Promise.all([change(one), change(other)]);
      await one.pause.pause('ops');
      await expectNobodyIsCalled();
      await Promise.all([change(one), change(other), world.pass(1)]);
      await expectAllGoOn();
    });

    it('survives if one of two replicas is killed right after each change', async () => {
      const url = await freshUrl();
      await ringing(await open(url), await open(url));
      const dead = await world.process(await open(url), 'dead');
      await dead.pause.pause('ops');
      await world.pass(10);
      await expectNobodyIsCalled();
      for (const turn of ['resume', ...QUICK] as const) await dead.pause[turn]('ops');
      await world.pass(10);
      await expectAllGoOn();
    });
  });
});
