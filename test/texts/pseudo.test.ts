import assert from 'node:assert/strict';
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
import { PSEUDO } from '../../src/texts/textsIn.ts';
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
import { foreign, isWhole } from '../support/texts/isWhole.ts';
import { plainIn } from '../support/texts/plain.ts';
import { PseudoRoom } from '../support/texts/pseudoRoom.ts';
import { stories, yaml } from '../support/texts/pseudoStories.ts';

const texts = textsFor(PSEUDO);
const adele = 'Adele Vance';
const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
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
  locked: true,
};

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

  it('leaves the settings for speech as they are: the speech service reads them', () => {
    assert.deepEqual({ ...texts.speech }, { ...textsFor('en').speech });
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
      // As a newer version stores it.
      const later = { kind: 'gone', what: 'somethingNew', name: 'payments', escalations: 2 } as const;
      notices.push(later as unknown as Notice);
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
        assert.ok(room.shown().length > 0);
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
