import assert from 'node:assert/strict';
import type { Requester } from '../../src/calls/call.ts';
import { applyOptOuts } from '../../src/escalations/optOuts.ts';
import type { StepPeople } from '../../src/escalations/escalation.ts';

const adele = 'a0000000-0000-0000-0000-00000000000a';
const alex = 'b0000000-0000-0000-0000-00000000000b';
const step: StepPeople = {
  people: [
    { key: `teamsUser:${adele}`, target: { kind: 'teamsUser', id: adele, displayName: 'Adele' } },
    { key: `teamsUser:${alex}`, target: { kind: 'teamsUser', id: alex, displayName: 'Alex' } },
  ],
  skipped: [{ name: 'Irvin', reason: 'noTeamsPhone' }],
  remembered: [],
};
const megan: Requester = { kind: 'chat', key: 'megan', name: 'Megan', objectId: 'megan' };
const prometheus: Requester = { kind: 'api', key: 'prometheus', name: 'prometheus' };

describe('people who do not want to be called from chats, in an escalation', () => {
  const table: readonly [
    what: string,
    policy: string | null,
    startedBy: Requester,
    called: string[],
    skipped: string[],
    overruled: string[],
  ][] = [
    ['named in a chat: skipped', null, megan, ['Alex'], ['Irvin noTeamsPhone', 'Adele optedOut'], []],
    [
      'in a policy, started from a chat: called',
      'payments',
      megan,
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      ['Adele'],
    ],
    [
      'in a policy, started by an alert: called',
      'payments',
      prometheus,
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      ['Adele'],
    ],
    [
      'in steps that a program sent: called',
      null,
      prometheus,
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      ['Adele'],
    ],
    [
      'who start it themselves: called',
      null,
      { ...megan, objectId: adele },
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      [],
    ],
  ];
  for (const [what, policy, startedBy, called, skipped, overruled] of table) {
    it(what, () => {
      const left = applyOptOuts({ policy, startedBy }, step, new Set([adele]));
      assert.deepEqual(
        left.people.map(({ target }) => target.displayName),
        called,
      );
      assert.deepEqual(
        left.skipped.map(({ name, reason }) => `${name} ${reason}`),
        skipped,
      );
      assert.deepEqual(
        left.overruled.map(({ displayName }) => displayName),
        overruled,
      );
    });
  }

  it('are skipped by a policy that respects it, no matter who started the escalation', () => {
    const left = applyOptOuts(
      { policy: 'payments', startedBy: prometheus, stepOver: ['inACall', 'optedOut'] },
      step,
      new Set([adele]),
    );
    assert.deepEqual(
      left.people.map(({ target }) => target.displayName),
      ['Alex'],
    );
    assert.deepEqual(left.skipped.at(-1), { name: 'Adele', reason: 'optedOut' });
    assert.deepEqual(left.overruled, []);
  });

  it('everybody is called if nobody has opted out', () => {
    assert.deepEqual(applyOptOuts({ policy: null, startedBy: megan }, step, new Set()), {
      ...step,
      overruled: [],
    });
  });
});
