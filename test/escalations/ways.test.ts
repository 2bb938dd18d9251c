import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Database } from '../../src/database/open.ts';
import type { Escalation, FrozenStep } from '../../src/escalations/escalation.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { idOf } from '../support/escalations/people.ts';
import { actor, step, World, type Process } from '../support/escalations/stories.ts';

const ADELES = '+4917012345678';
const byWays = (people: string, more: Partial<FrozenStep> = {}): FrozenStep =>
  step(people, { ways: ['teams', 'mobile'], ...more });

describe('a person with a mobile', () => {
  forEachDatabaseByTurns((open) => {
    let database: Database;
    let world: World;
    let ringdown: Process;

    beforeEach(async () => {
      database = await open();
      world = new World();
      world.directory.numbers.set('Adele', [ADELES]);
      ringdown = await world.process(database);
    });

    /** The lines about calls and ways: "calling", "calling mobile", "withoutWay Alex noMobile". */
    const lines = async ({ id }: Escalation): Promise<string[]> =>
      (await ringdown.escalations.timeline(id)).flatMap(({ type, data = {} }) =>
        type === 'calling'
          ? [`calling ${data['name']}${data['mobile'] === true ? "'s mobile" : ''}`]
          : type === 'withoutWay' || type === 'skipped'
            ? [`${type} ${data['name']} ${data['reason']}`]
            : [],
      );

    it('is called in Teams, then on the mobile, and acknowledges there with a key', async () => {
      world.person("Adele's mobile").answers({ presses: [{ tone: 'one', after: 5 }] });
      const escalation = await world.start([byWays('Adele Alex')]);
      await world.expectNextCall('Adele').within(0);
      const { dial } = await world.expectNextCall("Adele's mobile").within(12);
      assert.deepEqual([dial.call.target.kind, dial.call.target.id], ['phone', ADELES]);
      await world.passUntil(
        async () => (await world.status(escalation)) === 'acknowledged',
        'the key counts',
      );
      const { acknowledgedBy } = (await world.escalation(escalation)).ladder;
      assert.deepEqual(
        [acknowledgedBy?.key, acknowledgedBy?.name, acknowledgedBy?.way],
        [idOf('Adele'), 'Adele', 'keys'],
      );
      // The same person, who presses on the card too.
      const again = await ringdown.escalations.acknowledge(escalation.id, actor('Adele'));
      assert.equal(again?.refused, null);
      await world.expectNoCall(30);
      assert.deepEqual(await lines(escalation), [
        'withoutWay Alex noMobile',
        'calling Adele',
        "calling Adele's mobile",
      ]);
      world.expectOneCallAtATime();
    });

    it('passes on with all phones, and acknowledges on the card while the mobile is called', async () => {
      const passed = await world.start([byWays('Adele Alex')]);
      await world.expectNextCall('Adele').within(0);
      const key = `teamsUser:${idOf('Adele')}`;
      await ringdown.escalations.passOn(passed.id, actor('Adele'), key);
      await world.expectNextCall('Alex').within(2);
      await ringdown.escalations.cancel(passed.id, actor('Megan'));
      const other = await world.start([byWays('Adele Alex', { ways: ['mobile', 'teams'] })]);
      const call = await world.expectNextCall("Adele's mobile").within(2);
      await ringdown.escalations.acknowledge(other.id, actor('Adele'));
      await world.expectNoCall(30);
      assert.notEqual(call.to, null);
    });

    it('has one call at a time, whichever phones two escalations want', async () => {
      world.person('Adele').declines(4);
      await world.start([step('Adele', { ways: ['mobile'] })]);
      await world.expectNextCall("Adele's mobile").within(0);
      await world.start('Adele');
      await world.expectNoCall(5);
      await world.expectNextCall('Adele').within(8);
      world.expectOneCallAtATime();
    });

    it('is called there by the next process if this one is killed in between, and not while calls are paused', async () => {
      const escalation = await world.start([byWays('Adele')]);
      await world.expectNextCall('Adele').within(0);
      await ringdown.pause.pause('ops');
      await world.stop(ringdown);
      ringdown = await world.process(database);
      await world.expectNoCall(30);
      await ringdown.pause.resume('ops');
      await world.expectNextCall("Adele's mobile").within(2);
      await world.stop(ringdown);
      ringdown = await world.process(database);
      await world.pass(40);
      assert.deepEqual(world.called, ['Adele', "Adele's mobile"]);
      assert.equal(await world.status(escalation), 'exhausted');
    });

    it('is looked up when their step begins, and nobody without a number is forgotten', async () => {
      world.directory.numbers
        .set('Megan', ['030 1234567', '+1 900 555 0100'])
        .set('Diego', ['+1 212 555 0100']);
      for (const name of ['Adele', 'Alex', 'Megan', 'Diego', 'Nestor']) world.person(name).declines(1);
      const escalation = await world.start(
        [
          step('Nestor'),
          byWays('Alex', {
            targets: [{ user: 'Alex' }, { mobileOf: 'Megan' }, { mobileOf: 'Diego' }, { mobileOf: 'Joni' }],
          }),
        ],
        { repeat: 1 },
      );
      assert.deepEqual(world.directory.askedNumbers, []);
      await world.pass(20);
      const round = (first: readonly string[]): string[] => [
        'calling Nestor', 'skipped Diego phoneNotAllowed', 'skipped Joni noMobile', ...first, 'calling Alex', "calling Megan's mobile",
      ]; // prettier-ignore
      assert.deepEqual(await lines(escalation), [...round(['withoutWay Alex noMobile']), ...round([])]);
      const megan = world.ringing.find(({ name }) => name === "Megan's mobile");
      assert.equal(megan?.dial.call.target.id, '+49301234567');
    });

    it('counts as one person if a step names both them and their mobile', async () => {
      const targets = [{ mobileOf: 'Adele' }, { user: 'Adele' }];
      await world.start([step('', { targets })]);
      await world.pass(40);
      assert.deepEqual(world.called, ["Adele's mobile", 'Adele']);
      world.expectOneCallAtATime();
    });

    it('is called in Teams as before if a version without ways has stored the ladder meanwhile', async () => {
      const { id } = await world.start([byWays('Adele Alex')]);
      await world.expectNextCall('Adele').within(0);
      await raw`UPDATE escalations SET ladder = jsonb_set(ladder, '{rungs}',
        (SELECT jsonb_agg(rung - 'phones') FROM jsonb_array_elements(ladder -> 'rungs') AS rung))
        WHERE id = ${id}`.execute(database.sql);
      await world.expectNextCall('Alex').within(12);
      await world.pass(30);
      assert.deepEqual(world.called, ['Adele', 'Alex']);
      assert.deepEqual(world.told, ['ops: Checkout is down']);
    });
  });
});
