import assert from 'node:assert/strict';
import { imported } from '../support/import/imported.ts';

const user = (id: string, name: string, email: string) => ({
  id,
  type: 'user',
  name,
  email,
  time_zone: 'Europe/Berlin',
  contact_methods: [{ type: 'phone_contact_method', address: '15551234567' }],
});

const users = [
  user('P1', 'Adele Vance', 'adele@contoso.example'),
  user('P2', "Alex O'Brien", "alex.o'brien@contoso.example"),
];

const layer = (more: object = {}) => ({
  id: 'L1',
  name: 'Layer 1',
  start: '2026-01-01T00:00:00+01:00',
  end: null,
  rotation_virtual_start: '2026-01-05T09:00:00+01:00',
  rotation_turn_length_seconds: 604_800,
  users: ['P1', 'P2'].map((id) => ({ user: { id, type: 'user_reference', summary: id } })),
  restrictions: [],
  ...more,
});

const schedule = (id: string, name: string, layers: object[], more: object = {}) => ({
  id,
  type: 'schedule',
  name,
  time_zone: 'Europe/Berlin',
  http_cal_url: 'https://contoso.pagerduty.com/private/s3cr3t/feed/S1',
  schedule_layers: layers,
  ...more,
});

const rule = (minutes: number, targets: [type: string, id: string][], more: object = {}) => ({
  id: 'R',
  escalation_delay_in_minutes: minutes,
  targets: targets.map(([type, id]) => ({ id, type: `${type}_reference`, summary: id })),
  ...more,
});

const exportWith = (more: object) => ({
  users,
  schedules: [schedule('S1', 'Payments', [layer()])],
  escalation_policies: [],
  ...more,
});

const policy = (rules: object[], num_loops = 0) => ({
  escalation_policies: [
    { id: 'EP1', type: 'escalation_policy', name: 'Payments', num_loops, escalation_rules: rules },
  ],
});

describe('import from PagerDuty', () => {
  it('an export in which everything can be carried over, in pages as the API gives them', () => {
    const page = (name: string, list: unknown[], more: boolean) => ({
      [name]: list,
      limit: 1,
      offset: 0,
      more,
    });
    const { file, rotations, yaml, losses } = imported('pagerduty', {
      users: [page('users', users.slice(0, 1), true), page('users', users.slice(1), false)],
      schedules: page('schedules', [schedule('S1', 'Payments', [layer(), layer({ end: '2026-01-01T00:00:00Z' })])], false),
      ...policy(
        [
          rule(5, [['schedule', 'S1'], ['user', 'P2']]),
          rule(0, [['user', 'P1']], { escalation_rule_assignment_strategy: 'assign_to_everyone' }),
          rule(30, [['user', 'P2']]),
        ],
        2,
      ),
    }); // prettier-ignore
    assert.deepEqual(losses, []);
    assert.deepEqual(rotations, {
      Payments: {
        members: ['adele@contoso.example', "alex.o'brien@contoso.example"],
        every: 604_800_000,
        handover: { weekday: 1, hour: 9, minute: 0 },
        timeZone: 'Europe/Berlin',
      },
    });
    assert.equal(file.policies['Payments']?.repeat, 2);
    assert.deepEqual(file.policies['Payments'].steps, [
      {
        targets: [{ rotation: 'Payments' }, { user: "alex.o'brien@contoso.example" }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 300,
      },
      {
        targets: [{ user: 'adele@contoso.example' }, { user: "alex.o'brien@contoso.example" }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 1800,
      },
    ]);
    assert.match(yaml, /# On duty until Mon 2026-12-07 09:00: .*\. Compare with PagerDuty\./);
  });

  describe('what a rotation cannot say becomes a calendar', () => {
    const cases: [why: string, layers: object[], more?: object][] = [
      ['has 2 layers', [layer(), layer({ id: 'L2' })]],
      ['restricted to some times', [layer({ restrictions: [{ type: 'daily_restriction', start_time_of_day: '09:00:00', duration_seconds: 3600 }] })]],
      ['begins later', [layer({ start: '2027-01-01T00:00:00Z' })]],
      ['has an end', [layer({ end: '2027-01-01T00:00:00Z' })]],
      ['time zone', [layer()], { time_zone: 'Mars/Olympus' }],
      ['cannot have', [layer({ rotation_turn_length_seconds: 5400 })]],
      ['"P9" is not in the export', [layer({ users: [{ user: { id: 'P9' } }] })]],
    ]; // prettier-ignore
    for (const [why, layers, more] of cases) {
      it(why, () => {
        const { yaml, losses } = imported(
          'pagerduty',
          exportWith({ schedules: [schedule('S1', 'Payments', layers, more)] }),
        );
        assert.match(yaml, /^ {4}ical: "\$\{ICAL_PAYMENTS\}"$/m);
        assert.equal(losses.length, 1);
        assert.ok(losses[0]?.includes(why), losses[0]);
        assert.ok(!yaml.includes('s3cr3t'));
      });
    }
  });

  it('rules that Ringdown does not have are listed, and the others stay', () => {
    const { file, losses } = imported(
      'pagerduty',
      exportWith({
        schedules: [
          schedule('S1', 'Payments', [layer({ rotation_turn_length_seconds: 43_200 })], {
            overrides: [{ id: 'O', start: '2026-12-01T00:00:00Z', end: '2026-12-02T00:00:00Z' }],
          }),
          schedule('S2', 'Over', [layer({ end: '2026-02-01T00:00:00Z' })]),
        ],
        ...policy(
          [
            rule(5, [['schedule', 'S2'], ['user', 'P9']]),
            rule(2000, [['user', 'P1'], ['user', 'P2']], { escalation_rule_assignment_strategy: [{ type: 'round_robin' }] }),
            rule(1, [['team', 'T1']]),
          ],
          30,
        ),
        services: [
          { id: 'V1', name: 'Checkout', status: 'active', escalation_policy: { id: 'EP1' }, integrations: [{ integration_key: 's3cr3t' }] },
          { id: 'V2', name: 'Off', status: 'disabled', escalation_policy: { id: 'EP1' } },
        ],
      }),
    ); // prettier-ignore
    assert.deepEqual(file.policies['Payments']?.steps, [
      {
        targets: [{ user: 'adele@contoso.example' }, { user: "alex.o'brien@contoso.example" }],
        mode: 'sequence',
        tries: 1,
        pauseSeconds: 86_400,
      },
    ]);
    assert.equal(file.policies['Payments'].repeat, 20);
    const expected = [
      'schedule "Payments": has one override that has not ended',
      'schedule "Payments": has turns of hours',
      'schedule "Over": has no layers',
      'rule 2 gives each incident to another target',
      'rule 3 has a target that is not known here: "team_reference"',
      'schedule "Over" is not carried over and is not called',
      'user "P9" is not in the export',
      'waits 5 minutes before it calls anybody',
      'waits 2001 minutes: a pause in Ringdown is at most one day',
      'repeats 30 times: Ringdown repeats 20 times',
      'service "Checkout": its integration keys are not carried over: `npm run key` makes a key for “integrations”; it uses "Payments"',
    ];
    assert.equal(losses.length, expected.length, losses.join('\n'));
    for (const [index, words] of expected.entries()) {
      assert.ok(losses[index]?.includes(words), `${losses[index]} / ${words}`);
    }
  });
});
