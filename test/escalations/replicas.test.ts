import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TurnTimeout } from '../../src/database/transactionErrors.ts';
import { onPostgres } from '../support/databases.ts';
import { actor, step, targetOf, World, type Process } from '../support/escalations/stories.ts';
import { isLong, itInBoth, sample } from '../support/long.ts';

const NAMES = ['Adele', 'Alex', 'Megan', 'Diego'];

const deeds = [
  'acknowledge',
  'resolve',
  'cancel',
  'passOn',
  'next',
  'join',
  'hold',
  'chat',
  'hangUp',
] as const;
interface Deed {
  deed: (typeof deeds)[number];
  /** Id of its escalation. */
  which: number;
  who: string;
}

/** Retries like a sender if Ringdown is busy. */
async function insisting<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TurnTimeout)) throw error;
    }
  }
}

describe('escalations of two replicas', function () {
  onPostgres((open, freshUrl) => {
    let world: World;
    let processes: [Process, Process];

    beforeEach(async () => {
      const url = await freshUrl();
      world = new World();
      processes = [await world.process(await open(url)), await world.process(await open(url))];
    });

    const either = (n: number): Process => processes[n % 2 === 0 ? 0 : 1];

    it('a hundred identical alerts at once make one escalation and one call', async () => {
      const started = await Promise.all(
        Array.from({ length: 100 }, async (_, n) =>
          insisting(
            async () => await either(n).escalations.start(world.alert('Adele', { dedupKey: 'checkout' })),
          ),
        ),
      );
      assert.equal(new Set(started.map(({ escalation }) => escalation.id)).size, 1);
      assert.equal(started.filter(({ joined }) => !joined).length, 1);
      await world.pass(8);
      assert.deepEqual(world.called, ['Adele']);
      const [{ escalation } = { escalation: { id: '' } }] = started;
      const joins = (await world.timeline(escalation)).filter((type) => type === 'joined');
      assert.equal(joins.length, 99);
    });

    it('a hundred alerts, firing and resolved at once, leave nothing half done', async () => {
      const alert = world.alert('Adele', { dedupKey: 'checkout' });
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => {
          const { escalation } = await insisting(async () => await either(n).escalations.start(alert));
          if (n % 3 === 0) await either(n + 1).escalations.resolve(escalation.id, actor('ci', 'sender'));
        }),
      );
      const running = await either(0).escalations.list({ limit: 200, running: true });
      assert.ok(running.length <= 1);
      await world.pass(20);
      world.expectOneCallAtATime();
      assert.deepEqual(world.faults, []);
    });

    it('one of twenty concurrent acknowledgements wins', async () => {
      const { id } = await world.start('Adele');
      const taken = await Promise.all(
        Array.from(
          { length: 20 },
          async (_, n) => await either(n).escalations.acknowledge(id, actor(`person ${n}`, 'api')),
        ),
      );
      const won = taken.filter((one) => one?.refused === null);
      assert.equal(won.length, 1);
      const winner = won[0]?.escalation.ladder.acknowledgedBy?.name;
      assert.ok(taken.every((one) => one?.escalation.ladder.acknowledgedBy?.name === winner));
    });

    it('each goes on where the other one was killed', async () => {
      for (const name of NAMES) world.person(name).declines(2);
      const url = await freshUrl();
      const database = await open(url);
      world = new World();
      for (const name of NAMES) world.person(name).declines(3);
      let alive = await world.process(database);
      const escalation = await world.start(NAMES.map((name) => step(name)));
      for (let kills = 0; kills < 6; kills++) {
        await world.pass(1.5);
        await world.stop(alive);
        alive = await world.process(database);
      }
      await world.passUntil(async () => (await world.status(escalation)) === 'exhausted', 'it ends', 120);
      assert.deepEqual(world.called, NAMES);
    });

    itInBoth(
      'whatever happens at once: nothing deadlocks, nothing is lost, nobody has two calls',
      async () => {
        const night = fc.array(
          fc.record({
            deed: fc.constantFrom(...deeds),
            which: fc.nat({ max: 5 }),
            who: fc.constantFrom(...NAMES),
          }),
          { minLength: 160, maxLength: 160 },
        );
        await fc.assert(fc.asyncProperty(night, live), {
          numRuns: isLong ? Math.max(1, Math.round(20 / sample)) : 1,
          endOnFailure: true,
        });
      },
    );

    async function live(deedsOfNight: Deed[]): Promise<void> {
      world.person('Adele').declines(1);
      world.person('Alex').answers({ after: 1, presses: [{ tone: 'two', after: 1 }] });
      world.person('Megan').answers({ after: 1, hangsUpAfter: 1 });
      world.person('Diego').isBusy();
      const steps = [step('Adele Alex Megan Diego', { mode: 'parallel' }), step('Megan Adele', { tries: 2 })];
      const alerts = Array.from({ length: 6 }, (_, n) =>
        world.alert(steps, { dedupKey: `alert ${n}`, repeat: 1 }),
      );
      const ids: string[] = [];
      for (const [n, alert] of alerts.entries())
        ids.push((await either(n).escalations.start(alert)).escalation.id);

      for (let from = 0; from < deedsOfNight.length; from += 16) {
        await Promise.all(
          deedsOfNight.slice(from, from + 16).map(async ({ deed, which, who }, n) => {
            const { escalations, calls, pause } = either(n);
            const [id, alert] = [ids[which] ?? '', alerts[which] ?? world.alert('Adele')];
            switch (deed) {
              case 'acknowledge':
              case 'resolve':
              case 'cancel':
                return void (await escalations[deed](id, actor(who, 'api')));
              case 'passOn':
                return void (await escalations.passOn(id, actor(who), `teamsUser:${targetOf(who).id}`));
              case 'next':
                return void (await escalations.passOn(id, actor(who), null));
              case 'join':
                return void (ids[which] = (await escalations.start(alert)).escalation.id);
              case 'hold':
                await pause.pause(who);
                return void (await pause.resume(who));
              case 'chat':
                return void (await calls.place({
                  target: targetOf(who),
                  requestedBy: { kind: 'chat', key: 'chat:irvin', name: 'Irvin' },
                  purpose: { kind: 'speak', message: 'Lunch?' },
                  language: 'en',
                }));
              default: {
                const [running] = await calls.list({ open: true, limit: 1 });
                if (running) await calls.hangUp(running.id, 'operator');
              }
            }
          }),
        );
        await world.pass(1);
      }
      const over = async (): Promise<boolean> =>
        (await either(0).escalations.list({ limit: 500, status: 'open' })).length === 0 &&
        (await either(1).calls.list({ open: true, limit: 1 })).length === 0;
      await world.passUntil(over, 'everything is over', 900);

      assert.deepEqual(world.faults, []);
      assert.deepEqual(
        world.log.filter((line) => /deadlock|40P01|23505/.test(line)),
        [],
      );
      world.expectOneCallAtATime();
      const { sql } = processes[0].database;
      const held = await sql.selectFrom('calls').select('id').where('phone_key', 'is not', null).execute();
      assert.deepEqual(held, []);
    }
  });
});
