import assert from 'node:assert/strict';
import { imported } from '../support/import/imported.ts';

const shift = (id: string, more: object = {}) => ({
  id,
  team_id: null,
  schedule: null,
  name: `shift ${id}`,
  type: 'rolling_users',
  time_zone: null,
  level: 1,
  start: '2026-01-05T09:00:00',
  rotation_start: '2026-01-05T09:00:00',
  duration: 604_800,
  frequency: 'weekly',
  interval: 1,
  until: null,
  week_start: 'MO',
  by_day: null,
  by_month: null,
  by_monthday: null,
  rolling_users: [['U1'], ['U2']],
  start_rotation_from_user_index: 0,
  ...more,
});

const schedule = (id: string, name: string, shifts: string[], more: object = {}) => ({
  id,
  team_id: null,
  name,
  type: 'calendar',
  time_zone: 'Europe/Berlin',
  on_call_now: ['U1'],
  shifts,
  slack: { channel_id: null, user_group_id: null },
  ical_url_overrides: null,
  ...more,
});

const users = [
  { id: 'U1', email: 'adele@contoso.example', username: 'adele', role: 'admin', teams: ['T1'] },
  { id: 'U2', email: '', username: 'alex@contoso.example', role: 'user', teams: ['T1'] },
  { id: 'U3', email: null, username: 'robot', role: 'viewer', teams: [] },
];

/** An export with these parts; the rest is small. */
const exportWith = (more: object) => ({
  users,
  schedules: [schedule('S1', 'Payments', ['O1'])],
  on_call_shifts: [shift('O1')],
  escalation_chains: [],
  escalation_policies: [],
  ...more,
});

const steps = (...list: object[]) => ({
  escalation_chains: [{ id: 'F1', name: 'payments', team_id: null }],
  escalation_policies: list.map((step, position) => ({
    id: `E${position}`,
    escalation_chain_id: 'F1',
    position,
    ...step,
  })),
});

describe('import from Grafana OnCall', () => {
  it('an export in which everything can be carried over, in pages as the API gives them', () => {
    const page = (results: unknown[], next: string | null = null) => ({
      count: 9,
      next,
      previous: null,
      results,
    });
    const { file, rotations, losses } = imported('grafana-oncall', {
      users: [page(users.slice(0, 1), 'https://oncall.example/api/v1/users/?page=2'), page(users.slice(1))],
      schedules: page([schedule('S1', 'Payments', ['O1'])]),
      on_call_shifts: page([shift('O1'), shift('old', { until: '2026-02-01T00:00:00' })]),
      ...steps(
        { type: 'notify_on_call_from_schedule', notify_on_call_from_schedule: 'S1', important: true },
        { type: 'wait', duration: 300 },
        { type: 'wait', duration: 60 },
        { type: 'notify_persons', persons_to_notify: ['U1', 'U2', 'U1'], important: false },
        { type: 'wait', duration: 900 },
        { type: 'repeat_escalation' },
      ),
    });
    assert.deepEqual(losses, []);
    assert.deepEqual(rotations, {
      Payments: {
        members: ['adele@contoso.example', 'alex@contoso.example'],
        every: 604_800_000,
        handover: { weekday: 1, hour: 9, minute: 0 },
        timeZone: 'Europe/Berlin',
      },
    });
    const { payments } = file.policies;
    assert.equal(payments?.repeat, 5);
    assert.deepEqual(payments.steps, [
      { targets: [{ rotation: 'Payments' }], mode: 'sequence', tries: 1, pauseSeconds: 360 },
      {
        targets: [{ user: 'adele@contoso.example' }, { user: 'alex@contoso.example' }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 900,
      },
    ]);
  });

  it('steps without a wait between them notify at once: they are one step', () => {
    const { file } = imported(
      'grafana-oncall',
      exportWith(
        steps(
          { type: 'notify_on_call_from_schedule', notify_on_call_from_schedule: 'S1' },
          { type: 'notify_persons', persons_to_notify: ['U1'] },
          { type: 'wait', duration: 60 },
        ),
      ),
    );
    assert.deepEqual(file.policies['payments']?.steps, [
      {
        targets: [{ rotation: 'Payments' }, { user: 'adele@contoso.example' }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 0,
      },
    ]);
  });

  it('a schedule of the web page is in UTC, whatever zone it is shown in', () => {
    const { rotations } = imported(
      'grafana-oncall',
      exportWith({ schedules: [schedule('S1', 'Payments', ['O1'], { type: 'web' })] }),
    );
    assert.equal(rotations['Payments']?.timeZone, 'UTC');
  });

  describe('what a rotation cannot say becomes a calendar', () => {
    const cases: [why: string, shifts: object[], more?: object][] = [
      ['has 2 shifts at once', [shift('O1'), shift('O2', { level: 2 })]],
      ['times without a shift', [shift('O1', { by_day: ['MO', 'TU'], duration: 86_400 })]],
      ['times without a shift', [shift('O1', { duration: 28_800 })]],
      ['times without a shift', [shift('O1', { frequency: 'monthly', duration: 2_592_000 })]],
      ['times without a shift', [shift('O1', { by_month: [1, 2] })]],
      ['several people', [shift('O1', { rolling_users: [['U1', 'U2'], ['U2']] })]],
      ['or of nobody', [shift('O1', { rolling_users: [['U1'], []] })]],
      ['begins later', [shift('O1', { rotation_start: '2027-01-04T09:00:00' })]],
      ['has a shift with an end', [shift('O1', { until: '2027-01-04T09:00:00' })]],
      ['single date', [shift('O1', { type: 'single_event', start: '2026-12-05T09:00:00', users: ['U1'] })]],
      ['time zone', [shift('O1', { time_zone: 'Mars/Olympus' })]],
      ['not among on_call_shifts', []],
      ['"robot" has no mail address', [shift('O1', { rolling_users: [['U1'], ['U3']] })]],
      ['"U9" is not in the export', [shift('O1', { rolling_users: [['U1'], ['U9']] })]],
      ['a rotation of Ringdown cannot have', [shift('O1', { start: '2026-01-05T09:00:30' })]],
      ['is a calendar already', [], { type: 'ical', ical_url_primary: 'https://cal.example/secret.ics' }],
    ];
    for (const [index, [why, shifts, more = {}]] of cases.entries()) {
      it(`${why} (${index + 1})`, () => {
        const ids = shifts.length > 0 ? shifts.map((_, at) => `O${at + 1}`) : ['O1'];
        const { yaml, losses } = imported(
          'grafana-oncall',
          exportWith({ schedules: [schedule('S1', 'Payments', ids, more)], on_call_shifts: shifts }),
        );
        assert.match(yaml, /^ {4}ical: "\$\{ICAL_PAYMENTS\}"$/m);
        assert.equal(losses.length, 1);
        assert.ok(losses[0]?.includes(why), losses[0]);
        assert.ok(losses[0]?.includes('set ICAL_PAYMENTS to the address'));
        assert.ok(!yaml.includes('cal.example'));
      });
    }
  });

  it('overrides that are coming, and those of a calendar, are listed', () => {
    const override = (id: string, start: string) =>
      shift(id, { type: 'override', start, duration: 3600, users: ['U2'], frequency: null });
    const { rotations, losses } = imported(
      'grafana-oncall',
      exportWith({
        schedules: [
          schedule('S1', 'Payments', ['O1', 'past', 'soon'], {
            ical_url_overrides: 'https://cal.example/o.ics',
          }),
        ],
        on_call_shifts: [
          shift('O1'),
          override('past', '2026-11-01T00:00:00'),
          override('soon', '2026-12-24T00:00:00'),
        ],
      }),
    );
    assert.equal(rotations['Payments']?.every, 604_800_000);
    assert.deepEqual(losses, [
      'schedule "Payments": has one override that has not ended: say “cover” in a chat, or use the page Duty of the console',
      'schedule "Payments": has a calendar of overrides, which is not read',
    ]);
  });

  it('steps that Ringdown does not have are listed, and the others stay', () => {
    const { file, losses } = imported(
      'grafana-oncall',
      exportWith(
        steps(
          { type: 'wait', duration: 120 },
          {
            type: 'notify_if_time_from_to',
            notify_if_time_from: '09:00:00Z',
            notify_if_time_to: '18:00:00Z',
          },
          { type: 'notify_if_num_alerts_in_window', num_alerts_in_window: 3, num_minutes_in_window: 5 },
          { type: 'notify_person_next_each_time', persons_to_notify_next_each_time: ['U2', 'U1'] },
          { type: 'notify_user_group', group_to_notify: 'G1' },
          { type: 'notify_whole_channel' },
          { type: 'trigger_webhook', action_to_trigger: 'WH1' },
          { type: 'notify_team_members', team_to_notify: 'T1' },
          { type: 'notify_team_members', team_to_notify: 'T9' },
          { type: 'notify_persons', persons_to_notify: ['U3', 'U9'] },
          { type: 'notify_on_call_from_schedule', notify_on_call_from_schedule: 'S9' },
          { type: 'notify_on_call_from_schedule', notify_on_call_from_schedule: null },
          { type: 'declare_incident', severity: 'critical' },
          { type: 'dance' },
          { type: 'repeat_escalation' },
          { type: 'resolve' },
        ),
      ),
    );
    assert.deepEqual(file.policies['payments']?.steps, [
      {
        targets: [{ user: 'alex@contoso.example' }, { user: 'adele@contoso.example' }],
        mode: 'sequence',
        tries: 1,
        pauseSeconds: 0,
      },
      {
        targets: [{ user: 'adele@contoso.example' }, { user: 'alex@contoso.example' }],
        mode: 'parallel',
        tries: 1,
        pauseSeconds: 0,
      },
    ]);
    const expected = [
      'step 2 goes on only at some times of day',
      'step 3 goes on only after many alerts',
      'step 4 notifies another person each time',
      'step 5 a Slack user group',
      'step 6 a Slack channel',
      'step 7 a webhook',
      'step 8 notifies a team: Ringdown calls those who are in it now',
      'step 9 notifies a team whose members are not in the export',
      'step 12 names no schedule',
      'step 13 declares an incident',
      'step 14 has a type that is not known here: "dance"',
      'step 15 repeats: the steps after it',
      'user "robot" has no mail address and is not called',
      'user "U9" is not in the export',
      'schedule "S9" is not in the export',
      'waits 2 minutes before it calls anybody',
    ];
    assert.equal(losses.length, expected.length, losses.join('\n'));
    for (const [index, words] of expected.entries()) {
      assert.ok(losses[index]?.includes(words), `${losses[index]} / ${words}`);
    }
  });

  it('schedules and chains without people are listed; a schedule that no chain uses is written', () => {
    const { file, rotations, yaml, losses } = imported(
      'grafana-oncall',
      exportWith({
        schedules: [
          schedule('S1', 'Payments', ['O1']),
          schedule('S2', 'Empty', []),
          schedule('S3', 'Nobody', ['O3']),
        ],
        on_call_shifts: [shift('O1'), shift('O3', { rolling_users: [[], []] })],
        ...steps(
          { type: 'notify_on_call_from_schedule', notify_on_call_from_schedule: 'S2' },
          { type: 'wait', duration: 60 },
        ),
      }),
    );
    assert.deepEqual(Object.keys(rotations), ['Payments']);
    assert.match(yaml, /# No policy uses it\.\n {2}Payments:/);
    assert.deepEqual(file.policies, {});
    assert.deepEqual(losses, [
      'schedule "Empty": has no shifts: it is not carried over',
      'schedule "Nobody": has nobody in its shifts: it is not carried over',
      'escalation chain "payments": schedule "Empty" is not carried over and is not called',
      'escalation chain "payments": has nobody to call: it is not carried over',
    ]);
  });

  it('integrations are listed with their chains, without their addresses', () => {
    const { yaml, losses } = imported(
      'grafana-oncall',
      exportWith({
        ...steps({ type: 'notify_persons', persons_to_notify: ['U1'] }),
        integrations: [
          {
            id: 'C1',
            name: 'Prometheus',
            type: 'alertmanager',
            link: 'https://oncall.example/integrations/v1/alertmanager/s3cr3tT0ken/',
            default_route: { id: 'R0', escalation_chain_id: 'F1' },
          },
        ],
        routes: [
          {
            id: 'R1',
            integration_id: 'C1',
            escalation_chain_id: 'F1',
            routing_regex: 'a|b',
            is_the_last_route: false,
          },
        ],
      }),
    );
    assert.deepEqual(losses, [
      'integration "Prometheus" (alertmanager): its address and key are not carried over: `npm run key` makes a key for “integrations”; it uses "payments"; its routes by condition need one key for each policy',
    ]);
    assert.ok(!yaml.includes('s3cr3t'));
  });
});
