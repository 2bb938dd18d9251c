import assert from 'node:assert/strict';
import type { Cause, Disposition } from '../../../src/calls/call.ts';
import type { Rung } from '../../../src/escalations/escalation.ts';
import { afterCall } from '../../../src/escalations/ladder/phones.ts';
import { mobileOf, targetOf } from '../../support/escalations/climbing.ts';

const [teams, mobile] = [targetOf('Adele'), mobileOf('Adele')];

/** Adele's first call, in Teams, has ended. */
const rung: Pick<Rung, 'target' | 'tries' | 'phones'> = {
  target: teams,
  tries: 1,
  phones: [teams, mobile].map((target) => ({ target, calls: 0, over: false })),
};

/** How the call ended -> whether the mobile is called, and whether Teams is called again after that. */
const table: [Cause, Disposition, mobile: 'atOnce' | 'afterRinging' | null, teamsAgain: boolean][] = [
  ['noAnswer', 'no_answer', 'atOnce', true],
  ['acceptedElsewhere', 'failed', 'atOnce', true],
  ['busy', 'busy', 'atOnce', true],
  // Voicemail, a child or silence.
  ['answeredNotAcknowledged', 'answered', 'atOnce', true],
  ['serviceFault', 'failed', 'atOnce', true],
  ['outcomeUnknown', 'failed', 'afterRinging', true],
  ['notRegistered', 'unreachable', 'atOnce', false],
  ['registeredButOffline', 'unreachable', 'atOnce', false],
  // No Teams Phone licence, no federation.
  ['enterpriseVoiceOrSource', 'not_allowed', 'atOnce', false],
  ['federationNotAllowed', 'not_allowed', 'atOnce', false],
  ['unauthenticated', 'not_allowed', 'atOnce', false],
  ['numberNotFound', 'unreachable', 'atOnce', false],
  ['phoneRule', 'not_allowed', 'atOnce', false],
  ['phoneLimit', 'not_allowed', 'atOnce', false],
  // They have seen it.
  ['declined', 'declined', null, false],
  ['answeredAndHungUp', 'answered', null, false],
  ['acknowledged', 'acknowledged', null, false],
  ['cancelledByEscalation', 'cancelled', null, false],
  ['cancelledByOperator', 'cancelled', null, false],
];

describe('after a call in Teams has ended', () => {
  for (const [cause, disposition, when, teamsAgain] of table) {
    it(`${cause}: ${when ? `the mobile is called, ${when}` : 'the person is called nowhere else'}`, () => {
      const after = afterCall(rung, { cause, disposition }, 2);
      assert.deepEqual(after.next, when && mobile);
      if (when) assert.deepEqual([after.when, after.phones?.[0]?.over], [when, !teamsAgain]);
    });
  }

  it('with a single phone the rule is the one for calling again', () => {
    const only = { target: teams, tries: 1 };
    const end = { cause: 'busy', disposition: 'busy' } as const;
    assert.deepEqual(afterCall(only, end, 2), { next: teams, when: 'afterPause' });
    assert.deepEqual(afterCall(only, end, 1), { next: null, when: 'atOnce' });
  });
});
