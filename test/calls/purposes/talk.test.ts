import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Call, CallEvent } from '../../../src/calls/call.ts';
import { deadlineOf } from '../../../src/calls/lifecycle/deadlines.ts';
import { apply, mayDial, view } from '../../../src/calls/lifecycle/lifecycle.ts';
import { at, queuedCall } from '../../support/calls/stories.ts';

const nothing = { callConnectionId: null, serverCallId: null, correlationId: null };
const joined = (seconds: number): CallEvent => ({ type: 'dialSent', at: at(seconds) });
const heard = (seconds: number, rings = false): CallEvent => ({ type: 'talkHeard', at: at(seconds), rings });
const connected = (seconds: number): CallEvent => ({ type: 'connected', at: at(seconds), ...nothing });
const left = (seconds: number): CallEvent => ({ type: 'talkLeft', at: at(seconds) });
const hangUp = (seconds: number): CallEvent => ({
  type: 'hangUpRequested',
  at: at(seconds),
  by: 'requester',
});
const ended = (seconds: number, code = 0, subCode = 0): CallEvent => ({
  type: 'ended',
  at: at(seconds),
  by: 'disconnected',
  callConnectionId: null,
  result: { code, subCode, message: '' },
});
const recorded = (seconds: number, on: boolean): CallEvent => ({
  type: 'capture',
  at: at(seconds),
  what: 'recording',
  id: 'page',
  on,
  ...nothing,
});

function after(events: readonly CallEvent[]): Call {
  let call = queuedCall({ kind: 'talk' });
  for (const event of events) {
    const transition = apply(call, event);
    // Call Automation does not know such a call, so it must get no requests.
    assert.deepEqual(transition.effects, []);
    call = transition.call;
  }
  return call;
}

const outcome = (call: Call): string => {
  const { status, disposition, cause } = view(call);
  return [status, disposition, cause].join(' ');
};

describe('a call from the browser page', () => {
  it('is not dialled', () => {
    assert.equal(mayDial(queuedCall({ kind: 'talk' })), false);
    assert.equal(mayDial(after([joined(0)])), false);
  });

  const ends: readonly [name: string, events: readonly CallEvent[], outcome: string][] = [
    ['talked', [joined(0), heard(1, true), connected(5), ended(60)], 'ended connected_to_caller talked'],
    ['declined', [joined(0), heard(1, true), ended(5, 603)], 'ended declined declined'],
    ['hung up before an answer', [joined(0), hangUp(4), ended(5)], 'ended cancelled cancelledByRequester'],
    ['cancelled before it was joined', [hangUp(4)], 'ended cancelled cancelledByRequester'],
    ['closed before an answer', [joined(0), left(4)], 'ended failed pageSilent'],
    [
      'closed while talking',
      [joined(0), connected(3), left(9)],
      'ended connected_to_caller talkedPageSilent',
    ],
  ];
  for (const [name, events, expected] of ends) {
    it(`ends: ${name}`, () => {
      assert.equal(outcome(after(events)), expected);
    });
  }

  it('does not depend on the order of the reports', () => {
    const reports = [
      heard(1, true),
      heard(7),
      connected(5),
      recorded(8, true),
      recorded(9, false),
      ended(20),
    ];
    const expected = after([joined(0), ...reports]);
    fc.assert(
      fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (order) => {
        const call = after([joined(0), ...order]);
        assert.equal(outcome(call), outcome(expected));
        assert.deepEqual(call.facts, expected.facts);
      }),
    );
  });

  it('never stays open for ever, whatever the page reported before it fell silent', () => {
    const some = fc.constantFrom(
      joined(1),
      heard(2, true),
      heard(70),
      connected(6),
      hangUp(7),
      recorded(8, true),
      { type: 'talkLinked', at: at(300) } as const,
    );
    fc.assert(
      fc.property(fc.array(some, { maxLength: 8 }), (events) => {
        let call = after(events);
        let due: string | null = view(call).status === 'ended' ? null : deadlineOf(call);
        for (let looks = 0; due !== null; looks++) {
          assert.ok(looks < 5, 'it is looked at again and again');
          const transition = apply(call, { type: 'wake', at: due });
          assert.deepEqual(transition.effects, []);
          call = transition.call;
          due = transition.wakeAt;
        }
        assert.equal(view(call).status, 'ended');
      }),
    );
  });

  it('ends within the hour for which its token is valid, whatever the page says', () => {
    const talking = after([joined(0), connected(5), heard(3_299)]);
    const due = deadlineOf(talking);
    assert.equal(due, at(3_300));
    const told = apply(talking, { type: 'wake', at: at(3_300) }).call;
    assert.equal(told.facts.hangUp?.by, 'timeout');
    const deaf = apply(told, heard(3_359)).call;
    assert.equal(deadlineOf(deaf), at(3_360));
    assert.equal(
      outcome(apply(deaf, { type: 'wake', at: at(3_360) }).call),
      'ended connected_to_caller talkedPageSilent',
    );
  });

  it('has ten minutes for each new link', () => {
    const call = after([{ type: 'talkLinked', at: at(500) }]);
    assert.equal(deadlineOf(call), at(1_100));
    assert.equal(outcome(apply(call, { type: 'wake', at: at(1_099) }).call), 'queued  ');
    assert.equal(outcome(apply(call, { type: 'wake', at: at(1_100) }).call), 'ended cancelled linkNotUsed');
  });
});
