import assert from 'node:assert/strict';
import type { Call, TimelineEntry } from '../../src/calls/call.ts';
import { callOf } from '../../src/console/escalationView.ts';

/** The part of a call that the question is about. */
function call(id: string, person: string, createdAt: string): Call {
  const target = { kind: 'teamsUser', id: person, displayName: 'Alex Wilber' };
  return { id, target, createdAt, facts: {} } as unknown as Call;
}

const line: TimelineEntry = {
  at: '2026-11-30T03:00:30.000Z',
  type: 'calling',
  data: { name: 'Alex Wilber' },
};

describe('the call that a line of an escalation’s timeline is about', () => {
  it('is the nearest one of the person', () => {
    const calls = [call('first', 'a', '2026-11-30T03:00:00.000Z'), call('second', 'a', line.at)];
    assert.equal(callOf(line, calls)?.id, 'second');
  });

  it('stays unknown among namesakes, whose calls could be mixed up', () => {
    const calls = [call('first', 'a', '2026-11-30T03:00:00.000Z'), call('second', 'b', line.at)];
    assert.equal(callOf(line, calls), undefined);
  });
});
