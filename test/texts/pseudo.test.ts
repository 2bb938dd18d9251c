import assert from 'node:assert/strict';
import { builtInPeople } from '../../emulator/people/builtIn.ts';
import type { Purpose } from '../../src/calls/call.ts';
import type { SpeechName } from '../../src/calls/lifecycle/speech.ts';
import { callEntries } from '../../src/calls/timeline.ts';
import { callCard } from '../../src/chat/cards/renderers/callCard.ts';
import { continuedCard, escalationCard } from '../../src/chat/cards/renderers/escalationCard.ts';
import { helpCard, helpFor } from '../../src/chat/cards/renderers/helpCard.ts';
import { offerCard } from '../../src/chat/cards/renderers/offerCard.ts';
import { escalationEntries } from '../../src/escalations/timeline.ts';
import type { Notice } from '../../src/operations/notice.ts';
import { refusalText } from '../../src/permissions/refusalText.ts';
import type { RefusalReason } from '../../src/permissions/refusal.ts';
import { gonePage, talkPage } from '../../src/talk/page.ts';
import { pageTexts } from '../../src/talk/pageTexts.ts';
import { wordsOf as spokenWords } from '../../src/telephony/speech.ts';
import { callLine } from '../../src/texts/callTimeline.ts';
import { PSEUDO } from '../../src/texts/catalogue.ts';
import { escalationLine } from '../../src/texts/escalationTimeline.ts';
import { noticeMessage } from '../../src/texts/notices.ts';
import { textsFor } from '../../src/texts/texts.ts';
import { speechNamed } from '../support/calls/stories.ts';
import { callAfter, connect, happen, speak } from '../support/chat/calls.ts';
import { callStates } from '../support/chat/callStates.ts';
import { at } from '../support/chat/escalations.ts';
import { escalationStates } from '../support/chat/escalationStates.ts';
import { openEmbedded } from '../support/databases.ts';
import { refusalReasons } from '../support/permissions/reasons.ts';
import { nadia } from '../support/talk.ts';
import { plainIn } from '../support/texts/plain.ts';
import { PseudoRoom } from '../support/texts/pseudoRoom.ts';

const texts = textsFor(PSEUDO);
const second = 1_000;
const adele = 'Adele Vance';
const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const debra = 'Debra Berger';
/** Values for all that entries of timelines say. */
const entryData = {
  name: adele,
  by: megan,
  to: alex,
  reason: 'paused',
  summary: 'Checkout errors',
  disposition: 'busy',
  context: 'message',
  tone: '1',
  code: 486,
  subCode: 560_486,
  seconds: 125,
  state: 'gone',
  step: 1,
  round: 2,
  try: 2,
  way: 'chat',
  note: 'red',
  from: 'info',
  added: 2,
  firing: 3,
  count: 2,
  host: 'hooks.example.org',
  event: 'red',
};
/** What people wrote, and their names: both are shown as they are. */
const foreign = [
  ...builtInPeople.map(({ displayName }) => displayName),
  'Engineer',
  'Payments',
  'Retail Manager',
  'Nadia',
  'ci',
  'tests',
  'payments',
  'website',
  'empty',
  'The build is red',
  'Checkout errors over 5 %',
  'Checkout errors',
  'Since 02:58; 312 failed payments.',
  'dashboard',
  'Restarted it',
  'red',
];

const yaml = `
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
const stories: Record<string, (room: PseudoRoom) => Promise<void>> = {
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

  'alerts of which one is meant, and that nobody acknowledges': async (room) => {
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

function isWhole(shown: unknown, what: string): void {
  assert.deepEqual(plainIn(shown, foreign), [], what);
}

describe('The pseudo-locale', () => {
  it('finds text that is not from a catalogue, and sentences that code joined', () => {
    const faults: readonly [shown: string, isFault: boolean][] = [
      ['⟦Call {name}⟧', false],
      ['⟦⟦Wait⟧ ⟦for it⟧⟧', false],
      [`1. ⟦${adele}, ⟦Retail⟧⟧ · ⟦Busy⟧`, false],
      [`${adele} · {{TIME(2026-03-02T03:00:00Z)}}`, false],
      ['⟦Done.⟧ ⟦Call again.⟧', true],
      [' ⟦Call again.⟧', true],
      ['⟦Done⟧ by', true],
      ['Done', true],
    ];
    for (const [shown, isFault] of faults) {
      assert.equal(
        plainIn({ body: [{ type: 'TextBlock', text: shown }] }, foreign).length > 0,
        isFault,
        shown,
      );
    }
  });

  describe('leaves nothing plain', () => {
    for (const [name, purpose, events] of callStates) {
      it(`on the card of a call that is ${name}`, () => {
        for (const canSpeak of [true, false]) {
          const talkAddress = canSpeak ? 'https://ringdown.example/talk/x' : null;
          const model = { cardId: 'card_1', ...callAfter(purpose, events), photo: null, shared: true };
          isWhole(callCard({ ...model, canSpeak, talkAddress }, texts), name);
        }
      });
    }

    it('on the card of a call that waits', () => {
      for (const reason of ['paused', 'phoneBusy', 'quietHours', 'rateLimit'] as const) {
        const waiting = callAfter(speak, [{ ...happen.paused, reason }]);
        const model = { cardId: 'card_1', ...waiting, photo: null, shared: true, canSpeak: true };
        isWhole(callCard(model, texts), reason);
      }
    });

    for (const [name, story, audience] of escalationStates) {
      it(`on the card of an escalation that is ${name}`, () => {
        const model = { cardId: 'card_1', ...story(), audience, note: texts.chat.escalations.tooLate };
        isWhole(escalationCard({ ...model, canSpeak: false }, texts), name);
        isWhole(continuedCard(model.escalation, at(90), texts), name);
      });
    }

    it('in the help and in an offer to speak', () => {
      isWhole(
        helpCard(
          helpFor(texts, () => true),
          texts,
        ),
        'help',
      );
      const why = texts.errors.connectNeedsTeams({ callee: adele });
      isWhole(offerCard({ choiceId: 'x', why }, texts), 'offer');
    });

    it('in any line of a timeline', () => {
      for (const type of Object.keys(callEntries)) {
        isWhole(callLine({ type, data: entryData }, texts), type);
        isWhole(callLine({ type }, texts), type);
      }
      for (const type of Object.keys(escalationEntries)) {
        isWhole(escalationLine({ type, data: { ...entryData, to: 'error' } }, texts), type);
        isWhole(escalationLine({ type }, texts), type);
      }
      isWhole(callLine({ type: 'somethingNew' }, texts), 'an unknown entry');
    });

    const speeches: readonly [purpose: Purpose, name: SpeechName][] = [
      [speak, 'message'],
      [connect, 'connecting'],
      [connect, 'transferFailed'],
      [{ kind: 'test' }, 'message'],
      ...(['message', 'message2', 'acknowledged', 'takenOver'] as const).map(
        (name): [Purpose, SpeechName] => [
          { kind: 'escalate', escalationId: 'e', message: 'Checkout errors', step: 1, test: false },
          name,
        ],
      ),
    ];
    for (const [purpose, name] of speeches) {
      it(`in what is spoken: ${purpose.kind}, ${name}`, () => {
        const { call } = callAfter(purpose, [], { language: PSEUDO });
        for (const keys of [true, false]) isWhole(spokenWords(call, speechNamed(name), keys, {}).text, name);
      });
    }

    it('in a refusal', () => {
      const words = { callee: adele, seconds: 90, timeZone: 'Europe/Berlin' };
      for (const reason of refusalReasons as RefusalReason[]) {
        for (const more of [
          { until: null, ask: [] },
          { until: Date.parse(at(0)), ask: [megan, alex] },
        ]) {
          isWhole(refusalText({ ...words, reason, ...more }, texts), reason);
        }
      }
    });

    it('in a notice to operators', () => {
      const of = { sender: 'ci', policy: 'payments', name: adele, host: 'hooks.example.org', id: 'esc_1' };
      const notices: Notice[] = [
        { kind: 'intakeRejected', ...of, code: 'E1', detail: 'red' },
        { kind: 'intakeOfStrangers' },
        { kind: 'intakeFailed', ...of },
        { kind: 'policyMissing', ...of },
        { kind: 'exhausted', ...of, summary: 'Checkout errors' },
        { kind: 'unreachable', ...of, why: 'noLicence' },
        { kind: 'unreachable', ...of, why: 'busy' },
        { kind: 'webhookFailing', ...of, problem: 'red' },
        { kind: 'webhookGivenUp', ...of, event: 'red' },
        { kind: 'paused', by: megan },
        { kind: 'resumed', by: megan },
        { kind: 'notInDirectory', ...of, where: 'red', why: 'notFound' },
        ...(['policy', 'rotation', 'voiceApp', 'apiKey', 'integration', 'heartbeat'] as const).map(
          (what): Notice => ({ kind: 'gone', what, name: 'payments', escalations: 2 }),
        ),
        { kind: 'fileRefused', faults: 2 },
        { kind: 'jobStuck', job: 'red', minutes: 5 },
      ];
      for (const line of noticeMessage(
        notices.map((notice) => ({ notice, count: 2 })),
        3,
        texts,
      ).split('\n'))
        isWhole(line, line);
    });

    it('on the page of a call from the browser', () => {
      const model = { texts: pageTexts(texts, adele), emulator: 'http://127.0.0.1:1' };
      isWhole({ ...model, emulator: null }, 'the model');
      isWhole(readable(talkPage(adele, model, PSEUDO)), 'the page');
      for (const gone of Object.values(texts.talk.page.gone))
        isWhole(readable(gonePage(gone, PSEUDO)), 'gone');
    });

    for (const [title, story] of Object.entries(stories)) {
      it(`in a chat: ${title}`, async () => {
        const room = await PseudoRoom.open({ database: await openEmbedded(), yaml });
        await story(room);
        isWhole(room.shown(), title);
      });
    }
  });
});

/** The texts of a page: its title, its attributes for screen readers and its elements. */
function readable(html: string): string[] {
  const bare = html.replace(/<script[\s\S]*?<\/script>/g, '');
  const labels = [...bare.matchAll(/(?:aria-label|alt|title|placeholder)="([^"]*)"/g)].map(
    ([, label]) => label ?? '',
  );
  return [...labels, ...bare.replace(/<[^>]*>/g, '\n').split('\n')].map((text) =>
    text.trim().replace(/&#\d+;/g, '’'),
  );
}
