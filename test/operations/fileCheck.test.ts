import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { systemClock } from '../../src/clock.ts';
import type { JobHandler } from '../../src/database/jobHandler.ts';
import { TryAgainLater } from '../../src/database/tryAgain.ts';
import { FileCheck } from '../../src/operations/fileCheck.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { FakeDirectory } from '../support/escalations/people.ts';
import { openEmbedded } from '../support/databases.ts';
import { recordingLog } from '../support/log.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;
const KEY = 'a-key-of-prometheus';
const hash = createHash('sha256').update(KEY).digest('hex');

const POLICY = 'payments: {steps: [{targets: [{rotation: web}, {user: Adele Vance}]}]}';
const ROTATION = 'rotations: {web: {members: [Alex Wilber], every: 1w, handover: "Mon 09:00"}}';
const INTEGRATION = `integrations: [{name: prometheus, kind: alertmanager, hash: ${hash}, policy: payments}]`;
const YAML = `
operators: [Megan Bowen]
${INTEGRATION}
${ROTATION}
policies: {${POLICY}}`;

/** The operator's notices about things that need attention. */
function heard(world: World): string {
  const { channel } = world.emulator;
  return channel
    .messages(channel.personal('Megan Bowen').id)
    .map(({ activity }) => JSON.stringify(activity))
    .filter((text) => text.includes('needs your attention'))
    .join('\n');
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `Nobody ${index}`);

const warnings = (world: World, words: string): Record<string, unknown>[] =>
  world.log
    .filter((line) => line.includes(words))
    .map((line): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>);

describe('the check of ringdown.yaml', function () {
  it('reports at start to log and operators whom the directory does not know', async () => {
    const yaml = `
operators: [Megan Bowen, nobody@contoso.example]
rotations: {web: {members: [Adele Vance, Frodo Baggins], every: 1w, handover: "Mon 09:00"}}
policies:
  payments:
    steps:
      - {targets: [{rotation: web}, {user: frodo baggins}, {managerOf: Samwise Gamgee}]}
      - {targets: [{group: 11111111-2222-3333-4444-555555555555}, {user: Isaiah Langer}]}
`;
    const world = await startWorld({ database: await openEmbedded(), yaml });
    await world.settle();
    const places = warnings(world, 'the directory does not know somebody').map(({ level, where, why }) => [
      level,
      where,
      why,
    ]);
    assert.deepEqual(places, [
      ['warn', ['operators[1]'], 'notFound'],
      ['warn', ['rotations.web.members[1]', 'policies.payments.steps[0].targets[1]'], 'notFound'],
      ['warn', ['policies.payments.steps[0].targets[2]'], 'notFound'],
      ['warn', ['policies.payments.steps[1].targets[0]'], 'emptyGroup'],
    ]);
    assert.ok(!world.log.join().includes('Frodo'));
    await world.pass(15 * second);
    assert.match(
      heard(world),
      /names Frodo Baggins \(rotations.web.members\[1\], policies.*\): nobody with that/,
    );
    assert.match(heard(world), /names nobody@contoso.example \(operators\[1\]\)/);
    // Licences change; a missing one is reported when the person is called.
    assert.doesNotMatch(heard(world), /Isaiah/);
  });

  it('reports when the directory answers again, and asks for nobody else until then', async () => {
    const { log, lines } = recordingLog();
    const directory = new FakeDirectory('Adele');
    const handlers = new Map<string, JobHandler<never>>();
    const told: string[] = [];
    const check = new FileCheck({
      log,
      clock: systemClock,
      apiKeys: [],
      openDirectory: () => directory,
      jobs: { handle: (name, handler) => handlers.set(name, handler) },
      transact: async () => await Promise.reject(new Error('nothing is to be written')),
      ringdown: () => readRingdownYaml(`operators: [Adele, ${names(20).join(', ')}]`, {}),
      uses: async () => await Promise.resolve({ ladders: [], sources: [] }),
      tell: async (subject) => {
        await Promise.resolve();
        told.push(subject);
      },
    });
    const look = async (): Promise<void> =>
      await handlers.get('file.names')?.run({} as never, undefined as never);
    await assert.rejects(async () => await check.want(), /nothing is to be written/);
    directory.state = 'away';
    await assert.rejects(look, (error) => error instanceof TryAgainLater && error.delayMs === 10 * minute);
    assert.equal(directory.lookUps, 8);
    assert.equal(
      lines.filter((line) => line.includes('cannot look up the people of ringdown.yaml')).length,
      1,
    );
    assert.deepEqual(told, []);
    directory.state = 'well';
    await look();
    assert.equal(told.length, 20);
  });

  it('reports once what open escalations use but the file no longer has, however often it is reloaded', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'It burns' });
    const answer = await fetch(`${world.url}/api/v1/alerts/alertmanager/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(alertmanagerBody()),
    });
    assert.equal(answer.status, 202);
    await world.pass(2 * second);
    const next = readRingdownYaml('operators: [Megan Bowen]', {});
    await world.app.reload(next);
    await world.app.reload(next);
    await world.pass(12 * second);
    const lines = warnings(world, 'lacks a name that open escalations use');
    assert.deepEqual(
      new Set(lines.map(({ what, name }) => `${String(what)} ${String(name)}`)),
      new Set(['policy payments', 'rotation web', 'integration prometheus']),
    );
    assert.match(heard(world), /no longer has the policy payments, which \d open escalations? uses?:/);
    assert.match(heard(world), /no longer has the rotation web/);
    assert.match(heard(world), /no longer has the integration prometheus/);
    assert.doesNotMatch(heard(world), /times\)/);
  });

  it('runs after a reload even if the heartbeats cannot be stored', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    const { sql: db } = world.app.database;
    await sql`ALTER TABLE heartbeats RENAME TO heartbeats_away`.execute(db);
    const next = readRingdownYaml('operators: [Megan Bowen, Frodo Baggins]', {});
    await assert.rejects(async () => await world.app.reload(next), AggregateError);
    await sql`ALTER TABLE heartbeats_away RENAME TO heartbeats`.execute(db);
    await world.settle();
    assert.equal(warnings(world, 'the directory does not know somebody').length, 1);
  });

  it('reports nothing if nothing is missing, or nobody uses what is missing', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    const started = await world.api('POST', '/api/v1/escalations', {
      policy: 'payments',
      summary: 'It burns',
    });
    const { id } = started.body as { id: string };
    await world.app.reload(readRingdownYaml(YAML, {}));
    await world.api('POST', `/api/v1/escalations/${id}/resolve`, { by: 'Megan Bowen' });
    await world.app.reload(readRingdownYaml('operators: [Megan Bowen]', {}));
    await world.pass(15 * second);
    assert.equal(heard(world), '');
  });

  it('tells the operators that a new file was refused', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    await world.app.reloadRefused(2);
    await world.pass(12 * second);
    assert.match(heard(world), /The new ringdown.yaml was rejected: it has 2 errors, see the log/);
  });
});
