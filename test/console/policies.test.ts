import assert from 'node:assert/strict';
import type { Policies, PolicyDetail } from '../../src/console/model.ts';
import { consolePerson } from '../support/console/person.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const adele = 'Adele Vance';
const megan = 'Megan Bowen';
const debra = 'Debra Berger';

const yaml = `
operators: [${megan}]
policies:
  payments:
    steps:
      - {targets: [{user: ${debra}}], ringTimeoutSeconds: 30, tries: 2}
      - {targets: [{user: Nestor Wilke}, {user: Nobody Atall}], mode: parallel, ringTimeoutSeconds: 20, pauseSeconds: 60}
      - {targets: [{user: ${adele}}], ringTimeoutSeconds: 10}
    repeat: 1
    stepOver: [optedOut, inACall, presenting]
    acknowledgeTimeout: 1h
    onExhausted: {notify: [adele@contoso.example]}
  empty:
    steps: [{targets: [{user: Nobody Atall}]}]
  night:
    ways: [teams, mobile]
    steps: [{targets: [{user: ${adele}}, {mobileOf: ${debra}}], ringTimeoutSeconds: 30, tries: 2}]
`;

describe('the policies of the console', () => {
  async function open(file = yaml): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file });
  }

  async function dryRun(world: World, query = '', reader = megan): Promise<PolicyDetail> {
    const { status, body } = await consolePerson(world, reader).get(`/policies/payments${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as PolicyDetail;
  }

  it('are listed with whom they call first, and to those who see all with what is open', async () => {
    const world = await open();
    const list = async (reader: string): Promise<Policies> =>
      (await consolePerson(world, reader).get('/policies')).body as Policies;
    const [payments, empty] = (await list(megan)).policies;
    assert.deepEqual(payments, {
      name: 'payments',
      first: [debra],
      more: 0,
      atOnce: false,
      steps: 3,
      open: 0,
    });
    assert.deepEqual([empty?.first, empty?.open], [[], 0]);
    assert.deepEqual(
      (await list('Alex Wilber')).policies.map(({ open: count }) => count),
      [null, null, null],
    );
  });

  it('show when each phone would ring, until nobody is left', async () => {
    const world = await open();
    const { steps, repeatsAfter, overAfter, holds, afterwards } = await dryRun(world);
    assert.deepEqual(
      steps.map(({ startsAfter, people }) => [startsAfter, people.map(({ name, rings }) => [name, rings])]),
      [
        [0, [[debra, [0, 30]]]],
        [
          60,
          [
            ['Nestor Wilke', [60]],
            ['Nobody Atall', []],
          ],
        ],
        [140, [[adele, [140]]]],
      ],
    );
    assert.deepEqual([repeatsAfter, overAfter, holds], [[150], 300, []]);
    const [, second_] = steps;
    assert.equal(second_?.people[1]?.note, 'Not called: nobody with that name was found.');
    assert.deepEqual(afterwards, [
      'If nobody acknowledges, Ringdown tells Adele Vance.',
      'If somebody acknowledges but does not resolve it within 1 hour, it starts again.',
    ]);
  });

  it('show which phone of a person is called when', async () => {
    const world = await open();
    const { body } = await consolePerson(world, megan).get('/policies/night');
    const { steps } = body as PolicyDetail;
    assert.deepEqual(
      steps.flatMap(({ people }) => people.map(({ name, rings, note }) => [name, rings, note])),
      [
        [adele, [0, 60], null],
        [`${adele}, mobile`, [30, 90], 'If the directory has a number.'],
        [`${debra}, mobile`, [120, 150], 'If the directory has a number.'],
      ],
    );
  });

  it('call the same people at the same times when an alert arrives that nobody answers', async () => {
    const world = await open();
    for (const name of [debra, 'Nestor Wilke', adele]) world.emulator.people.script(name, { noAnswer: true });
    const expected = (await dryRun(world)).steps.flatMap(({ people }) =>
      people.flatMap(({ name, rings }) => rings.map((seconds) => `${seconds} ${name}`)),
    );
    const started = Date.now();
    const { body } = await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'Red' });
    await world.pass(145 * second);
    const { timeline } = (await world.api('GET', `/api/v1/escalations/${(body as { id: string }).id}`))
      .body as {
      timeline: { at: string; type: string; data?: { name: string } }[];
    };
    const begin = Date.parse(timeline[0]?.at ?? '') || started;
    const calls = timeline.filter(({ type }) => type === 'calling');
    const told = calls.map(({ at, data }) => `${Math.round((Date.parse(at) - begin) / 1000)} ${data?.name}`);
    assert.deepEqual(told, expected);
  });

  it('skip those whom the policy skips, unless the alert is critical', async () => {
    const world = await open();
    world.emulator.people.change(debra, { presence: { availability: 'Busy', activity: 'InACall' } });
    const critical = (await dryRun(world)).steps[0]?.people[0];
    assert.deepEqual([critical?.isSkipped, critical?.presence], [false, 'busy']);
    const warned = (await dryRun(world, '?severity=warning')).steps[0]?.people[0];
    assert.deepEqual(
      [warned?.isSkipped, warned?.rings, warned?.note],
      [true, [], 'Not called: is in a call.'],
    );
  });

  it('wait for the end of quiet hours and of a pause, and say so', async () => {
    const world = await open(`quietHours: {from: "00:00", to: "23:59", except: [critical]}\n${yaml}`);
    assert.deepEqual((await dryRun(world)).holds, []);
    const warned = await dryRun(world, '?severity=warning');
    assert.match(warned.holds.join(), /^Quiet hours are in effect until 11:59\sPM/);
    assert.ok((warned.steps[0]?.people[0]?.rings[0] ?? 0) > 0);
    await world.api('POST', '/api/v1/pause');
    assert.match((await dryRun(world)).holds.join(), /^tests paused all calls at/);
    assert.match((await dryRun(world, '', 'Alex Wilber')).holds.join(), /^All calls are paused\./);
  });

  it('store nothing and call nobody', async () => {
    const world = await open();
    const remembered = async (): Promise<number> =>
      (
        await world.app.database.sql
          .selectFrom('settings')
          .select('name')
          .where('name', 'like', 'target:%')
          .execute()
      ).length;
    await dryRun(world);
    assert.equal(await remembered(), 0);
    assert.equal(world.emulator.calls.list().length, 0);
    const rows = await world.app.database.sql.selectFrom('escalations').select('id').execute();
    assert.deepEqual(rows, []);
  });

  it('answer 404 for an unknown policy, and refuse severities that do not exist', async () => {
    const world = await open();
    const person = consolePerson(world, megan);
    assert.equal((await person.get('/policies/constructor')).status, 404);
    assert.equal((await person.get('/policies/payments?severity=huge')).status, 400);
  });

  it('are not shown to people who may call nobody', async () => {
    const world = await open(`permissions: {callers: [{user: ${megan}}]}\n${yaml}`);
    assert.equal((await consolePerson(world, 'Alex Wilber').get('/policies/payments')).status, 403);
    assert.equal((await consolePerson(world, megan).get('/policies/payments')).status, 200);
  });
});
