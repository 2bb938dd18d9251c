import assert from 'node:assert/strict';
import type { Presence } from '../../src/directory/presence.ts';
import { applyPresence, usesPresence } from '../../src/escalations/disturbances.ts';
import type { Severity, StepOver, StepPeople } from '../../src/escalations/escalation.ts';

const adele = 'a0000000-0000-0000-0000-00000000000a';
const alex = 'b0000000-0000-0000-0000-00000000000b';
const desk = 'c0000000-0000-0000-0000-00000000000c';
const step: StepPeople = {
  people: [
    {
      key: `teamsUser:${adele}`,
      target: { kind: 'teamsUser', id: adele.toUpperCase(), displayName: 'Adele' },
    },
    { key: `teamsUser:${alex}`, target: { kind: 'teamsUser', id: alex, displayName: 'Alex' } },
    { key: `voiceApp:${desk}`, target: { kind: 'voiceApp', id: desk, displayName: 'Help Desk' } },
  ],
  skipped: [{ name: 'Irvin', reason: 'noTeamsPhone' }],
  remembered: [],
};
const presenting: Presence = { availability: 'DoNotDisturb', activity: 'Presenting' };
const inACall: Presence = { availability: 'Busy', activity: 'InACall' };
const all: StepOver[] = ['doNotDisturb', 'inACall', 'presenting', 'outOfOffice'];
const everybody = ['Adele', 'Alex', 'Help Desk'];

describe('presence in Teams, in an escalation', () => {
  const table: readonly [what: string, severity: Severity, stepOver: StepOver[], called: string[]][] = [
    ['does not matter without stepOver', 'warning', [], everybody],
    ['does not matter if stepOver has only opt-outs', 'warning', ['optedOut'], everybody],
    ['skips people if the policy names their state', 'warning', ['presenting'], ['Alex', 'Help Desk']],
    ['does not skip people if the policy names another state', 'error', ['outOfOffice'], everybody],
    ['never skips voice apps, which have none', 'info', all, ['Help Desk']],
    ['is ignored by critical alerts', 'critical', all, everybody],
  ];
  const presences = new Map([
    [adele, presenting],
    [alex, inACall],
    [desk, inACall],
  ]);
  for (const [what, severity, stepOver, called] of table) {
    it(what, () => {
      const left = applyPresence({ severity, stepOver }, step, presences);
      assert.deepEqual(
        left.people.map(({ target }) => target.displayName),
        called,
      );
      assert.equal(left.people.length + left.skipped.length, 4, 'nobody is lost');
    });
  }

  it('is the reason in the timeline', () => {
    assert.deepEqual(applyPresence({ severity: 'warning', stepOver: all }, step, presences).skipped, [
      { name: 'Irvin', reason: 'noTeamsPhone' },
      { name: 'Adele', reason: 'presenting' },
      { name: 'Alex', reason: 'inACall' },
    ]);
  });

  it('skips nobody if it cannot be read', () => {
    assert.deepEqual(applyPresence({ severity: 'warning', stepOver: all }, step, null), step);
    assert.deepEqual(applyPresence({ severity: 'warning', stepOver: all }, step, new Map()), step);
  });

  it('is read only if it matters', () => {
    assert.equal(usesPresence({ severity: 'warning', stepOver: ['inACall'] }), true);
    assert.equal(usesPresence({ severity: 'critical', stepOver: ['inACall'] }), false);
    assert.equal(usesPresence({ severity: 'warning', stepOver: ['optedOut'] }), false);
    assert.equal(usesPresence({ severity: 'warning' }), false);
  });
});
