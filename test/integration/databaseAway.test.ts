import assert from 'node:assert/strict';
import type { Emulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';
import { onPostgres } from '../support/databases.ts';
import { gateTo, type Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';
import { API_KEY, startWorld, type CallAnswer, type World } from '../support/world.ts';

const NOTHING =
  'I cannot take requests right now. No call was placed, unless a card shows one. Please try again in a minute.';

describe('a database outage during calls', function () {
  onPostgres((open, freshUrl) => {
    let emulator: Emulator;
    let bot: World;
    let gate: Gate;

    beforeEach(async () => {
      const url = new URL(await freshUrl());
      gate = await gateTo({ host: url.hostname, port: Number(url.port) });
      afterTest(async () => await gate.shut());
      url.port = String(gate.port);
      bot = await startWorld({
        // Requests fail quickly while the database is unavailable.
        database: await open(url.href, { connect: 5_000, turn: 5_000 }),
        clock: 'real',
        emulator: { timings: { perCharacterMs: 2 } },
      });
      ({ emulator } = bot);
    });

    const say = async (text: string): Promise<{ status: number; answer: string }> => {
      const heard = await emulator.channel.send({ from: 'Megan Bowen', text });
      const last = emulator.channel.messages(heard.conversationId).at(-1);
      return { status: heard.status, answer: last ? wordsOf(last.activity) : '' };
    };
    const calls = async (): Promise<CallAnswer[]> =>
      ((await bot.api('GET', '/api/v1/calls')).body as { items: CallAnswer[] }).items;
    const callOf = async (name: string): Promise<CallAnswer | undefined> =>
      (await calls()).find(({ target }) => target.displayName === name);
    const place = async (user: string, more: Record<string, string> = {}): Promise<Response> =>
      await fetch(`${bot.url}/api/v1/calls`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', ...more },
        body: JSON.stringify({ target: { user }, message: 'The build is red' }),
      });
    const ready = async (): Promise<number> => (await fetch(`${bot.url}/readyz`)).status;

    it('acknowledges nothing that was not stored, and everything continues afterwards', async () => {
      await say('call Adele Vance: the build is red');
      const adele = emulator.phone('Adele Vance');
      await until(() => adele.rings().length === 1, 'the phone rings');
      await until(
        async () => (await callOf('Adele Vance'))?.status === 'dialing',
        'the service accepted the call',
      );

      await gate.shut();
      assert.ok(adele.answer());
      const deliveries = (): (number | null)[] =>
        emulator.calls
          .list()
          .flatMap(({ events }) => events.flatMap((event) => event.deliveries.map(({ status }) => status)));
      await until(() => deliveries().includes(503), 'the service has to retry its event');
      assert.ok(!deliveries().includes(200), 'no event is accepted');
      const refused = await place('diego@contoso.example');
      assert.equal(refused.status, 503);
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      assert.deepEqual(await say('call Diego Siciliani: the build is red'), { status: 200, answer: NOTHING });
      assert.equal(await ready(), 503);
      assert.equal((await fetch(`${bot.url}/healthz`)).status, 200, 'a restart would not help');

      await gate.open();
      await until(async () => (await callOf('Adele Vance'))?.status === 'ended', 'the call has ended');
      assert.equal((await callOf('Adele Vance'))?.disposition, 'answered');
      await until(
        () =>
          emulator.channel.messages().some(({ activity }) => wordsOf(activity).includes('heard the message')),
        'the card shows the end',
      );
      assert.equal(await ready(), 200);
      assert.equal(adele.rings().length, 1);
      assert.equal(
        emulator.phone('Diego Siciliani').rings().length,
        0,
        'what was refused was not carried out',
      );

      const again = await say('call Diego Siciliani: the build is red');
      assert.match(again.answer, /Diego Siciliani/);
      await until(() => emulator.phone('Diego Siciliani').rings().length === 1, 'the retry is carried out');
    });

    const storesACall = 'INSERT INTO calls';

    for (const [title, when] of [
      ['was committed, but the answer was lost', 'answered'],
      ['was not committed', 'before'],
    ] as const) {
      it(`places a call once if storing it was interrupted and ${title}`, async () => {
        const broken = gate.breakAt(storesACall, 'COMMIT', when);
        const { status, answer } = await say('call Adele Vance: the build is red');
        await broken;
        assert.equal(status, 200);
        assert.doesNotMatch(answer, /No call was placed|went wrong|do not know/);
        const adele = emulator.phone('Adele Vance');
        await until(() => adele.rings().length > 0, 'the phone rings');
        assert.ok(adele.answer());
        await until(
          () => wordsOf(emulator.channel.messages().at(-1)?.activity ?? {}).includes('answered'),
          'the card shows the end',
        );
        assert.equal(emulator.channel.messages().length, 1, 'there is one card');
        assert.equal(adele.rings().length, 1);
        assert.equal((await calls()).length, 1);
      });
    }

    it('does not claim that a call was not placed if that is unknown', async () => {
      const broken = gate.breakAt(storesACall, 'COMMIT', 'answered').then(async () => await gate.shut());
      const { answer } = await say('call Adele Vance: the build is red');
      await broken;
      assert.match(answer, /I do not know whether it was done/);
      await gate.open();
      await until(
        () => emulator.phone('Adele Vance').rings().length > 0,
        'it was placed, and the phone rings when the database is back',
      );
      assert.equal((await calls()).length, 1);
    });

    it('tells a program to retry with its key if it is unknown whether the request was stored', async () => {
      const broken = gate.breakAt(storesACall, 'COMMIT', 'answered');
      const key = { 'idempotency-key': 'once' };
      const first = await place('adele@contoso.example', key);
      assert.equal(first.status, 503);
      await broken;
      assert.match(
        String(((await first.json()) as { detail?: string }).detail),
        /may or may not have been accepted.*Idempotency-Key/,
      );
      const second = await place('adele@contoso.example', key);
      assert.equal(second.status, 202);
      assert.equal((await calls()).length, 1);
    });

    it('does not claim that nothing was placed after a call was placed', async () => {
      emulator.people.script('Adele Vance', { answers: { afterMs: 10 } });
      emulator.faults.add({
        operation: 'connector.replyToActivity',
        kind: 'slow',
        ms: 1_000,
        when: 'before',
      });
      const saying = say('call Adele Vance: the build is red');
      await until(
        () =>
          emulator.requests.count('connector.replyToActivity') > 0 ||
          emulator.phone('Adele Vance').rings().length > 0,
        'the call was placed',
      );
      await until(() => emulator.phone('Adele Vance').rings().length > 0, 'the phone rings');
      await gate.shut();
      const { answer } = await saying;
      assert.doesNotMatch(answer, /No call was placed/);
      await gate.open();
      await until(async () => (await callOf('Adele Vance'))?.status === 'ended', 'the call has ended');
      await until(
        () => wordsOf(emulator.channel.messages().at(-1)?.activity ?? {}).includes('answered'),
        'the newest card shows the end',
      );
      assert.equal(emulator.phone('Adele Vance').rings().length, 1);
    });
  });
});

/** The text of a message; of a card its fallback text. */
function wordsOf(activity: {
  text?: string | undefined;
  attachments?: { content?: unknown }[] | undefined;
}): string {
  const content = activity.attachments?.[0]?.content;
  if (typeof content === 'object' && content !== null && 'fallbackText' in content)
    return String(content.fallbackText);
  return activity.text ?? '';
}
