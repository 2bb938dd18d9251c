import assert from 'node:assert/strict';
import { openRoom, type Room } from '../../support/chat/room.ts';

describe('what a call to a Teams user does not offer', () => {
  let room: Room;
  before(async () => {
    room = await openRoom();
  });
  after(async () => await room.close());

  for (const [asked, answer] of [
    ['record the call', /I never record calls/],
    ['transcribe this call', /I do not transcribe calls/],
    ['add Megan Bowen to the call', /stays a call between two/],
    ['forward my calls to Megan Bowen', /Calls are not forwarded/],
    ['transfer me to Megan Bowen', /to you and to nobody else/],
    ['leave a voicemail', /Voicemail is not to be relied on/],
    ['group call pickup', /Others cannot pick up a call/],
    ['simultaneous ringing', /One call reaches one person/],
    ['start video', /voice only/],
    ['skype for business', /cannot be called/],
  ] as const) {
    it(`"${asked}" is explained, and calls nobody`, async () => {
      const { conversationId } = await room.emulator.channel.send({ from: 'Alex Wilber', text: asked });
      // Teams limits what a bot may say in a conversation within some seconds.
      await room.pass(10_000);
      assert.match(room.said(conversationId).at(-1) ?? '', answer);
      assert.deepEqual(await room.placed(), []);
    });
  }
});
