import assert from 'node:assert/strict';
import type { CallEvent } from '../../../src/calls/call.ts';
import { DEFERRED_RETRY_MS } from '../../../src/calls/lifecycle/deadlines.ts';
import { mayDial } from '../../../src/calls/lifecycle/lifecycle.ts';
import {
  accepted,
  at,
  connected,
  deadline,
  escalate,
  hangUp,
  key,
  sent,
  speak,
  spoken,
  Story,
  unknown,
} from '../../support/calls/stories.ts';

const deferred = (s: number, until: number, behind = 'call_2'): CallEvent => ({
  type: 'deferred',
  at: at(s),
  reason: 'phoneBusy',
  until: at(until),
  behind,
});

describe('a call that has to wait before it is sent', () => {
  it('stays queued, says why once, and tries again in time', () => {
    const story = new Story(speak).tell([deferred(0, 20), deferred(5, 20)]);
    assert.equal(story.view.status, 'queued');
    assert.deepEqual(story.timeline, ['deferred']);
    assert.equal(story.wakesAt, 20);
    story.tell([deadline]);
    assert.deepEqual(story.effects, ['dial']);
    assert.equal(story.wakesAt, 20 + DEFERRED_RETRY_MS / 1000);
  });

  it('counts from when the same call got in its way', () => {
    const story = new Story(escalate).tell([deferred(0, 20), deferred(5, 20), deferred(9, 40, 'call_3')]);
    assert.equal(story.call.facts.deferred?.since, at(9));
    story.tell([deferred(12, 40, 'call_3')]);
    assert.equal(story.call.facts.deferred?.since, at(9));
  });

  it('does not try again early', () => {
    const story = new Story(speak).tell([deferred(0, 20), { type: 'wake', at: at(19) }]);
    assert.deepEqual([story.effects, story.wakesAt], [[], 20]);
  });

  it('can be cancelled, and does not try again', () => {
    const story = new Story(speak).tell([deferred(0, 20), hangUp(3), { type: 'wake', at: at(20) }]);
    assert.equal(story.view.disposition, 'cancelled');
    assert.deepEqual([story.effects, story.wakesAt], [[], null]);
    assert.equal(mayDial(story.call), false);
  });

  it('does not wait once it is sent', () => {
    const story = new Story(speak).tell([deferred(0, 20), sent(2), deferred(3, 99), accepted(3)]);
    assert.equal(story.view.status, 'dialing');
    assert.deepEqual(story.timeline, ['deferred', 'dialing', 'accepted']);
  });
});

describe('a call that makes way for an alert', () => {
  it('says why', () => {
    const story = new Story(speak).tell([sent(), accepted(), hangUp(5, 'escalation')]);
    story.tell([{ type: 'hangUpConfirmed', at: at(6) }]);
    assert.deepEqual([story.view.disposition, story.view.cause], ['cancelled', 'madeWayForAlert']);
  });

  it('differs from the end of an escalation', () => {
    const story = new Story(escalate).tell([sent(), accepted(), hangUp(5, 'escalation')]);
    story.tell([{ type: 'hangUpConfirmed', at: at(6) }]);
    assert.equal(story.view.cause, 'cancelledByEscalation');
  });
});

describe('a call that was given up', () => {
  it('is hung up when it is found, even if that was requested after it was given up', () => {
    const story = new Story(escalate).tell([sent(), unknown(30), hangUp(40, 'escalation')]);
    assert.equal(story.view.cause, 'outcomeUnknown');
    story.tell([connected(50)]);
    assert.deepEqual(story.effects, ['hangUp']);
  });
});

describe('key three on the phone', () => {
  const answered = [sent(), accepted(), connected(5)];

  it('repeats the message at once after its end', () => {
    const story = new Story(escalate).tell([...answered, spoken(9, 'message'), key(10, 'three', 1)]);
    assert.deepEqual(story.effects, ['speak message', 'listen', 'speak message2']);
  });

  it('repeats the message after its end if it is pressed earlier', () => {
    const story = new Story(escalate).tell([...answered, key(7, 'three', 1)]);
    assert.deepEqual(story.effects, ['speak message', 'listen']);
    story.tell([spoken(9, 'message')]);
    assert.equal(story.effects.at(-1), 'speak message2');
  });

  it('repeats the message once, even if it is reported twice', () => {
    const story = new Story(escalate).tell([
      ...answered,
      spoken(9, 'message'),
      key(10, 'three', 1),
      key(10, 'three', 1),
      spoken(14, 'message2'),
    ]);
    assert.equal(story.effects.at(-1), 'speak message2');
  });

  it('adds to the automatic repetitions, up to a limit', () => {
    const contexts = ['message', 'message2', 'message3', 'message4', 'message5', 'message6'] as const;
    const story = new Story(escalate).tell(answered);
    story.tell([spoken(9, 'message'), key(10, 'three', 1)]);
    for (const [index, context] of contexts.entries()) {
      if (index > 0 && story.effects.includes(`speak ${context}`))
        story.tell([spoken(10 + index * 20, context), deadline]);
    }
    assert.equal(story.effects.filter((effect) => effect.startsWith('speak')).length, 4);
    assert.equal(story.call.facts.hangUp?.by, 'done');
    const eager = new Story(escalate).tell(answered);
    for (const [index, context] of contexts.entries()) {
      eager.tell([spoken(10 + index * 5, context), key(11 + index * 5, 'three', index + 1)]);
    }
    assert.equal(eager.effects.filter((effect) => effect.startsWith('speak')).length, 6);
  });
});
