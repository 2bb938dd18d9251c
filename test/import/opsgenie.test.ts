import assert from 'node:assert/strict';
import { imported } from '../support/import/imported.ts';

const user = (id: string, username: string, fullName = username) => ({
  id,
  username,
  fullName,
  blocked: false,
  role: { id: 'User', name: 'User' },
  userContacts: [{ contactMethod: 'voice', to: '49-30123456' }],
});

const users = [
  user('u1', 'adele@contoso.example', 'Adele Vance'),
  user('u2', 'alex@contoso.example', 'Alex Wilber'),
  user('u3', 'pager', 'Old Pager'),
];

const rotation = (more: object = {}) => ({
  id: 'r1',
  name: 'Rot1',
  startDate: '2026-01-05T08:00:00Z',
  endDate: null,
  type: 'weekly',
  length: 1,
  participants: [
    { type: 'user', id: 'u1', username: 'adele@contoso.example' },
    { type: 'user', username: 'ALEX@contoso.example' },
  ],
  ...more,
});

const schedule = (id: string, name: string, rotations: object[], more: object = {}) => ({
  id,
  name,
  description: '',
  timezone: 'Europe/Berlin',
  enabled: true,
  ownerTeam: { id: 't1', name: 'ops' },
  rotations,
  ...more,
});

const rule = (minutes: number, recipient: object, more: object = {}) => ({
  condition: 'if-not-acked',
  notifyType: 'default',
  delay: { timeAmount: minutes, timeUnit: 'minutes' },
  recipient,
  ...more,
});

const exportWith = (more: object) => ({
  users,
  schedules: [schedule('s1', 'ops_schedule', [rotation()])],
  escalations: [],
  ...more,
});

const escalation = (rules: object[], more: object = {}) => ({
  escalations: [{ id: 'e1', name: 'ops_escalation', ownerTeam: { id: 't1', name: 'ops' }, rules, ...more }],
});

describe('import from Opsgenie', () => {
  it('delays count from the alert; what has the same delay is one step; the repeat has its own pause', () => {
    const { file, rotations, losses } = imported('opsgenie', {
      users: [{ data: users, paging: {}, took: 0.1 }],
      schedules: {
        data: [schedule('s1', 'ops_schedule', [rotation(), rotation({ endDate: '2026-02-01T00:00:00Z' })])],
      },
      ...escalation(
        [
          rule(10, { type: 'user', id: 'u2' }),
          rule(0, { type: 'schedule', name: 'ops_schedule' }),
          rule(10, { type: 'user', username: 'adele@contoso.example' }),
          rule(1, { type: 'user', id: 'u1' }, { delay: { timeAmount: 1, timeUnit: 'hours' } }),
        ],
        { repeat: { waitInterval: 20, count: 2, resetRecipientStates: false, closeAlertAfterAll: false } },
      ),
    });
    assert.deepEqual(losses, []);
    assert.deepEqual(rotations, {
      ops_schedule: {
        members: ['adele@contoso.example', 'alex@contoso.example'],
        every: 604_800_000,
        handover: { weekday: 1, hour: 9, minute: 0 },
        timeZone: 'Europe/Berlin',
      },
    });
    const policy = file.policies['ops_escalation'];
    assert.equal(policy?.repeat, 2);
    assert.deepEqual(policy.steps, [
      { targets: [{ rotation: 'ops_schedule' }], mode: 'sequence', tries: 1, pauseSeconds: 600 },
      {
        targets: [{ user: 'alex@contoso.example' }, { user: 'adele@contoso.example' }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 3000,
      },
      { targets: [{ user: 'adele@contoso.example' }], mode: 'sequence', tries: 1, pauseSeconds: 1200 },
    ]);
  });

  describe('what a rotation cannot say becomes a calendar', () => {
    const cases: [why: string, rotations: object[], more?: object][] = [
      ['has 2 rotations at once', [rotation(), rotation({ id: 'r2' })]],
      ['restricted to some times', [rotation({ timeRestriction: { type: 'time-of-day', restriction: {} } })]],
      ['begins later', [rotation({ startDate: '2027-01-05T08:00:00Z' })]],
      ['has an end', [rotation({ endDate: '2027-01-05T08:00:00Z' })]],
      ['turns of teams', [rotation({ participants: [{ type: 'team', id: 't1' }, { type: 'none' }] })]],
      ['a kind that is not known', [rotation({ type: 'lunar' })]],
      ['time zone', [rotation()], { timezone: 'Mars/Olympus' }],
      ['"Old Pager" has no mail address', [rotation({ participants: [{ type: 'user', id: 'u3' }] })]],
      ['"gone@x.example" is not in the export', [rotation({ participants: [{ type: 'user', username: 'gone@x.example' }] })]],
    ]; // prettier-ignore
    for (const [why, rotations, more] of cases) {
      it(why, () => {
        const { yaml, losses } = imported(
          'opsgenie',
          exportWith({ schedules: [schedule('s1', 'ops_schedule', rotations, more)] }),
        );
        assert.match(yaml, /^ {4}ical: "\$\{ICAL_OPS_SCHEDULE\}"$/m);
        assert.equal(losses.length, 1);
        assert.ok(losses[0]?.includes(why), losses[0]);
      });
    }
  });

  it('rules that Ringdown does not have are listed, and the others stay', () => {
    const { file, losses } = imported(
      'opsgenie',
      exportWith({
        schedules: [
          schedule('s1', 'ops_schedule', [rotation()], {
            overrides: [{ alias: 'a', startDate: '2026-12-24T00:00:00Z', endDate: '2026-12-26T00:00:00Z' }],
          }),
          schedule('s2', 'off', [rotation()], { enabled: false }),
          schedule('s3', 'hours', [rotation({ type: 'hourly', length: 12 })]),
        ],
        ...escalation(
          [
            rule(5, { type: 'schedule', id: 's1' }, { notifyType: 'next' }),
            rule(5, { type: 'schedule', id: 's2' }),
            rule(10, { type: 'team', id: 't1' }),
            rule(10, { type: 'team', id: 't1' }, { notifyType: 'random' }),
            rule(10, { type: 'team', id: 't9' }, { notifyType: 'all' }),
            rule(15, { type: 'team', name: 'ops' }, { notifyType: 'admins' }),
            rule(15, { type: 'group', id: 'g' }),
            rule(20, { type: 'team', id: 't1' }, { notifyType: 'all', condition: 'if-not-closed' }),
          ],
          { repeat: { waitInterval: 0, count: 0, closeAlertAfterAll: true } },
        ),
        teams: [
          {
            id: 't1',
            name: 'ops',
            members: [
              { user: { id: 'u1', username: 'adele@contoso.example' }, role: 'admin' },
              { user: { id: 'u2', username: 'alex@contoso.example' }, role: 'user' },
            ],
          },
        ],
        integrations: [{ id: 'i1', name: 'Grafana', type: 'Grafana', apiKey: 's3cr3t', enabled: true }],
      }),
    );
    assert.deepEqual(file.policies['ops_escalation']?.steps, [
      { targets: [{ user: 'adele@contoso.example' }], mode: 'sequence', tries: 1, pauseSeconds: 300 },
      {
        targets: [{ user: 'adele@contoso.example' }, { user: 'alex@contoso.example' }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 0,
      },
    ]);
    const expected = [
      'schedule "ops_schedule": has one override that has not ended',
      'schedule "off": is disabled',
      'schedule "hours": has turns of hours, which follow local time',
      'rule 1 notifies the next person of a schedule',
      'rule 3 notifies a team by its routing rules',
      'rule 4 notifies a random person',
      'rule 5 notifies a team whose members are not in the export',
      'rule 6 notifies a team: Ringdown calls those who are in it now',
      'rule 7 notifies something that is not known here: "group"',
      'rule 8 notifies until the alert is closed',
      'rule 8 notifies a team: Ringdown calls those',
      'closes the alert at the end',
      'schedule "off" is not carried over and is not called',
      'waits 15 minutes before it calls anybody',
      'integration "Grafana" (Grafana): its key',
      'teams: their routing rules',
    ];
    assert.equal(losses.length, expected.length, losses.join('\n'));
    for (const [index, words] of expected.entries()) {
      assert.ok(losses[index]?.includes(words), `${losses[index]} / ${words}`);
    }
  });
});
