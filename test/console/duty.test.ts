import assert from 'node:assert/strict';
import type { ActAnswer, Duty, DutySpan } from '../../src/console/model.ts';
import { MOST_COVERS, takeCover } from '../../src/schedules/coverStore.ts';
import { consolePerson } from '../support/console/person.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const HOUR = 3_600_000;
const team = '22222222-2222-4222-8222-222222222222';
const [megan, alex, lee, joni] = ['Megan Bowen', 'Alex Wilber', 'Lee Gu', 'Joni Sherman'];

const yaml = `
timeZone: Europe/Berlin
operators: [${megan}]
permissions: {callers: [{user: ${megan}}, {user: ${alex}}, {user: ${joni}}]}
rotations:
  website: {members: [Adele Vance], every: 1w, handover: 'Mon 09:00'}
  nobody: {members: [Nobody Atall], every: 1w, handover: 'Mon 09:00'}
policies:
  website: {steps: [{targets: [{rotation: website}]}, {targets: [{user: Joni Sherman}, {rotation: website}]}]}
  gaps: {steps: [{targets: [{rotation: nobody}]}, {targets: [{shifts: ${team}, fallback: {user: Joni Sherman}}]}]}
  people: {steps: [{targets: [{user: Joni Sherman}]}]}
`;

const restless = `
rotations: {restless: {members: [Adele Vance, ${alex}], every: 1m, handover: 'Mon 09:00'}}
policies: {restless: {steps: [{targets: [{rotation: restless}]}]}}
`;

describe('the duty calendar of the console', () => {
  const now = Date.now();
  const at = (hours: number): string => new Date(now + hours * HOUR).toISOString();

  async function open(file = yaml): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file });
  }

  async function duty(world: World, name = megan, from = at(0), to = at(24)): Promise<Duty> {
    const { status, body } = await consolePerson(world, name).get(`/duty?from=${from}&to=${to}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as Duty;
  }

  async function take(world: World, name: string, from: number, until: number, policy = 'website') {
    const body = { policy, from: at(from), until: at(until) };
    const { status, body: answer } = await consolePerson(world, name).post('/duty/covers', body);
    return { status, ...(answer as ActAnswer) };
  }

  const row = ({ rows }: Duty, policy: string, step = 1) => {
    const found = rows.find((one) => one.policy === policy && one.step === step);
    assert.ok(found);
    return found;
  };
  const shown = ({ kind, people, cover }: DutySpan): string =>
    [
      kind,
      people.map(({ name, me }) => (me ? `${name}!` : name)).join(', '),
      ...(cover ? [`for ${cover.instead}${cover.mayEnd ? ', may end' : ''}`] : []),
    ].join(' ');

  it('has a row for each rotation and for Shifts, with gaps and why', async () => {
    const world = await open();
    const { graph } = world.emulator;
    graph.addShift({ teamId: team, person: lee, start: now - HOUR, end: now + 6 * HOUR });
    const calendar = await duty(world);
    assert.deepEqual(
      calendar.rows.map(({ policy, step, rotation }) => [policy, step, rotation]),
      [
        ['website', 1, 'website'],
        ['gaps', 1, 'nobody'],
        ['gaps', 2, null],
      ],
    );
    assert.equal(calendar.timeZone, 'Europe/Berlin');
    assert.deepEqual(row(calendar, 'website').spans.map(shown), ['rotation Adele Vance']);
    assert.deepEqual(row(calendar, 'website').now, {
      people: [{ name: 'Adele Vance', me: false }],
      until: null,
    });
    const [gap] = row(calendar, 'gaps').spans;
    assert.equal(gap?.kind, 'gap');
    assert.deepEqual(gap?.notes, ['Skipping Nobody Atall: nobody with that name was found.']);
    const shifts = row(calendar, 'gaps', 2);
    assert.equal(shifts.canCover, false);
    assert.deepEqual(shifts.spans.map(shown), [`shift ${lee}`, 'fallback Joni Sherman']);
    assert.equal(shifts.now.until, at(6));
  });

  it('has no rows if no policy has a rotation or Shifts', async () => {
    const world = await open('policies: {people: {steps: [{targets: [{user: Joni Sherman}]}]}}');
    assert.deepEqual((await duty(world)).rows, []);
  });

  it('does not draw a rotation that changes every minute over months', async () => {
    const world = await open(restless);
    const months = row(await duty(world, megan, at(0), at(24 * 90)), 'restless');
    assert.deepEqual(months.spans, []);
    assert.match(months.note ?? '', /changes too often/);
    assert.ok(row(await duty(world), 'restless').spans.length > 1000);
  });

  it('shows names as in the file while the directory does not answer, and says so', async () => {
    const world = await open();
    assert.equal((await consolePerson(world, megan).get('/me')).status, 200);
    world.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 100 });
    const calendar = await duty(world);
    assert.deepEqual(row(calendar, 'gaps').spans.map(shown), ['rotation Nobody Atall']);
    assert.match(row(calendar, 'gaps').note ?? '', /directory does not answer/);
    assert.match(row(calendar, 'gaps', 2).note ?? '', /Shifts of this team cannot be read/);
  });

  it('refuses ranges of more than 100 days, and ranges that end before they begin', async () => {
    const world = await open();
    const person = consolePerson(world, megan);
    for (const [from, to, status] of [
      [at(0), at(24 * 100), 200],
      [at(0), at(24 * 100 + 1), 400],
      [at(1), at(0), 400],
      [at(1), at(1), 400],
      ['yesterday', at(1), 400],
      ['0000-01-01T00:00:00Z', '0000-01-02T00:00:00Z', 400],
    ] as const) {
      assert.equal((await person.get(`/duty?from=${from}&to=${to}`)).status, status, `${from} ${to}`);
    }
  });

  it('lets people take over a span that begins now or later, and shows whom they replace', async () => {
    const world = await open();
    assert.deepEqual(row(await duty(world, alex), 'website').spans.map(shown), ['rotation Adele Vance']);
    const { status, say, done } = await take(world, alex, 4, 8);
    assert.deepEqual([status, done], [200, true]);
    assert.match(say, /^You are on call for website from .* until .*\(UTC\)\.$/);
    assert.deepEqual(row(await duty(world, alex), 'website').spans.map(shown), [
      'rotation Adele Vance',
      `cover ${alex}! for Adele Vance, may end`,
      'rotation Adele Vance',
    ]);
    // Operators may end all covers.
    assert.equal((await take(world, megan, 6, 10)).done, true);
    assert.deepEqual(row(await duty(world), 'website').spans.map(shown), [
      'rotation Adele Vance',
      `cover ${alex} for Adele Vance, may end`,
      `cover ${megan}! for Adele Vance, may end`,
      'rotation Adele Vance',
    ]);
    assert.deepEqual(
      row(await duty(world, joni), 'website')
        .spans.filter(({ cover }) => cover)
        .map(shown),
      [`cover ${alex} for Adele Vance`, `cover ${megan} for Adele Vance`],
    );
  });

  it('calls the person who took over', async () => {
    const world = await open();
    assert.match((await take(world, alex, -1, 8)).say, /^You are on call for website until /);
    const calendar = await duty(world, alex, at(-2), at(24));
    assert.deepEqual(row(calendar, 'website').now.people, [{ name: alex, me: true }]);
    await world.api('POST', '/api/v1/escalations', { policy: 'website', summary: 'red' });
    await world.pass(2_000);
    assert.deepEqual(
      world.emulator.calls.list().map(({ target }) => target.displayName),
      [alex],
    );
  });

  it('counts a double click once', async () => {
    const world = await open();
    await Promise.all([take(world, alex, 4, 8), take(world, alex, 4, 8)]);
    await take(world, alex, 4, 8);
    const covers = await world.app.database.sql.selectFrom('cover_spans').selectAll().execute();
    assert.equal(covers.length, 1);
  });

  it('refuses what chat refuses', async () => {
    const world = await open();
    const refused: [name: string, from: number, until: number, policy: string, say: RegExp][] = [
      [alex, 1, 2, 'people', /has no rotation/],
      [alex, -3, -1, 'website', /has already passed/],
      [alex, 1, 24 * 91, 'website', /at most 90 days/],
      [lee, 1, 2, 'website', /not allowed|may not/i],
    ];
    for (const [name, from, until, policy, say] of refused) {
      const answer = await take(world, name, from, until, policy);
      assert.equal(answer.done, false);
      assert.match(answer.say, say);
    }
    const from = `from=${at(0)}&to=${at(24)}`;
    assert.equal((await consolePerson(world, lee).get(`/duty?${from}`)).status, 403);
    assert.equal((await duty(world, alex)).mayCover, true);
    assert.equal((await take(world, alex, 1, 2, 'constructor')).status, 404);
    assert.equal((await take(world, alex, 2, 1)).status, 400);
    assert.deepEqual(await world.app.database.sql.selectFrom('all_covers').selectAll().execute(), []);
  });

  it('lets a person have at most 100 covers of a policy that have not ended', async () => {
    const world = await open();
    const { id: person } = world.emulator.people.get(alex);
    const target = { kind: 'teamsUser', id: person, displayName: alex } as const;
    const cover = (nth: number) => ({
      policy: 'website',
      person: target,
      from: now + nth * HOUR,
      until: now + (nth + 1) * HOUR,
    });
    const { sql } = world.app.database;
    const ids = [];
    for (let nth = 1; nth <= MOST_COVERS; nth += 1) ids.push(await takeCover(sql, cover(nth), now));
    assert.deepEqual(await take(world, alex, 200, 201), {
      status: 200,
      say: 'You already have 100 covers for website. End one of them first.',
      done: false,
    });
    assert.equal((await take(world, alex, 1, 2)).done, true, 'the same cover again is not one more');
    assert.equal((await take(world, megan, 200, 201)).done, true, 'others have their own');
    await consolePerson(world, alex).post(`/duty/covers/${ids.at(-1)}/end`);
    assert.equal((await take(world, alex, 200, 201)).done, true);
  });

  it('ends covers: one’s own, and all for operators', async () => {
    const world = await open();
    await take(world, alex, 4, 8);
    const find = async (): Promise<string> =>
      row(await duty(world), 'website').spans.find(({ cover }) => cover)?.cover?.id ?? '';
    const id = await find();
    assert.equal((await consolePerson(world, lee).post(`/duty/covers/${id}/end`)).status, 404);
    assert.equal((await consolePerson(world, megan).post('/duty/covers/none/end')).status, 404);
    const { status, body } = await consolePerson(world, alex).post(`/duty/covers/${id}/end`);
    assert.deepEqual([status, body], [200, { say: `${alex} no longer covers website.`, done: true }]);
    assert.equal(await find(), '');
    await take(world, alex, 5, 8);
    const other = await find();
    assert.equal((await consolePerson(world, megan).post(`/duty/covers/${other}/end`)).status, 200);
    assert.equal((await consolePerson(world, megan).post(`/duty/covers/${other}/end`)).status, 200);
    assert.equal(await find(), '');
  });

  it('tells nobody the ids of others', async () => {
    const world = await open();
    await take(world, alex, 4, 8);
    const text = JSON.stringify(await duty(world));
    for (const name of [alex, 'Adele Vance', megan])
      assert.ok(!text.includes(world.emulator.people.get(name).id));
  });
});
