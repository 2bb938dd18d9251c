import assert from 'node:assert/strict';
import { callEntries } from '../../src/calls/timeline.ts';
import { callLine } from '../../src/texts/callTimeline.ts';
import { languages, textsFor } from '../../src/texts/texts.ts';

const texts = textsFor('en');

describe('a line of a call’s timeline', () => {
  const cases: [type: string, data: Record<string, string | number | null>, words: string][] = [
    ['ended', { disposition: 'no_answer', code: 487, subCode: 10004 }, 'Ended: no answer (487/10004).'],
    ['ended', { disposition: 'answered', code: 200, subCode: 7000 }, 'Ended: answered.'],
    ['ended', { disposition: 'cancelled', code: null, subCode: null }, 'Ended: cancelled.'],
    ['ended', { disposition: 'somethingNew', code: 487, subCode: 0 }, 'Ended: over (487/0).'],
    ['corrected', { disposition: 'declined', code: 603, subCode: 0 }, 'Corrected: declined (603/0).'],
    ['speakFailed', { context: 'message', code: 400, subCode: 8501 }, 'Speaking failed (400/8501).'],
    ['speakFailed', { context: 'message', code: null, subCode: null }, 'Speaking failed.'],
    ['hangUpRequested', { by: 'requester', name: 'Megan Bowen' }, 'Megan Bowen ended the call.'],
    ['hangUpRequested', { by: 'timeout' }, 'Hanging up: time is up.'],
    [
      'hangUpRequested',
      { by: 'escalation', reason: 'phoneNeeded' },
      'Hanging up: an alert needs this phone.',
    ],
    ['hangUpRequested', { by: 'done' }, 'Hanging up.'],
    ['deferred', { reason: 'paused' }, 'Waiting: an operator has paused all calls.'],
    ['speaking', { context: 'message' }, 'Speaking the message …'],
    ['speaking', { context: 'message2' }, 'Speaking the message again …'],
    ['messageSpoken', { context: 'message2' }, 'The whole message was spoken.'],
    ['messageSpoken', { context: 'takenOver' }, 'Said who has taken over.'],
    ['transferring', { to: 'Megan Bowen' }, 'Connecting to Megan Bowen …'],
    ['gridCallEnded', { seconds: 125 }, 'Event Grid: the call ended after 2 minutes 5 seconds.'],
    ['gridParticipantJoined', {}, 'Event Grid: somebody joined.'],
    ['somethingNewOfTomorrow', {}, 'Something new of tomorrow.'],
    ['constructor', {}, 'Constructor.'],
  ];
  for (const [type, data, words] of cases) {
    it(words, () => {
      assert.equal(callLine({ type, data }, texts), words);
    });
  }

  for (const language of languages) {
    it(`is readable if a newer version wrote other data (${language})`, () => {
      const own = textsFor(language);
      for (const type of Object.keys(callEntries)) {
        const line = callLine({ type, data: {} }, own);
        assert.doesNotMatch(line, /undefined|null|NaN|\[object/, type);
      }
    });
  }
});
