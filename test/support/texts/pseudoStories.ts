import assert from 'node:assert/strict';
import { PSEUDO } from '../../../src/texts/textsIn.ts';
import { nadia } from '../talk.ts';
import { isWhole } from './isWhole.ts';
import type { PseudoRoom } from './pseudoRoom.ts';

const second = 1_000;
const adele = 'Adele Vance';
const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const debra = 'Debra Berger';

/** The ringdown.yaml of the stories. */
export const yaml = `
timeZone: Europe/Berlin
operators: [megan@contoso.example]
talk: true
permissions: {anonymous: {mayCall: [{user: Adele Vance}]}}
rotations:
  web: {members: [adele@contoso.example, alex@contoso.example], every: 1w, handover: "Mon 09:00"}
policies:
  payments:
    language: ${PSEUDO}
    steps:
      - {targets: [{user: debra@contoso.example}], ringTimeoutSeconds: 20}
      - {targets: [{user: alex@contoso.example}], ringTimeoutSeconds: 20}
    onExhausted: {notify: [megan@contoso.example]}
  website:
    language: ${PSEUDO}
    steps: [{targets: [{rotation: web}], ringTimeoutSeconds: 20}]
  empty:
    language: ${PSEUDO}
    steps: [{targets: [{user: henrietta@contoso.example}]}]
`;

/** What is said in a chat, one after the other. */
const sayings: Readonly<Record<string, readonly string[]>> = {
  'small talk': [
    'hi',
    'thanks',
    'help',
    ' ',
    'x'.repeat(5_000),
    'blargh',
    'call',
    'who is',
    'escalate',
    'test',
  ],
  'questions and near misses': [
    'call Adele Vance?',
    'ack?',
    'cal Adele',
    'call Adele Vance the build is red',
    'escalate payments',
    'call 112',
    '2',
  ],
  'what calls cannot do': [
    'record the call',
    'transcribe the call',
    'add Megan to the call',
    'forward my calls to Megan',
    'transfer the call to Megan',
    'leave a voicemail for Megan',
    'pick up the call',
    'video call Megan',
  ],
  people: [
    'who is Adele',
    'who is Chris',
    'who is Henrietta',
    'who is Zzyzx',
    'who is Adelle Vanse',
    'call Zzyzx',
    'call Adelle Vanse: red',
    'call Adele, Zzyzx: red',
    'call Henrietta Mueller: red',
    'call Irvin: red',
    'call Patti: red',
    'call Adele, Megan: red',
    'call Chris Green: red',
    '7',
    '2',
    '1',
  ],
  'their own settings': [
    'stop calling me',
    'allow calls',
    'language',
    'language Klingon',
    'language auto',
    'history',
    'status',
    'hang up',
    'ack',
    'resolve',
  ],
  duty: [
    'on call website',
    'on call Zzyzx',
    'on call empty',
    'cover website until 18:00',
    'cover website until blargh',
    'cover website until 5 minutes ago',
    'cover website until 1 January 2030',
    'cover payments until 18:00',
    'cover website',
    'on call website',
  ],
  'alerts that go nowhere': [
    'escalate Zzyzx: red',
    'escalate Adelle Vanse: red',
    'escalate Chris: red',
    'escalate payments, Adele: red',
    'test Zzyzx',
    'test empty',
    'escalate empty: red',
    'resolve',
  ],
};

/** What happens in chats. */
export const stories: Record<string, (room: PseudoRoom) => Promise<void>> = {
  ...Object.fromEntries(
    Object.entries(sayings).map(([title, lines]) => [
      title,
      async (room: PseudoRoom) => {
        for (const text of lines) await room.say(alex, text);
      },
    ]),
  ),

  'a call that is hung up, in a group too': async (room) => {
    const { world } = room;
    world.emulator.people.script(adele, { byHand: true });
    const conversation = world.emulator.channel.groupChat([alex, megan]);
    await room.say(alex, 'call Adele Vance: red');
    await room.say(alex, 'call Adele Vance: red');
    const here = { conversation, mentions: ['bot'] };
    await room.say(megan, 'status', here);
    await room.say(alex, 'call Debra Berger: red', here);
    await room.say(alex, 'status', here);
    await room.say(alex, 'status');
    await room.say(alex, 'hang up');
    await world.pass(30 * second);
    await room.say(alex, 'history');
    await room.say(alex, 'who is Adele', here);
  },

  'a call that is recorded': async (room) => {
    const { emulator } = room.world;
    await room.say(alex, `call Adele Vance: ${'red '.repeat(100)}`);
    await room.world.pass(3 * second);
    const connection = emulator.calls.list()[0]?.callConnectionId ?? '';
    for (const what of ['recording', 'transcription']) {
      for (const on of [true, false]) {
        await fetch(`${emulator.addresses.controlUrl}/calls/${connection}/${what}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-emulator-control': '1' },
          body: JSON.stringify({ on }),
        });
        await room.world.pass(3 * second);
      }
    }
    assert.ok(room.world.emulator.phone(adele).spoken().length > 0);
    isWhole(room.world.emulator.phone(adele).spoken(), 'what she hears');
  },

  'somebody who should not be disturbed': async (room) => {
    const { emulator } = room.world;
    emulator.graph.permissions.add('Presence.Read.All');
    for (const activity of ['DoNotDisturb', 'InACall', 'Presenting', 'OutOfOffice']) {
      emulator.people.change(adele, { presence: { availability: 'DoNotDisturb', activity } });
      await room.world.pass(60 * second);
      const card = await room.say(alex, 'call Adele Vance: red');
      await room.press(alex, card, 'choose3');
    }
  },

  'forgetting somebody': async (room) => {
    const card = await room.say(alex, 'forget me');
    await room.press(alex, card, 'choose2');
    await room.press(alex, await room.say(alex, 'forget me'), 'choose1');
    await room.press(alex, card, 'choose1');
    await room.say(alex, 'call Adele Vance: red');
    await room.say(alex, 'forget me');
  },

  'a pause of all calls': async (room) => {
    await room.say(alex, 'pause');
    await room.say(megan, 'resume');
    for (const text of ['pause', 'call Adele Vance: red', 'status', 'resume']) await room.say(megan, text);
    await room.say(alex, 'status');
  },

  'an alert that is acknowledged and resolved': async (room) => {
    const { world } = room;
    await room.say(megan, 'hi');
    await room.say(alex, 'hi');
    world.emulator.people.script(alex, { byHand: true });
    const body = { policy: 'payments', summary: 'Checkout errors', details: 'red', dedupKey: 'red' };
    assert.equal((await world.api('POST', '/api/v1/escalations', body)).status, 202);
    await world.pass(30 * second);
    const card = world.emulator.channel.messages(world.emulator.channel.personal(alex).id).at(-1);
    assert.ok(card);
    await room.say(alex, 'status');
    await room.press(alex, card, 'acknowledge');
    for (const name of [alex, debra]) await room.say(name, 'ack');
    await room.say(alex, 'history');
    await room.press(alex, card, 'resolve');
    await room.say(alex, 'resolve');
    for (const name of [debra, alex]) isWhole(world.emulator.phone(name).spoken(), 'what they hear');
  },

  'choosing one of several alerts, and an alert that nobody acknowledges': async (room) => {
    const { world } = room;
    for (const name of [adele, alex, debra]) world.emulator.people.script(name, { byHand: true });
    await room.say(megan, 'hi');
    await room.say(alex, 'escalate Adele Vance: red');
    await room.say(alex, 'test payments');
    const card = await room.say(alex, 'escalate payments: red');
    await room.press(alex, card, 'callNext');
    await room.say(alex, 'ack');
    await room.say(alex, 'hang up');
    await room.say(alex, 'status');
    await world.pass(300 * second);
    await room.say(alex, 'status');
    await room.press(alex, await room.say(alex, 'escalate payments: red'), 'stop');
  },

  'a call from a message': async (room) => {
    const { channel, people } = room.world.emulator;
    const conversation = channel.groupChat([alex, megan]);
    for (const name of [megan, alex]) {
      const { id, displayName } = people.get(name);
      const user = { userIdentityType: 'aadUser', id, displayName };
      const value = { commandId: 'callAuthor', messagePayload: { from: { user } } };
      const heard = await channel.invoke({
        from: alex,
        conversation,
        name: 'composeExtension/fetchTask',
        value,
      });
      room.answers.push(heard.body);
    }
  },

  'a welcome, and an edited message': async (room) => {
    const { channel } = room.world.emulator;
    await channel.announceInstallation(alex);
    await room.world.pass(20 * second);
    const conversation = channel.teamChannel([megan, adele], 'Ops');
    await channel.post(
      { from: megan, conversation },
      { type: 'conversationUpdate', membersAdded: [{ id: channel.bot.id }] },
    );
    await channel.post({ from: megan, conversation }, { type: 'installationUpdate', action: 'add' });
    await room.world.pass(20 * second);
    const { activityId } = await channel.send({ from: megan, text: 'call Adele Vance: red' });
    await room.world.pass(second);
    const channelData = { tenant: { id: channel.tenantId }, eventType: 'editMessage' };
    await channel.post(
      { from: megan },
      { type: 'messageUpdate', id: activityId, text: 'call Alex', channelData },
    );
  },

  'a writer outside Teams': async (room) => {
    const web = { channelId: 'webchat', locale: PSEUDO };
    for (const text of [
      'hi',
      'call me',
      'stop calling me',
      'ack',
      'cover website until 18:00',
      'call Alex Wilber',
      'escalate payments: red',
      'call Adele Vance',
    ])
      await room.say(nadia, text, web);
    await room.say(nadia, 'status', web);
  },

  faults: async (room) => {
    const { emulator } = room.world;
    const away = emulator.faults.add({
      operation: 'graph.*',
      kind: 'error',
      status: 503,
      times: 1_000,
    } as never);
    const { channel } = emulator;
    const sent = channel.send({ from: alex, text: 'call Adele Vance: red' });
    await room.world.passUntil(sent);
    away.remove();
  },
};
