import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallEvent, Reply } from '../../../src/calls/call.ts';
import { readSpeech, speechName, type SpeechName } from '../../../src/calls/lifecycle/speech.ts';
import { itInBoth, runs } from '../../support/long.ts';
import {
  accepted,
  acknowledged,
  connected,
  deadline,
  disconnected,
  escalate,
  escalateByPhone,
  escalateWithPin,
  hangUpConfirmed,
  notSpoken,
  participants,
  pinned,
  playAccepted,
  pressed,
  replied,
  sent,
  silent,
  speaking,
  spoken,
  Story,
  takenOver,
  type Wish,
} from '../../support/calls/stories.ts';

interface Told {
  title: string;
  wish?: Wish;
  events: (CallEvent | typeof deadline)[];
  /** All requests to the service, in order. */
  asked: string[];
  /** What the callee decided. */
  acts?: string[];
  disposition?: string;
}

const locked: Wish = {
  ...escalateByPhone,
  purpose: { ...escalate, pin: { policy: 'payments', tries: 0 } },
};

const answered: CallEvent[] = [sent(), accepted(), connected(5)];

const stories: Told[] = [
  {
    title: 'asks again after 1, and only 5 then acknowledges it; the callee hears that',
    events: [
      pressed(15, 'message', 'one'),
      pressed(22, 'confirm', 'five'),
      acknowledged(22.1),
      spoken(25, 'acknowledged'),
      hangUpConfirmed(25.2),
    ],
    asked: ['speak message', 'speak confirm', 'speak acknowledged', 'hangUp'],
    acts: ['acknowledge'],
    disposition: 'acknowledged',
  },
  {
    title: 'is not acknowledged by one 1: the message is repeated, and then it hangs up',
    events: [
      pressed(15, 'message', 'one'),
      silent(30, 'confirm'),
      silent(50, 'message2'),
      silent(70, 'message3'),
      hangUpConfirmed(71),
    ],
    asked: ['speak message', 'speak confirm', 'speak message2', 'speak message3', 'hangUp'],
    disposition: 'answered',
  },
  {
    title: 'says its message three times to a silent callee, or to a voicemail, and hangs up',
    events: [silent(20, 'message'), silent(40, 'message2'), silent(60, 'message3'), hangUpConfirmed(61)],
    asked: ['speak message', 'speak message2', 'speak message3', 'hangUp'],
    disposition: 'answered',
  },
  {
    title: 'is passed on by 2 at any question; the escalation hangs up',
    events: [pressed(15, 'message', 'two')],
    asked: ['speak message'],
    acts: ['passOn'],
  },
  {
    title: '… also when it asks once more',
    events: [pressed(15, 'message', 'one'), pressed(20, 'confirm', 'two')],
    asked: ['speak message', 'speak confirm'],
    acts: ['passOn'],
  },
  {
    title: 'repeats the message at 3, which does not count as silence',
    events: [
      pressed(15, 'message', 'three'),
      pressed(30, 'message2', 'three'),
      silent(50, 'message3'),
      silent(70, 'message4'),
      silent(90, 'message5'),
    ],
    asked: ['speak message', ...[2, 3, 4, 5].map((nth) => `speak message${nth}`), 'hangUp'],
  },
  {
    title: '… six times at most',
    events: [
      pressed(15, 'message', 'three'),
      ...[2, 3, 4, 5, 6].map((nth) => pressed(15 * nth, `message${nth}`, 'three')),
    ],
    asked: ['speak message', ...[2, 3, 4, 5, 6].map((nth) => `speak message${nth}`), 'hangUp'],
  },
  {
    title: 'says twice which keys there are, and then goes on as after silence',
    events: [
      pressed(15, 'message', 'seven'),
      pressed(20, 'wrongKey', 'pound'),
      pressed(25, 'wrongKey2', 'zero'),
      pressed(40, 'message2', 'nine'),
    ],
    asked: ['speak message', 'speak wrongKey', 'speak wrongKey2', 'speak message2', 'speak wrongKey3'],
  },
  {
    title: 'takes 1 after such a hint as after the message',
    events: [pressed(15, 'message', 'seven'), pressed(20, 'wrongKey', 'one')],
    asked: ['speak message', 'speak wrongKey', 'speak confirm'],
  },
  {
    title: 'asks for the PIN after 1, and the right one acknowledges',
    wish: escalateWithPin,
    events: [
      pressed(15, 'message', 'one'),
      pinned(25, 'pin', false),
      pinned(35, 'pin2', true),
      acknowledged(35.1),
      spoken(38, 'acknowledged'),
      hangUpConfirmed(38.2),
    ],
    asked: ['speak message', 'speak pin', 'speak pin2', 'speak acknowledged', 'hangUp'],
    acts: ['wrongPin', 'acknowledge'],
    disposition: 'acknowledged',
  },
  {
    title: 'is acknowledged by no key that is pressed again and again: a mailbox may do that',
    events: [
      pressed(15, 'message', 'one'),
      pressed(22, 'confirm', 'one'),
      pressed(29, 'confirm2', 'one'),
      pressed(36, 'confirm3', 'one'),
      pressed(51, 'message2', 'five'),
      pressed(56, 'wrongKey', 'five'),
      pressed(61, 'wrongKey2', 'five'),
      pressed(66, 'message3', 'one'),
    ],
    asked: [
      'speak message',
      'speak confirm',
      'speak confirm2',
      'speak confirm3',
      'speak message2',
      'speak wrongKey',
      'speak wrongKey2',
      'speak message3',
      'speak confirm4',
    ],
  },
  {
    title: 'can be passed on without the PIN',
    wish: escalateWithPin,
    events: [pressed(15, 'message', 'two')],
    asked: ['speak message'],
    acts: ['passOn'],
  },
  {
    title: 'ends after three wrong PINs, answered but not acknowledged',
    wish: escalateWithPin,
    events: [
      pressed(15, 'message', 'one'),
      pinned(25, 'pin', false),
      pinned(35, 'pin2', false),
      pinned(45, 'pin3', false),
      spoken(50, 'pinRefused'),
      hangUpConfirmed(51),
    ],
    asked: ['speak message', 'speak pin', 'speak pin2', 'speak pin3', 'speak pinRefused', 'hangUp'],
    acts: ['wrongPin', 'wrongPin', 'wrongPin'],
    disposition: 'answered',
  },
  {
    title: 'asks for no PIN after too many wrong ones on earlier calls',
    wish: locked,
    events: [pressed(15, 'message', 'one'), spoken(20, 'pinRefused')],
    asked: ['speak message', 'speak pinRefused', 'hangUp'],
  },
  {
    title: 'is told by the escalation who was faster',
    events: [pressed(15, 'message', 'one'), pressed(22, 'confirm', 'five'), takenOver(22.1)],
    asked: ['speak message', 'speak confirm', 'speak takenOver'],
    acts: ['acknowledge'],
  },
  {
    title: 'waits a minute for the answer to the key that acknowledges, and hangs up without one',
    events: [pressed(15, 'message', 'one'), pressed(22, 'confirm', 'five'), deadline],
    asked: ['speak message', 'speak confirm', 'hangUp'],
    acts: ['acknowledge'],
  },
  {
    title: 'counts the key although the callee has hung up already',
    events: [pressed(15, 'message', 'one'), disconnected(22.1, 200, 0), pressed(22, 'confirm', 'five')],
    asked: ['speak message', 'speak confirm'],
    acts: ['acknowledge'],
  },
  {
    title: 'stays on the line for a while if the message cannot be spoken',
    events: [notSpoken(6, 'message', 400, 8511), deadline],
    asked: ['speak message', 'hangUp'],
  },
  {
    title: 'says the message again if the question after it cannot be spoken',
    events: [pressed(15, 'message', 'one'), notSpoken(16, 'confirm', 500, 8512)],
    asked: ['speak message', 'speak confirm', 'speak message2'],
  },
  {
    title: 'hangs up if the service does not report what was heard',
    events: [playAccepted(5.1, 'message'), speaking(5.2, 'message'), deadline],
    asked: ['speak message', 'hangUp'],
  },
  {
    title: 'takes no reply to a question that it has not asked',
    events: [
      pressed(6, 'confirm', 'five'),
      pressed(6, 'message3', 'two'),
      pinned(6, 'pin', false),
      pinned(6, 'pin2', true),
    ],
    asked: ['speak message'],
  },
];

/** Which question awaits its reply; null if none does. */
function openQuestion({ call: { facts } }: Story): SpeechName | null {
  const [last] = (facts.plays ?? []).toSorted((a, b) => (b.turn ?? 0) - (a.turn ?? 0));
  return last?.turn !== undefined && !last.reply ? speechName(last) : null;
}

const keys = fc.constantFrom('one', 'one', 'one', 'five', 'five', 'two', 'three', 'nine');

/** How a callee replies to the questions, one after another. */
const dialogues = fc.record({
  wish: fc.constantFrom(escalateByPhone, escalateWithPin, locked),
  replies: fc.array(
    fc.record({
      key: fc.option(keys, { freq: 4 }),
      right: fc.boolean(),
      /** The event comes again, now or later. */
      again: fc.integer({ min: 0, max: 3 }),
      /** What else comes before it. */
      before: fc.subarray<CallEvent>([connected(5), participants(6), speaking(7, 'message'), accepted()]),
    }),
    { maxLength: 14 },
  ),
  endsFirst: fc.boolean(),
});

type Dialogue = typeof dialogues extends fc.Arbitrary<infer One> ? One : never;

/** Plays a dialogue. `mixed`: with repetitions and other events in between. @returns the story and its replies */
function play({ wish, replies, endsFirst }: Dialogue, mixed: boolean) {
  const story = new Story(wish).tell(answered);
  const heard: CallEvent[] = [];
  const end = disconnected(300, 200, 0);
  for (const [index, { key, right, again, before }] of replies.entries()) {
    const name = openQuestion(story);
    if (name === null) break;
    const event = replied(10 * (index + 1), name, replyTo(name, key, right));
    heard.push(event);
    const isLast = index === replies.length - 1;
    // The last reply and the end of the call may cross.
    if (mixed) story.tell(isLast && endsFirst ? [...before, end] : before);
    story.take(event);
    if (mixed) story.tell([event, ...heard.slice(0, again)]);
  }
  return { story: story.take(end), heard };
}

function replyTo(name: SpeechName, key: string | null, right: boolean): Reply {
  if (key === null) return { kind: 'silence' };
  return readSpeech(name)?.context === 'pin' ? { kind: 'pin', right } : { kind: 'key', tone: key };
}

const often = { numRuns: runs(300) };

describe('an escalation on a phone of the telephone network', () => {
  for (const { title, wish = escalateByPhone, events, asked, acts = [], disposition } of stories) {
    it(title, () => {
      const story = new Story(wish).tell([...answered, ...events]);
      assert.deepEqual(story.effects, asked);
      assert.deepEqual(story.acts, acts);
      if (disposition !== undefined) assert.equal(story.view.disposition, disposition);
    });
  }

  itInBoth('ends in the same way if events are repeated, late, or cross with the end', () => {
    fc.assert(
      fc.property(dialogues, (dialogue) => {
        const straight = play(dialogue, false).story;
        const mixed = play(dialogue, true).story;
        assert.deepEqual(mixed.acts, straight.acts);
        assert.deepEqual(mixed.view, straight.view);
      }),
      often,
    );
  });

  itInBoth('is acknowledged only by a 1 and then a 5, each when it was asked for, or the right PIN', () => {
    fc.assert(
      fc.property(dialogues, (dialogue) => {
        const { story, heard } = play(dialogue, true);
        const told = heard.flatMap((event) =>
          event.type === 'replied' ? [{ context: event.speech.context, reply: event.reply }] : [],
        );
        const isKey = (reply: Reply, tone: string): boolean => reply.kind === 'key' && reply.tone === tone;
        const last = told.findLastIndex(({ context, reply }) =>
          dialogue.wish === escalateByPhone
            ? context === 'confirm' && isKey(reply, 'five')
            : reply.kind === 'pin' && reply.right,
        );
        const isConfirmed =
          last >= 0 &&
          told.slice(0, last).some(({ context, reply }) => context !== 'confirm' && isKey(reply, 'one'));
        assert.equal(story.acts.includes('acknowledge'), isConfirmed);
        assert.ok(story.acts.filter((act) => act === 'wrongPin').length <= 3);
        if (dialogue.wish === locked) assert.ok(!isConfirmed);
      }),
      often,
    );
  });
});
