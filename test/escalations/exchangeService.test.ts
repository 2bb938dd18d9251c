import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import type { Database } from '../../src/database/open.ts';
import { toTarget } from '../../src/directory/callable.ts';
import { RingdownError } from '../../src/errors.ts';
import { ExchangeService, type NewExchange } from '../../src/escalations/exchangeService.ts';
import { dutyPlanOf } from '../../src/escalations/policies.ts';
import { RotationDuty } from '../../src/escalations/rotationDuty.ts';
import { coversIn, takeCover } from '../../src/schedules/coverStore.ts';
import { FakeClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { FakeDirectory, person } from '../support/escalations/people.ts';
import { plainTransact } from '../support/plainTransact.ts';

const HOUR = 3_600_000;
const berlin = (time: string): number =>
  DateTime.fromISO(`2026-03-${time}`, { zone: 'Europe/Berlin' }).toMillis();
/** A week each. Alex has the one from Monday 2 March, Adele the next, and Megan the one from Monday 16 March. */
const file = (members: string, more = '') =>
  readRingdownYaml(
    `timeZone: Europe/Berlin
rotations: {web: {members: [${members}], every: 1w, handover: "Mon 09:00"}, db: {members: [alex], every: 1w, handover: "Mon 09:00"}}
policies: {payments: {steps: [{targets: [{rotation: web}${more}]}]}}`,
    {},
  );
const [adele, alex, megan] = [toTarget(person('Adele')), toTarget(person('Alex')), toTarget(person('Megan'))];

describe('An exchange of duty', () => {
  forEachDatabase((open) => {
    let database: Database;
    let clock: FakeClock;
    let directory: FakeDirectory;
    let ringdown: ReturnType<typeof file>;
    let jobs: JobRequest[];
    let failing: boolean;
    let exchanges: ExchangeService;

    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.sql.deleteFrom('cover_spans').execute();
      await database.sql.deleteFrom('exchanges').execute();
      clock = new FakeClock(berlin('05T12:00'));
      directory = new FakeDirectory('Adele', 'Alex', 'Megan');
      ringdown = file('adele, megan, alex');
      jobs = [];
      failing = false;
      const beforeCommit = (): void => {
        if (failing) throw new TypeError('killed');
      };
      exchanges = new ExchangeService({
        database,
        transact: plainTransact(database, { wanted: jobs, beforeCommit }),
        clock,
        directory,
        duty: new RotationDuty({
          directory,
          clock,
          ringdown: () => ringdown,
          plan: () => dutyPlanOf(ringdown, { bookOf: () => ({ kind: 'unknown' }) }),
        }),
        changed: (work, { id }) => work.enqueue({ name: 'card.show', data: { subject: `exchange:${id}` } }),
      });
    });

    const wish: NewExchange = {
      policy: 'payments',
      rotation: 'web',
      asker: adele,
      asked: alex,
      timeZone: 'Europe/Berlin',
      gives: { from: berlin('13T00:00'), to: berlin('14T00:00') },
      takes: { from: berlin('06T14:00'), to: berlin('07T14:00') },
    };
    const offer = async (more: Partial<NewExchange> = {}): Promise<string> => {
      const stored = await plainTransact(database)(
        async (work) => await exchanges.offerIn(work, { ...wish, ...more }),
      );
      assert.ok(typeof stored === 'object');
      return stored.id;
    };
    const stateOf = async (id: string): Promise<string> => {
      const state = (await exchanges.get(id))?.state;
      return state?.kind === 'failed' ? `failed: ${state.why}` : (state?.kind ?? 'gone');
    };
    const covers = async (): Promise<string[]> =>
      (await coversIn(database.sql, 0, berlin('31T00:00')))
        .map(({ person: { displayName }, from, rotation }) => {
          const begins = DateTime.fromMillis(from, { zone: 'Europe/Berlin' }).toFormat('dd HH:mm');
          return `${displayName} ${begins} ${rotation}`;
        })
        .toSorted();
    const both = ['Adele 06 14:00 web', 'Alex 13 00:00 web'];

    it('takes both covers with the yes, and requests the cards in the same transaction', async () => {
      const id = await offer();
      assert.deepEqual(await covers(), []);
      failing = true;
      await assert.rejects(exchanges.accept(id), TypeError);
      assert.deepEqual([await stateOf(id), await covers(), jobs], ['asked', [], []]);
      failing = false;
      await exchanges.accept(id);
      assert.deepEqual([await stateOf(id), await covers()], ['accepted', both]);
      assert.deepEqual(jobs, [{ name: 'card.show', data: { subject: `exchange:${id}` } }]);
    });

    it('has one end, however many answers come at once', async () => {
      for (let round = 0; round < 3; round += 1) {
        await database.sql.deleteFrom('cover_spans').execute();
        const id = await offer();
        const outcomes = await Promise.all([
          exchanges.accept(id),
          exchanges.happens(id, { kind: 'withdraw' }),
          exchanges.accept(id),
          exchanges.happens(id, { kind: 'decline' }),
        ]);
        assert.equal(outcomes.filter((outcome) => outcome?.isNews).length, 1);
        const state = await stateOf(id);
        for (const outcome of outcomes) assert.equal(outcome?.exchange.state.kind, state);
        assert.deepEqual(await covers(), state === 'accepted' ? both : []);
        clock.setTime(clock.now() + 1000);
      }
    });

    it('takes place once if the same duty is offered to two, who both say yes at once', async () => {
      const ids = [
        await offer(),
        await offer({ asked: megan, takes: { from: berlin('18T00:00'), to: berlin('19T00:00') } }),
      ];
      await Promise.all(ids.map(async (id) => await exchanges.accept(id)));
      const states = await Promise.all(ids.map(stateOf));
      assert.deepEqual(states.toSorted(), ['accepted', 'failed: askerLacksDuty']);
      assert.equal((await covers()).length, 2);
    });

    describe('says yes too late, if meanwhile', () => {
      const cover = async (who: typeof adele, from: string, until: string): Promise<string> =>
        await takeCover(
          database.sql,
          { policy: 'payments', person: who, from: berlin(from), until: berlin(until) },
          clock.now(),
        );
      const cases: readonly (readonly [string, () => Promise<unknown> | void, string, number])[] = [
        [
          'the file has another order',
          () => void (ringdown = file('megan, adele, alex')),
          'failed: askerLacksDuty',
          0,
        ],
        [
          'the file has no such policy',
          () => void (ringdown = readRingdownYaml('', {})),
          'failed: askerLacksDuty',
          0,
        ],
        [
          'somebody covers a part of it',
          async () => await cover(megan, '13T12:00', '13T13:00'),
          'failed: askerLacksDuty',
          1,
        ],
        [
          'somebody covers what comes back',
          async () => await cover(megan, '06T20:00', '08T00:00'),
          'failed: askedLacksDuty',
          1,
        ],
        [
          'the asked person gets another duty',
          () => void (ringdown = file('adele, megan, alex', ', {rotation: db}')),
          'failed: askedIsBusy',
          0,
        ],
        ['the asker has left', () => void directory.people.shift(), 'failed: askerIsGone', 0],
        [
          'the asked person can no longer be called',
          () => void Object.assign(directory.people[1] ?? {}, { accountEnabled: false }),
          'failed: askedIsGone',
          0,
        ],
        ['a day has passed', () => clock.setTime(clock.now() + 24 * HOUR), 'expired', 0],
      ];
      for (const [title, happens, expected, others] of cases) {
        it(title, async () => {
          const id = await offer();
          await happens();
          await exchanges.accept(id);
          assert.equal(await stateOf(id), expected);
          assert.equal((await covers()).length, others);
        });
      }
    });

    it('waits if the directory does not answer', async () => {
      const id = await offer();
      directory.state = 'away';
      await assert.rejects(exchanges.accept(id), RingdownError);
      assert.equal(await stateOf(id), 'asked');
    });

    it('waits if the calendar of its rotation was not read yet', async () => {
      const id = await offer();
      ringdown = readRingdownYaml(
        'rotations: {web: {ical: web.ics}}\npolicies: {payments: {steps: [{targets: [{rotation: web}]}]}}',
        {},
      );
      await assert.rejects(exchanges.accept(id), RingdownError);
      assert.equal(await stateOf(id), 'asked');
    });

    it('is offered once, and sent only if there is something to take', async () => {
      const transact = plainTransact(database, { wanted: jobs });
      const again = async (more: Partial<NewExchange>) =>
        await transact(async (work) => await exchanges.offerIn(work, { ...wish, ...more }));
      await again({});
      assert.equal(await again({}), 'asked');
      assert.deepEqual(
        jobs.map(({ name, dueAt }) => `${name} ${dueAt ?? ''}`.trim()),
        [`exchange.expire ${clock.now() + 24 * HOUR}`, 'exchange.ask'],
      );
      jobs.length = 0;
      const plain = await again({ asked: megan, takes: null });
      assert.ok(typeof plain === 'object');
      assert.deepEqual(
        jobs.map(({ name }) => name),
        ['exchange.expire'],
      );
      await exchanges.accept(plain.id);
      assert.equal(await stateOf(plain.id), 'proposed');
      await exchanges.happens(plain.id, { kind: 'confirm' });
      await exchanges.accept(plain.id);
      assert.deepEqual(await covers(), ['Megan 13 00:00 web']);
    });
  });
});
