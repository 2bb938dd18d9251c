import assert from 'node:assert/strict';
import type { Presence } from '../../src/directory/presence.ts';
import { heedPresence, heedsPresence } from '../../src/escalations/disturbances.ts';
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
    ['is nothing to a policy that does not say so', 'warning', [], everybody],
    ['is nothing to one that heeds opt-outs only', 'warning', ['optedOut'], everybody],
    ['is stepped over where the policy names it', 'warning', ['presenting'], ['Alex', 'Help Desk']],
    ['is not stepped over for another reason', 'error', ['outOfOffice'], everybody],
    ['may leave nobody but voice applications, which show nothing', 'info', all, ['Help Desk']],
    ['is ignored by critical alerts', 'critical', all, everybody],
  ];
  const presences = new Map([
    [adele, presenting],
    [alex, inACall],
    [desk, inACall],
  ]);
  for (const [what, severity, stepOver, called] of table) {
    it(what, () => {
      const heeded = heedPresence({ severity, stepOver }, step, presences);
      assert.deepEqual(
        heeded.people.map(({ target }) => target.displayName),
        called,
      );
      assert.equal(heeded.people.length + heeded.skipped.length, 4, 'nobody is lost');
    });
  }

  it('is the reason in the timeline', () => {
    assert.deepEqual(heedPresence({ severity: 'warning', stepOver: all }, step, presences).skipped, [
      { name: 'Irvin', reason: 'noTeamsPhone' },
      { name: 'Adele', reason: 'presenting' },
      { name: 'Alex', reason: 'inACall' },
    ]);
  });

  it('skips nobody if it cannot be read', () => {
    assert.deepEqual(heedPresence({ severity: 'warning', stepOver: all }, step, null), step);
    assert.deepEqual(heedPresence({ severity: 'warning', stepOver: all }, step, new Map()), step);
  });

  it('is read only if it matters', () => {
    assert.equal(heedsPresence({ severity: 'warning', stepOver: ['inACall'] }), true);
    assert.equal(heedsPresence({ severity: 'critical', stepOver: ['inACall'] }), false);
    assert.equal(heedsPresence({ severity: 'warning', stepOver: ['optedOut'] }), false);
    assert.equal(heedsPresence({ severity: 'warning' }), false);
  });
});
