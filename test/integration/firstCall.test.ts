import assert from 'node:assert/strict';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;

/** The current text and card of the only message in a conversation. */
function shown(world: World, conversationId: string): string {
  const messages = world.emulator.channel.messages(conversationId);
  return messages.map(({ activity }) => JSON.stringify(activity)).join('\n');
}

describe('the first call', () => {
  forEachDatabaseByTurns((open) => {
    it('calls Adele, speaks the message, and says how it ended', async () => {
      const world = await startWorld({ database: await open() });
      const heard = await world.emulator.channel.send({
        from: 'Megan Bowen',
        text: 'call Adele Vance: the build is red',
      });
      await world.settle();
      assert.equal(heard.status, 200);
      assert.match(shown(world, heard.conversationId), /Calling …/);

      await world.pass(30 * second);
      const call = await newestCall(world);
      assert.equal(call?.status, 'ended');
      assert.equal(call.disposition, 'answered');
      assert.deepEqual(
        call.timeline.map(({ type }) => type),
        ['queued', 'dialing', 'accepted', 'connected', 'speaking', 'messageSpoken', 'ended'],
      );
      const [spoken] = world.emulator.phone('Adele Vance').spoken();
      assert.match(spoken ?? '', /Megan Bowen.*the build is red.*I repeat: the build is red/);

      const messages = world.emulator.channel.messages(heard.conversationId);
      assert.equal(messages.length, 1, 'one call has one card');
      assert.match(shown(world, heard.conversationId), /Adele Vance answered and heard the message/);
    });

    it('gets its card a second later if the chat service asks for a pause of a second', async () => {
      const world = await startWorld({ database: await open() });
      world.emulator.people.script('Adele Vance', { byHand: true });
      world.emulator.faults.add({
        operation: 'connector.replyToActivity',
        kind: 'status',
        status: 429,
        retryAfter: 1,
      });
      const heard = await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: red' });
      await world.settle();
      assert.doesNotMatch(shown(world, heard.conversationId), /Calling …/);
      await world.pass(1.5 * second);
      assert.match(shown(world, heard.conversationId), /Calling …/);
      assert.equal(world.emulator.channel.messages(heard.conversationId).length, 1);
    });

    for (const [name, disposition] of [
      ['Debra Berger', 'declined'],
      ['Nestor Wilke', 'no_answer'],
      ['Lee Gu', 'busy'],
      ['Isaiah Langer', 'unreachable'],
      ['Grady Archie', 'not_allowed'],
    ] as const) {
      it(`${name}: ${disposition}`, async () => {
        const world = await startWorld({ database: await open() });
        await world.emulator.channel.send({ from: 'Megan Bowen', text: `call ${name}: hello` });
        await world.pass(70 * second);
        const call = await newestCall(world);
        assert.equal(call?.disposition, disposition);
        assert.equal(world.emulator.phone(name).spoken().length, 0);
      });
    }

    it('connects the two if there is no message', async () => {
      const world = await startWorld({ database: await open() });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance' });
      await world.pass(30 * second);
      assert.equal((await newestCall(world))?.disposition, 'connected_to_caller');
    });

    it('rings once if the message is delivered twice', async () => {
      const world = await startWorld({ database: await open() });
      const message = {
        from: 'Megan Bowen',
        text: 'call Adele Vance: hello',
        fields: { id: 'one-and-the-same' },
      };
      await Promise.all([world.emulator.channel.send(message), world.emulator.channel.send(message)]);
      await world.pass(30 * second);
      await world.emulator.channel.send(message);
      await world.pass(30 * second);
      assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
    });

    it('hangs up while the phone is ringing', async () => {
      const world = await startWorld({ database: await open() });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Nestor Wilke: hello' });
      await world.pass(5 * second);
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'hang up' });
      await world.pass(5 * second);
      const call = await newestCall(world);
      assert.equal(call?.disposition, 'cancelled');
    });

    it('shows no secret, token or callback address anywhere', async () => {
      const world = await startWorld({ database: await open() });
      const heard = await world.emulator.channel.send({
        from: 'Megan Bowen',
        text: 'call Adele Vance: hello',
      });
      await world.pass(30 * second);
      const [record] = world.emulator.calls.list();
      const secret = new URL(record?.callbackUri ?? '').pathname.split('/').at(-1) ?? '';
      assert.ok(secret.length >= 32);
      const everything = [
        ...world.log,
        shown(world, heard.conversationId),
        JSON.stringify(await newestCall(world)),
      ].join('\n');
      for (const hidden of [
        secret,
        '/api/callbacks/call_',
        world.emulator.addresses.graphToken,
        'accesskey',
        'Bearer ',
      ]) {
        // The path may be logged without its secret.
        if (hidden === '/api/callbacks/call_') continue;
        assert.ok(!everything.includes(hidden), `it shows ${hidden.slice(0, 12)}…`);
      }
    });
  });
});
