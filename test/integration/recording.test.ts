import assert from 'node:assert/strict';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;

/** The current version of every message in a conversation, as JSON. */
function messages(world: World, conversationId: string): string[] {
  return world.emulator.channel
    .messages(conversationId)
    .map(({ activity }) => activity.text || JSON.stringify(activity));
}

async function control(world: World, path: string, body: unknown): Promise<number> {
  const { controlUrl } = world.emulator.addresses;
  const answer = await fetch(`${controlUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-emulator-control': '1' },
    body: JSON.stringify(body),
  });
  return answer.status;
}

describe('recording and transcription', () => {
  forEachDatabaseByTurns((open) => {
    async function talking(): Promise<{ world: World; conversationId: string; connection: string }> {
      const world = await startWorld({ database: await open() });
      const text = `call Adele Vance: ${'wait '.repeat(100)}`;
      const { conversationId } = await world.emulator.channel.send({ from: 'Megan Bowen', text });
      await world.pass(5 * second);
      const connection = world.emulator.calls.list()[0]?.callConnectionId ?? '';
      return { world, conversationId, connection };
    }

    it('are announced at once: on the card, in the conversation, in the timeline', async () => {
      const { world, conversationId, connection } = await talking();
      assert.equal(await control(world, `/calls/${connection}/recording`, { on: true }), 200);
      await world.pass(3 * second);
      const [card = '', told] = messages(world, conversationId);
      assert.match(card, /This call is being recorded\./);
      assert.match(told ?? '', /^The call with Adele Vance is being recorded\. /);

      assert.equal(await control(world, `/calls/${connection}/recording`, { on: false }), 200);
      await world.pass(3 * second);
      const [after = '', , ended, ...more] = messages(world, conversationId);
      assert.doesNotMatch(after, /This call is being recorded\./);
      assert.equal(ended, 'The recording of the call with Adele Vance has ended.');
      assert.deepEqual(more, []);

      await control(world, `/calls/${connection}/transcription`, { on: true });
      await world.pass(3 * second);
      assert.match(messages(world, conversationId)[0] ?? '', /This call is being transcribed\./);
      assert.match(messages(world, conversationId)[3] ?? '', /is being transcribed/);

      await world.pass(120 * second);
      const call = await newestCall(world);
      assert.equal(call?.status, 'ended');
      const told4 = call.timeline.map(({ type }) => type).filter((type) => /record|transcri/.test(type));
      assert.deepEqual(told4, ['recordingStarted', 'recordingEnded', 'transcriptionStarted']);
      assert.match(messages(world, conversationId)[0] ?? '', /It was recorded\..*It was transcribed\./s);
    });

    it('are announced once if the event comes twice', async () => {
      const { world, conversationId, connection } = await talking();
      world.emulator.eventFaults.add({ kind: 'duplicate', type: 'RecordingStateChanged' });
      await control(world, `/calls/${connection}/recording`, { on: true });
      await world.pass(3 * second);
      assert.equal(messages(world, conversationId).length, 2);
      assert.equal(await control(world, `/calls/${connection}/recording`, { on: true }), 409);
    });

    it('are refused with a reason on request', async () => {
      const world = await startWorld({ database: await open() });
      for (const [text, answer] of [
        ['record the call', /I never record calls: the telephone service does not offer it/],
        ['please start recording', /I never record calls/],
        ['transcribe this call', /I do not transcribe calls/],
      ] as const) {
        const { conversationId } = await world.emulator.channel.send({ from: 'Megan Bowen', text });
        await world.settle();
        assert.match(messages(world, conversationId).at(-1) ?? '', answer);
      }
      const asked = await world.api('POST', '/api/v1/calls', {
        target: { user: 'Adele Vance' },
        message: 'hello',
        record: true,
      });
      assert.equal(asked.status, 400);
      assert.match(
        JSON.stringify(asked.body),
        /Ringdown does not record calls, and calls to one Teams user cannot be recorded/,
      );
      assert.deepEqual(world.emulator.calls.list(), []);
    });
  });
});
