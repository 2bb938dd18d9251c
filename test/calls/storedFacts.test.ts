import assert from 'node:assert/strict';
import type { Facts } from '../../src/calls/call.ts';
import { view } from '../../src/calls/lifecycle/lifecycle.ts';
import { readFacts, storedFacts, type StoredFacts } from '../../src/calls/storedFacts.ts';
import { at, queuedCall, speak } from '../support/calls/stories.ts';

describe('Facts of a call in the database', () => {
  const stored: StoredFacts = {
    dialSentAt: at(0),
    plays: {
      message: { requestedAt: at(5), completedAt: at(9) },
      message2: { requestedAt: at(17), acceptedAt: at(18) },
      takenOver: { requestedAt: at(20) },
    },
  };
  const facts: Facts = {
    dialSentAt: at(0),
    plays: [
      { context: 'message', nth: 1, requestedAt: at(5), completedAt: at(9) },
      { context: 'message', nth: 2, requestedAt: at(17), acceptedAt: at(18) },
      { context: 'takenOver', nth: 1, requestedAt: at(20) },
    ],
  };

  it('name what is said as earlier versions do', () => {
    assert.deepEqual(storedFacts(facts), stored);
  });

  it('can be read as earlier versions wrote them', () => {
    assert.deepEqual(readFacts(stored), facts);
    assert.deepEqual(readFacts({ dialSentAt: at(0) }), { dialSentAt: at(0) });
  });

  it('keep names that mean nothing to this version for the newer version that stored them', () => {
    const newer: StoredFacts = {
      ...stored,
      plays: { ...stored.plays, message1: {}, message7: {}, constructor: {}, menu: { requestedAt: at(21) } },
    };
    assert.deepEqual(readFacts(newer).plays, facts.plays);
    assert.deepEqual(storedFacts(readFacts(newer)), newer);
  });

  it('keep fields of a play that only a newer version knows', () => {
    const newer = { plays: { message: { requestedAt: at(5), volume: 2 } } };
    assert.deepEqual(storedFacts(readFacts(newer)), newer);
  });

  it('have no codes if the call is gone, even if an earlier version wrote some', () => {
    const ended = { by: 'gone' as const, at: at(50), code: 603, subCode: 0, message: '' };
    const call = { ...queuedCall(speak), facts: readFacts({ dialSentAt: at(0), ended }) };
    const { disposition, cause, code, subCode } = view(call);
    assert.deepEqual([disposition, cause, code, subCode], ['failed', 'lostContact', null, null]);
  });
});
