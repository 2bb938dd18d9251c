import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallEvent, HangUpBy, Purpose, Reply } from '../../../src/calls/call.ts';
import { view } from '../../../src/calls/lifecycle/lifecycle.ts';
import type { SpeechName } from '../../../src/calls/lifecycle/speech.ts';
import {
  Story,
  accepted,
  acknowledged,
  at,
  connect,
  connectFailed,
  connected,
  createFailed,
  disconnected,
  escalate,
  escalateByPhone,
  escalateWithPin,
  hangUp,
  hangUpConfirmed,
  key,
  recorded,
  notSpoken,
  participants,
  playAccepted,
  playRefused,
  probed,
  refused,
  replied,
  sent,
  speak,
  speaking,
  spoken,
  takenOver,
  test,
  transferAccepted,
  transferFailed,
  transferRefused,
  transferSent,
  unknown,
  type Wish,
} from '../../support/calls/stories.ts';
import { itInBoth, runs } from '../../support/long.ts';

const seconds = fc.integer({ min: 0, max: 4_000 }).map((tenths) => tenths / 10);
const purposes = fc.constantFrom<Purpose | Wish>(
  speak,
  test,
  connect,
  escalate,
  escalateByPhone,
  escalateWithPin,
);
const contexts = fc.constantFrom<SpeechName>(
  'message',
  'message2',
  'message3',
  'connecting',
  'transferFailed',
  'acknowledged',
  'takenOver',
  'wrongKey',
  'pin',
  'pin2',
  'confirm',
  'pinRefused',
);
const replies: fc.Arbitrary<Reply> = fc.oneof(
  fc.constant<Reply>({ kind: 'silence' }),
  fc.constantFrom('one', 'two', 'three', 'nine').map((tone): Reply => ({ kind: 'key', tone })),
  fc.boolean().map((right): Reply => ({ kind: 'pin', right })),
);
const results = fc.constantFrom<[number, number]>(
  [200, 0], [200, 7000], [200, 7015], [200, 5010], [487, 0], [487, 10003], [487, 10024], [487, 10004], [603, 0],
  [486, 560486], [480, 10076], [480, 10078], [403, 10124], [403, 10391], [500, 10045], [404, 8522], [999, 1],
); // prettier-ignore
const playResults = fc.constantFrom<[number, number]>(
  [400, 8508],
  [400, 8535],
  [401, 8565],
  [429, 8565],
  [500, 9999],
);

const ends = fc.oneof(
  fc.tuple(seconds, results).map(([s, [code, sub]]) => disconnected(s, code, sub)),
  fc.tuple(seconds, results).map(([s, [code, sub]]) => createFailed(s, code, sub)),
  fc.tuple(seconds, results).map(([s, [code, sub]]) => connectFailed(s, code, sub)),
);

/** Events of the service, of all kinds and with any times. */
const serviceEvents: fc.Arbitrary<CallEvent> = fc.oneof(
  seconds.map(connected),
  seconds.map(participants),
  ends,
  fc.tuple(seconds, contexts).map(([s, context]) => spoken(s, context)),
  fc
    .tuple(seconds, contexts, playResults)
    .map(([s, context, [code, sub]]) => notSpoken(s, context, code, sub)),
  fc.tuple(seconds, contexts).map(([s, context]) => speaking(s, context)),
  seconds.map(transferAccepted),
  seconds.map(transferFailed),
  fc.tuple(seconds, fc.integer({ min: 1, max: 4 })).map(([s, sequenceId]) => key(s, 'one', sequenceId)),
  fc.tuple(seconds, fc.boolean()).map(([s, on]) => recorded(s, on)),
  fc.tuple(seconds, contexts, replies).map(([s, context, reply]) => replied(s, context, reply)),
);

/** What we did and what people did. */
const ownEvents: fc.Arbitrary<CallEvent> = fc.oneof(
  seconds.map((s) => accepted(s)),
  seconds.map((s) => accepted(s, null)),
  seconds.map((s) => refused(s, 403, 10124)),
  seconds.map(unknown),
  fc.tuple(seconds, contexts).map(([s, context]) => playAccepted(s, context)),
  fc.tuple(seconds, contexts).map(([s, context]) => playRefused(s, context, 0, 8567)),
  seconds.map(transferSent),
  seconds.map(transferRefused),
  seconds.map(hangUpConfirmed),
  fc
    .tuple(seconds, fc.constantFrom('connecting', 'connected', 'gone', 'unknown'))
    .map(([s, state]) => probed(s, state)),
  fc
    .tuple(seconds, fc.constantFrom<HangUpBy>('requester', 'callee', 'api', 'operator', 'escalation'))
    .map(([s, by]) => hangUp(s, by)),
  seconds.map(acknowledged),
  seconds.map(takenOver),
  seconds.map((s): CallEvent => ({ type: 'listenAccepted', at: at(s) })),
);

/** Anything that can happen to a call that was sent, in any order; null is its next deadline. */
const fates = fc.array(fc.option(fc.oneof(serviceEvents, ownEvents), { freq: 4 }), { maxLength: 25 });

function live(
  purpose: Purpose | Wish,
  fate: (CallEvent | null)[],
  seen: (story: Story, before: Story['call']) => void,
): Story {
  const story = new Story(purpose).take(sent());
  for (const event of fate) {
    const before = story.call;
    if (event) story.take(event);
    else if (story.wakeAt) story.take({ type: 'wake', at: story.wakeAt });
    seen(story, before);
  }
  return story;
}

/** The events of a plausible call. */
const plausibleCalls: fc.Arbitrary<{ purpose: Purpose | Wish; events: CallEvent[] }> = fc.oneof(
  fc.record({ purpose: purposes, events: fc.array(ends, { minLength: 1, maxLength: 3 }) }),
  fc
    .record({
      purpose: fc.constantFrom(speak, test, connect, escalate),
      answeredAt: seconds,
      lostConnected: fc.boolean(),
      playedFor: fc.integer({ min: 1, max: 300 }),
      playFails: fc.option(playResults, { freq: 3 }),
      transfers: fc.constantFrom('accepted', 'failed', 'both', 'none'),
      keys: fc.integer({ min: 0, max: 3 }),
      end: fc.array(ends, { maxLength: 2 }),
    })
    .map(({ purpose, answeredAt, lostConnected, playedFor, playFails, transfers, keys, end }) => {
      const said: SpeechName = purpose.kind === 'connect' ? 'connecting' : 'message';
      const after = answeredAt + playedFor / 10;
      const events = [
        participants(answeredAt + 0.1),
        speaking(answeredAt + 0.2, said),
        playFails ? notSpoken(after, said, ...playFails) : spoken(after, said),
        ...Array.from({ length: keys }, (_, index) => key(answeredAt + 1 + index, 'one', index + 1)),
        ...end,
      ];
      if (!lostConnected) events.push(connected(answeredAt));
      if (purpose.kind === 'connect' && (transfers === 'accepted' || transfers === 'both'))
        events.push(transferAccepted(after + 2));
      if (purpose.kind === 'connect' && (transfers === 'failed' || transfers === 'both'))
        events.push(transferFailed(after + 3), spoken(after + 9, 'transferFailed'));
      if (purpose.kind === 'escalate') events.push(spoken(after + 10, 'message2'));
      return { purpose, events };
    }),
);

const shuffled = (events: CallEvent[]): fc.Arbitrary<CallEvent[]> =>
  fc.array(fc.nat({ max: events.length - 1 }), { maxLength: events.length }).chain((again) => {
    const all = [...events, ...again.flatMap((index) => events[index] ?? [])];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

/** One run takes well under a millisecond. */
const often = { numRuns: runs(300) };

describe('whatever happens to a call', () => {
  itInBoth('its end does not depend on the order or repetition of events', () => {
    fc.assert(
      fc.property(
        plausibleCalls.chain((one) =>
          fc.record({
            purpose: fc.constant(one.purpose),
            events: fc.constant(one.events),
            order: shuffled(one.events),
            answer: fc.nat(),
          }),
        ),
        ({ purpose, events, order, answer }) => {
          const straight = new Story(purpose).tell([sent(), accepted(), ...events]);
          const place = answer % (order.length + 1);
          const mixed = new Story(purpose).tell([
            sent(),
            ...order.slice(0, place),
            accepted(),
            ...order.slice(place),
          ]);
          assert.deepEqual(mixed.view, straight.view);
          assert.deepEqual(
            new Set(mixed.call.facts.tones?.map(({ sequenceId }) => sequenceId)),
            new Set(straight.call.facts.tones?.map(({ sequenceId }) => sequenceId)),
          );
        },
      ),
      often,
    );
  });

  itInBoth('it says each thing once, transfers once, and subscribes to keys once', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        const { effects } = live(purpose, fate, () => undefined);
        const once = effects.filter((effect) => effect !== 'hangUp' && effect !== 'probe');
        assert.deepEqual(once, [...new Set(once)]);
      }),
      often,
    );
  });

  itInBoth('it says and transfers nothing after the end or after a hang-up was requested', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        let effects = 0;
        live(purpose, fate, (story, before) => {
          const fresh = story.effects.slice(effects);
          effects = story.effects.length;
          // A call that is found again goes on.
          const over = view(before).status === 'ended' && story.view.status === 'ended';
          if (before.facts.hangUp || over)
            assert.deepEqual(
              fresh.filter((effect) => effect.startsWith('speak') || effect === 'transfer'),
              [],
            );
        });
      }),
      often,
    );
  });

  itInBoth('it sends a hang-up if we end it and know its connection id', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        live(purpose, fate, ({ call, effects }) => {
          const { hangUp: asked, ended } = call.facts;
          if (asked && !asked.confirmedAt && !ended && call.callConnectionId)
            assert.ok(effects.includes('hangUp'));
        });
      }),
      often,
    );
  });

  itInBoth('it has a deadline until it has ended', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        live(purpose, fate, (story) => assert.equal(story.wakeAt === null, story.view.status === 'ended'));
      }),
      often,
    );
  });

  itInBoth('it ends by its deadlines alone, whatever events are lost', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        const story = live(purpose, fate, () => undefined);
        const wakes = story.untilTheEnd();
        assert.equal(story.view.status, 'ended');
        assert.notEqual(story.view.disposition, null);
        assert.ok(wakes <= 20, `${wakes} deadlines`);
      }),
      often,
    );
  });

  itInBoth('after a deadline comes a later one or the end, never the same one', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        const story = live(purpose, fate, () => undefined);
        for (let due = story.wakeAt, count = 0; due && count < 30; count++) {
          story.take({ type: 'wake', at: due });
          // A late event may bring a deadline that has passed; it is then handled at once.
          if (story.wakeAt === due) story.take({ type: 'wake', at: due });
          assert.notEqual(story.wakeAt, due);
          due = story.wakeAt;
        }
      }),
      often,
    );
  });

  itInBoth('its revision never falls, and grows with each visible change', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        live(purpose, fate, ({ call, revisions }, before) => {
          assert.equal(revisions.at(-1), call.revision);
          assert.ok(call.revision === before.revision || call.revision === before.revision + 1);
        });
      }),
      often,
    );
  });

  itInBoth('it announces its end once, and again only after it was found again', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        const story = live(purpose, fate, () => undefined);
        story.untilTheEnd();
        assert.equal(story.ends, story.foundAgain + 1);
      }),
      often,
    );
  });

  itInBoth('it counts as answered only if the service reported something that proves it', () => {
    fc.assert(
      fc.property(purposes, fates, (purpose, fate) => {
        const proof = fate.some(
          (event) =>
            event &&
            (['connected', 'playStarted', 'playCompleted', 'tone', 'replied', 'transferAccepted'].includes(
              event.type,
            ) ||
              (event.type === 'probed' && event.state === 'connected') ||
              (event.type === 'ended' && event.result.subCode === 7015)),
        );
        const story = live(purpose, fate, () => undefined);
        story.untilTheEnd();
        if (!proof)
          assert.ok(
            !['answered', 'acknowledged', 'connected_to_caller'].includes(story.view.disposition ?? ''),
            story.view.disposition ?? '',
          );
      }),
      often,
    );
  });
});
