import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { dropMessages } from '../../src/calls/upkeep.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const yaml = `
rotations:
  web: {members: [Alex Wilber, Adele Vance], every: 1w, handover: "Mon 09:00"}
policies:
  web:
    steps: [{targets: [{rotation: web}]}]
  payments:
    steps:
      - {targets: [{user: Adele Vance}], ringTimeoutSeconds: 30}
`;

/** Every row of all our tables that contains one of these words. */
async function rowsWith(world: World, ...words: string[]): Promise<string[]> {
  const db = world.app.database.sql;
  const tables = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
  `.execute(db);
  assert.ok(tables.rows.length > 15);
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const rows = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.table(name)} t`.execute(db);
    for (const { row } of rows.rows) {
      const word = words.find((one) => row.toLowerCase().includes(one.toLowerCase()));
      if (word !== undefined) found.push(`${name}: ${word}: ${row.slice(0, 300)}`);
    }
  }
  return found;
}

async function say(world: World, from: string, text: string) {
  const heard = await world.emulator.channel.send({ from, text });
  await world.settle();
  return heard;
}

const last = (world: World, conversationId: string) => world.emulator.channel.messages(conversationId).at(-1);

/** Adele was called, placed calls, acknowledged an alert, covers a duty, wants to exchange one, and has opted out. */
async function aLife(world: World): Promise<void> {
  world.emulator.people.script('Adele Vance', { answers: { afterMs: second } });
  await say(world, 'Megan Bowen', 'call Adele Vance: Adele Vance, please look at the build');
  await world.pass(25 * second);
  await say(world, 'Adele Vance', 'call Alex Wilber: a secret of mine');
  await world.pass(25 * second);
  await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'Checkout is down' });
  await world.pass(5 * second);
  await say(world, 'Adele Vance', 'ack');
  await say(world, 'Adele Vance', 'resolve');
  await world.pass(25 * second);
  const covered = await say(world, 'Adele Vance', 'cover web until 23:00');
  assert.match(last(world, covered.conversationId)?.activity.text ?? '', /until/i);
  // One of them is on duty then, or both.
  await say(world, 'Adele Vance', 'swap web with Alex Wilber tomorrow');
  await say(world, 'Alex Wilber', 'swap web with Adele Vance tomorrow');
  await say(world, 'Adele Vance', 'language English');
  await say(world, 'Adele Vance', 'stop calling me');
}

describe('privacy', () => {
  forEachDatabaseByTurns((open) => {
    it('forget me: asks first, then deletes everything about the person; others keep their data', async () => {
      const world = await startWorld({ database: await open(), yaml });
      await aLife(world);
      const { id } = world.emulator.phone('Adele Vance').person;
      const theirs = [id, 'Adele Vance', 'adele@contoso.example', 'a secret of mine'];
      assert.ok((await rowsWith(world, ...theirs)).length > 10, 'there was something to forget');

      const { conversationId } = await say(world, 'Adele Vance', 'forget me');
      const question = last(world, conversationId);
      assert.ok(question);
      assert.match(JSON.stringify(question.activity.attachments), /Should I forget you\?/);
      assert.ok((await rowsWith(world, ...theirs)).length > 10, 'asking deletes nothing');
      const pressed = await world.emulator.channel.press('Adele Vance', question, 'Forget me');
      await world.settle();
      assert.match(JSON.stringify(pressed), /Done\. I have deleted what I knew about you.*only a hash/);

      const left = await rowsWith(world, 'Adele Vance', 'adele@contoso.example', 'a secret of mine');
      assert.deepEqual(left, []);
      // The press itself came from her chat, and writers are remembered.
      const ids = (await rowsWith(world, id)).filter((row) => !/^(conversations|chat_activities):/.test(row));
      assert.deepEqual(ids, []);
      const greeted = await world.emulator.channel.send({ from: 'Adele Vance', text: 'hi', locale: 'de-DE' });
      await world.settle();
      assert.match(last(world, greeted.conversationId)?.activity.text ?? '', /^Hallo/, 'her language too');
      assert.ok((await rowsWith(world, 'Megan Bowen')).length > 0);

      const call = (await world.api('GET', '/api/v1/calls')).body as {
        items: { target: { displayName: string }; requestedBy: { name: string } }[];
      };
      assert.deepEqual(
        call.items.map(({ target, requestedBy }) => [requestedBy.name, target.displayName]).toReversed(),
        [
          ['Megan Bowen', '(forgotten)'],
          ['(forgotten)', 'Alex Wilber'],
          [call.items[0]?.requestedBy.name, '(forgotten)'],
        ],
      );
    });

    it('an opt-out survives as a keyed hash, and can still be revoked', async () => {
      const world = await startWorld({ database: await open() });
      await say(world, 'Adele Vance', 'stop calling me');
      const { id } = world.emulator.phone('Adele Vance').person;
      const done = await world.api('DELETE', `/api/v1/people/${id}`);
      assert.equal(done.status, 200, JSON.stringify(done.body));
      assert.equal((done.body as { optOutKept: boolean }).optOutKept, true);
      assert.deepEqual(await rowsWith(world, id), []);

      const refused = await say(world, 'Megan Bowen', 'call Adele Vance: hello');
      assert.match(last(world, refused.conversationId)?.activity.text ?? '', /Adele Vance/);
      assert.equal(await newestCall(world), undefined, 'she is not called');
      await say(world, 'Adele Vance', 'allow calls');
      await say(world, 'Megan Bowen', 'call Adele Vance: hello');
      assert.ok(await newestCall(world));
    });

    it('is refused during a call, and can be declined in both ways', async () => {
      const world = await startWorld({ database: await open() });
      const { id } = world.emulator.phone('Adele Vance').person;
      await say(world, 'Megan Bowen', `call Adele Vance: ${'wait '.repeat(60)}`);
      await world.pass(5 * second);
      const busy = await say(world, 'Adele Vance', 'forget me');
      assert.match(
        last(world, busy.conversationId)?.activity.text ?? '',
        /A call with you, or one that you asked for, is still running/,
      );
      const refused = await world.api('DELETE', `/api/v1/people/${id}`);
      assert.equal(refused.status, 409);
      assert.match(JSON.stringify(refused.body), /wrong_state.*must end first/);

      await world.pass(120 * second);
      await say(world, 'Adele Vance', 'forget me');
      const kept = await say(world, 'Adele Vance', '2');
      assert.equal(last(world, kept.conversationId)?.activity.text, 'Nothing was deleted.');
      const again = await say(world, 'Adele Vance', '1');
      assert.equal(last(world, again.conversationId)?.activity.text, 'Nothing was deleted.');
      assert.ok((await rowsWith(world, id)).length > 0);
    });

    it('the API exports a person’s data, only for a key with all rights', async () => {
      const hash = createHash('sha256').update('reads-only').digest('hex');
      const world = await startWorld({
        database: await open(),
        yaml: `${yaml}apiKeys: [{name: reader, hash: ${hash}, may: [read]}]\n`,
      });
      await aLife(world);
      const { id } = world.emulator.phone('Adele Vance').person;
      const exported = await world.api('GET', `/api/v1/people/${id}`);
      assert.equal(exported.status, 200);
      const data = exported.body as Record<string, unknown[]> & { optedOut: boolean };
      assert.deepEqual(
        ['calls', 'escalations', 'covers'].map((part) => data[part]?.length),
        [3, 1, 1],
      );
      assert.ok(data['exchanges']?.length);
      assert.deepEqual([data.optedOut, data['language']], [true, 'en']);
      assert.match(JSON.stringify(data), /a secret of mine/);
      assert.doesNotMatch(JSON.stringify(data), /callback|secret_|repeatability/i);

      for (const method of ['GET', 'DELETE']) {
        const answer = await fetch(`${world.url}/api/v1/people/${id}`, {
          method,
          headers: { authorization: 'Bearer reads-only' },
        });
        assert.equal(answer.status, 403, method);
      }
      assert.equal((await world.api('DELETE', '/api/v1/people/a')).status, 400);
      assert.equal((await world.api('DELETE', `/api/v1/people/${id}`)).status, 200);
      const twice = await world.api('DELETE', `/api/v1/people/${id}`);
      assert.deepEqual(
        [twice.status, (twice.body as { calls: number }).calls],
        [200, 0],
        'a second time finds nothing',
      );
    });

    it('messages need not be kept, by configuration', async () => {
      const world = await startWorld({ database: await open(), yaml: 'keepMessages: false\n' });
      const { conversationId } = await say(world, 'Megan Bowen', 'call Adele Vance: the secret word');
      await world.pass(60 * second);
      assert.equal((await newestCall(world))?.status, 'ended');
      assert.ok((await rowsWith(world, 'the secret word')).length > 0);
      const { database, transact } = world.app;
      await sql`UPDATE calls SET ended_at = ended_at - interval '1 hour'`.execute(database.sql);
      await transact((work) => work.enqueue({ name: 'housekeeping', data: {} }));
      await world.settle();
      assert.deepEqual(await rowsWith(world, 'the secret word'), []);
      const card = last(world, conversationId);
      assert.ok(card);
      const again = await world.emulator.channel.press('Megan Bowen', card, 'Call again');
      assert.equal(world.emulator.calls.list().length, 1, JSON.stringify(again));
    });

    it('a message of a call that may still be in progress is kept for a while', async () => {
      const world = await startWorld({ database: await open() });
      await say(world, 'Megan Bowen', 'call Debra Berger: the secret word');
      await world.pass(60 * second);
      const ended = Date.parse((await newestCall(world))?.timeline.at(-1)?.at ?? '');
      await dropMessages(world.app.database.sql, ended + 60 * second);
      assert.ok((await rowsWith(world, 'the secret word')).length > 0);
      await dropMessages(world.app.database.sql, ended + 3600 * second);
      assert.deepEqual(await rowsWith(world, 'the secret word'), []);
    });
  });
});
