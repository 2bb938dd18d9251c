import assert from 'node:assert/strict';
import { asksFirst } from '../../src/directory/presence.ts';

describe('the question before a call to a busy person', () => {
  const cases: readonly (readonly [availability: string, activity: string, expected: string | null])[] = [
    ['Available', 'Available', null],
    ['Busy', 'InACall', 'inACall'],
    ['Busy', 'InAConferenceCall', 'inACall'],
    ['Busy', 'InAMeeting', null],
    ['Busy', 'Busy', null],
    ['DoNotDisturb', 'Presenting', 'presenting'],
    ['DoNotDisturb', 'DoNotDisturb', 'doNotDisturb'],
    ['DoNotDisturb', 'UrgentInterruptionsOnly', 'doNotDisturb'],
    ['DoNotDisturb', 'Focusing', 'doNotDisturb'],
    ['DoNotDisturb', 'SomethingNew', 'doNotDisturb'],
    ['Away', 'OutOfOffice', 'outOfOffice'],
    ['Offline', 'OutOfOffice', 'outOfOffice'],
    ['Away', 'Away', null],
    ['BeRightBack', 'BeRightBack', null],
    ['Offline', 'Offline', null],
    ['PresenceUnknown', 'PresenceUnknown', null],
    ['toString', 'constructor', null],
  ];
  for (const [availability, activity, expected] of cases) {
    it(`${expected === null ? 'is not asked' : `is asked (${expected})`}: ${availability}, ${activity}`, () => {
      assert.equal(asksFirst({ availability, activity }), expected);
    });
  }

  it('is not asked if presence cannot be read', () => {
    assert.equal(asksFirst(null), null);
    assert.equal(asksFirst(undefined), null);
  });
});
