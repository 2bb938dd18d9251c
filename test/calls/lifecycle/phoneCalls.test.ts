import assert from 'node:assert/strict';
import type { Call, Target } from '../../../src/calls/call.ts';
import { deadlineOf } from '../../../src/calls/lifecycle/deadlines.ts';
import { apply, view } from '../../../src/calls/lifecycle/lifecycle.ts';
import { at, escalate, queuedCall } from '../../support/calls/stories.ts';

const phone: Target = { kind: 'phone', id: '+493023125001', displayName: '+49 30 23125001' };

describe('a call to a phone number', () => {
  /** Answered after two seconds; somebody asks for the message again and again. */
  const talking = (call: Call): Call => ({
    ...call,
    callConnectionId: 'connection-1',
    facts: {
      dialSentAt: at(0),
      dialAcceptedAt: at(0.5),
      connectedAt: at(2),
      plays: [{ context: 'message', nth: 1, turn: 1, requestedAt: at(590), acceptedAt: at(591) }],
    },
  });

  it('is ended ten minutes after the answer, whatever it does; one in Teams goes on', () => {
    const call = talking({ ...queuedCall(escalate), target: phone });
    assert.equal(deadlineOf(call), at(602));
    const { call: over, effects } = apply(call, { type: 'wake', at: at(602) });
    assert.equal(over.facts.hangUp?.by, 'timeout');
    assert.deepEqual(effects, [{ kind: 'hangUp' }]);
    assert.ok((deadlineOf(talking(queuedCall(escalate))) ?? '') > at(602));
  });

  for (const by of ['phoneLimit', 'phoneRule'] as const) {
    it(`ends unsent and not allowed if it is barred: ${by}`, () => {
      const call = { ...queuedCall(escalate), target: phone };
      const { call: over } = apply(call, { type: 'hangUpRequested', at: at(0), by });
      const { status, disposition, cause } = view(over);
      assert.deepEqual([status, disposition, cause], ['ended', 'not_allowed', by]);
    });
  }
});
