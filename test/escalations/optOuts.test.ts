import assert from 'node:assert/strict';
import type { Requester } from '../../src/calls/call.ts';
import { heedOptOuts } from '../../src/escalations/optOuts.ts';
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
    ['named in a chat: stepped over', null, megan, ['Alex'], ['Irvin noTeamsPhone', 'Adele optedOut'], []],
    [
      'in a policy, from a chat: called',
      'payments',
      megan,
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      ['Adele'],
    ],
    [
      'in a policy, from an alert: called',
      'payments',
      prometheus,
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      ['Adele'],
    ],
    [
      'in the steps of a program: called',
      null,
      prometheus,
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      ['Adele'],
    ],
    [
      'by themselves: called',
      null,
      { ...megan, objectId: adele },
      ['Adele', 'Alex'],
      ['Irvin noTeamsPhone'],
      [],
    ],
  ];
  for (const [what, policy, startedBy, called, skipped, overruled] of table) {
    it(what, () => {
      const heeded = heedOptOuts({ policy, startedBy }, step, new Set([adele]));
      assert.deepEqual(
        heeded.people.map(({ target }) => target.displayName),
        called,
      );
      assert.deepEqual(
        heeded.skipped.map(({ name, reason }) => `${name} ${reason}`),
        skipped,
      );
      assert.deepEqual(
        heeded.overruled.map(({ displayName }) => displayName),
        overruled,
      );
    });
  }

  it('are skipped by a policy that respects it, no matter who started the escalation', () => {
    const heeded = heedOptOuts(
      { policy: 'payments', startedBy: prometheus, stepOver: ['inACall', 'optedOut'] },
      step,
      new Set([adele]),
    );
    assert.deepEqual(
      heeded.people.map(({ target }) => target.displayName),
      ['Alex'],
    );
    assert.deepEqual(heeded.skipped.at(-1), { name: 'Adele', reason: 'optedOut' });
    assert.deepEqual(heeded.overruled, []);
  });

  it('everybody is called if nobody has opted out', () => {
    assert.deepEqual(heedOptOuts({ policy: null, startedBy: megan }, step, new Set()), {
      ...step,
      overruled: [],
    });
  });
});
