import assert from 'node:assert/strict';
import { openRoom, type Room } from '../../support/chat/room.ts';

describe('What a call to a Teams user cannot do', () => {
  let room: Room;
  before(async () => {
    room = await openRoom();
  });
  after(async () => await room.close());

  for (const [asked, answer] of [
    ['record the call', /I never record calls/],
    ['transcribe this call', /I do not transcribe calls/],
    ['add Megan Bowen to the call', /stays between two people/],
    ['forward my calls to Megan Bowen', /I do not forward calls/],
    ['transfer me to Megan Bowen', /the person I call only to you/],
    ['leave a voicemail', /Do not rely on voicemail/],
    ['group call pickup', /Others cannot pick up a call/],
    ['simultaneous ringing', /One call reaches one person/],
    ['start video', /voice only/],
    ['skype for business', /I cannot call people on Skype for Business/],
  ] as const) {
    it(`"${asked}" gets an explanation and calls nobody`, async () => {
      const { conversationId } = await room.emulator.channel.send({ from: 'Alex Wilber', text: asked });
      // Teams limits how many messages a bot may send in a few seconds.
      await room.pass(10_000);
      assert.match(room.said(conversationId).at(-1) ?? '', answer);
      assert.deepEqual(await room.placed(), []);
    });
  }
});
