import assert from 'node:assert/strict';
import { migrations } from '../../src/database/migrations/index.ts';
import { openEmbedded } from '../support/databases.ts';
import { copyToEarlier, earlierDatabases, PGBOSS_VERSION } from '../support/database/earlierVersion.ts';
import { cases, itInBoth } from '../support/long.ts';
import { until } from '../support/until.ts';
import { receiver } from '../support/webhookReceiver.ts';
import { startWorld, type CallAnswer } from '../support/world.ts';

const second = 1000;
const CHANNEL = '19:ops@thread.tacv2';
const newest = migrations.at(-1)?.version ?? 0;
const versions = [
  [PGBOSS_VERSION, 'with its jobs in pg-boss'],
  [newest - 1, 'one migration ago'],
] as const;
const all = versions.flatMap(([version, when]) =>
  earlierDatabases.map(([kind, open]) => ({ version, title: `on ${kind}, ${when}`, open })),
);

describe('a database that an earlier version left in the middle of calls and with jobs waiting', function () {
  for (const { version, title, open } of cases('earlier versions', all, [1])) {
    itInBoth(`is migrated, and everything goes on, nothing twice: ${title}`, async () => {
      const hook = await receiver();
      const yaml = `
webhooks: [{url: "${hook.url}", secrets: [s], allowPrivate: true}]
policies:
  night:
    channel: "${CHANNEL}"
    steps:
      - {targets: [{user: Debra Berger}, {user: Nestor Wilke}], ringTimeoutSeconds: 20}
      - {targets: [{user: Isaiah Langer}]}
`;
      const before = await startWorld({
        database: await openEmbedded(),
        yaml,
        emulator: { timings: { perCharacterMs: 2 } },
      });
      const { emulator } = before;
      const phone = (name: string) => emulator.phone(name);
      const ops = emulator.channel.teamChannel(['Alex Wilber'], 'Ops', CHANNEL).id;
      const say = async (from: string, text: string): Promise<string> =>
        (await emulator.channel.send({ from, text })).conversationId;
      const card = (conversation: string): string =>
        JSON.stringify(emulator.channel.messages(conversation).at(-1)?.activity);

      for (const name of ['Adele Vance', 'Isaiah Langer', 'Grady Archie', 'Lee Gu'])
        emulator.people.script(name, { byHand: true });
      // A call that rings, and one that waits for the same phone.
      const megan = await say('Megan Bowen', 'call Adele Vance: the build is red');
      const alex = await say('Alex Wilber', 'call Adele Vance: the site is slow');
      // An escalation at its second person. Its card is old, and its webhook has heard nothing.
      hook.answer.status = 500;
      const failing = { operation: 'connector.updateActivity', kind: 'status', status: 503 } as const;
      const fault = emulator.faults.add({ ...failing, times: 100 });
      const started = await before.api('POST', '/api/v1/escalations', {
        policy: 'night',
        summary: 'It burns',
      });
      const { id } = started.body as { id: string };
      await before.pass(10 * second);
      assert.ok(phone('Nestor Wilke').incoming(), 'the second person is called');
      // Two requests under way: one has placed its call, the other one has not arrived.
      const slow = { operation: 'createCall', kind: 'slow', ms: 30 * second } as const;
      emulator.faults.add({ ...slow, when: 'after' });
      const diego = await say('Diego Siciliani', 'call Grady Archie: the disk is full');
      await until(() => phone('Grady Archie').incoming() !== null, 'the service has placed the call');
      emulator.faults.add({ ...slow, when: 'before' });
      const irvin = await say('Irvin Sayers', 'call Lee Gu: the disk is full');
      await before.pass(2 * second);
      await until(() => emulator.faults.pending.every(({ kind }) => kind !== 'slow'), 'it is under way');

      const database = await open(
        version,
        async (tables) => await copyToEarlier(before.app.database.sql, tables),
        5,
      );
      await before.app.stop(30);
      fault.remove();
      hook.answer.status = 204;
      hook.heard.length = 0;
      const env = { PORT: new URL(before.url).port, PUBLIC_URL: before.url };
      const world = await startWorld({ database, with: before, yaml, env });
      await world.pass(5 * second);
      for (const name of ['Adele Vance', 'Grady Archie', 'Lee Gu']) assert.ok(phone(name).answer(), name);
      await world.pass(5 * second);
      assert.ok(phone('Adele Vance').answer(), 'the call that waited is placed');
      await world.pass(15 * second);
      assert.ok(phone('Isaiah Langer').incoming(), 'the ring timeout of the second person has passed');
      await world.api('POST', `/api/v1/escalations/${id}/acknowledge`, { by: 'Isaiah Langer' });
      await world.pass(5 * second);
      await world.api('POST', `/api/v1/escalations/${id}/resolve`, { by: 'Isaiah Langer' });
      await world.pass(60 * second);

      const { items } = (await world.api('GET', '/api/v1/calls')).body as { items: CallAnswer[] };
      assert.deepEqual(
        items.map(({ target, disposition }) => `${target.displayName} ${disposition}`).toSorted(),
        [
          'Adele Vance answered',
          'Adele Vance answered',
          'Debra Berger declined',
          'Grady Archie answered',
          'Isaiah Langer cancelled',
          'Lee Gu answered',
          'Nestor Wilke no_answer',
        ],
      );
      assert.equal(emulator.calls.list().length, items.length, 'each call was placed once');
      assert.equal(phone('Adele Vance').spoken().length, 2);
      for (const [conversation, end] of [
        [megan, 'Adele Vance answered and heard the message'],
        [alex, 'Adele Vance answered and heard the message'],
        [diego, 'Grady Archie answered and heard the message'],
        [irvin, 'Lee Gu answered and heard the message'],
        [ops, 'Resolved'],
      ] as const)
        assert.ok(card(conversation).includes(end), `${end}: ${card(conversation)}`);
      assert.deepEqual(
        hook.heard.map(({ type }) => type),
        [
          'started',
          'call_placed',
          'call_ended',
          'call_placed',
          'call_ended',
          'call_placed',
          'acknowledged',
          'call_ended',
          'resolved',
        ],
      );
      const { sql } = world.app.database;
      const left = await sql
        .selectFrom('jobs')
        .select('name')
        .where('name', '~', '^(call|card|webhook)')
        .execute();
      assert.deepEqual(left, []);
    });
  }
});
