import assert from 'node:assert/strict';
import { NotAnExport } from '../../src/import/exportFile.ts';
import { imported } from '../support/import/imported.ts';

const layer = (ids: string[]) => ({
  start: '2026-01-01T00:00:00Z',
  rotation_virtual_start: '2026-01-05T09:00:00Z',
  rotation_turn_length_seconds: 86_400,
  users: ids.map((id) => ({ user: { id } })),
});
const schedule = (id: string, name: string, ids: string[], more: object = {}) => ({
  id,
  name,
  time_zone: 'UTC',
  schedule_layers: [layer(ids)],
  ...more,
});
const policy = (id: string, name: string, targets: { id: string; type: string }[]) => ({
  id,
  name,
  num_loops: 1,
  escalation_rules: [{ escalation_delay_in_minutes: 5, targets }],
});
const people = (...mails: string[]) => mails.map((email, index) => ({ id: `P${index}`, name: email, email }));

describe('import: odd exports', () => {
  it('any name becomes a name that Ringdown accepts, different from the others, and keeps what it was in a comment', () => {
    const names = [
      "O'Brien's: on-call #1",
      'o’briens on-call 1',
      '* all',
      '世界 チーム',
      'हिन्दी',
      '---',
      '',
      'x'.repeat(300),
      '🔥',
      '__proto__',
      'true',
      '123',
      'a\nrotations: {}\n# b',
      '& anchor {x} [y] | > % @ `',
    ];
    const { yaml, file, rotations, losses } = imported('pagerduty', {
      users: people('adele@contoso.example'),
      schedules: names.map((name, index) => schedule(`S${index}`, name, ['P0'])),
      escalation_policies: names.map((name, index) =>
        policy(`E${index}`, name, [{ id: `S${index}`, type: 'schedule_reference' }]),
      ),
    });
    assert.deepEqual(losses, []);
    const expected = [
      'OBriens on-call 1',
      'obriens on-call 1 2',
      'all',
      '世界 チーム',
      'हनद',
      'rotation',
      'rotation 2',
      'x'.repeat(58),
      'rotation 3',
      'proto__',
      'true',
      '123',
      'a rotations b',
      'anchor x y',
    ];
    assert.deepEqual(new Set(Object.keys(rotations)), new Set(expected));
    const policies = Object.entries(file.policies);
    assert.equal(policies.length, names.length);
    assert.deepEqual(file.policies['a rotations b']?.steps[0]?.targets, [{ rotation: 'a rotations b' }]);
    assert.ok(yaml.includes(`# Its name was "O'Brien's: on-call #1".`));
    assert.ok(yaml.includes('# Its name was "a rotations: {} # b".'));
  });

  it('people with unusual addresses, without one, or with the same one', () => {
    const { file, losses } = imported('pagerduty', {
      users: [
        ...people("o'brien@contoso.example", 'jürgen+1@münchen.example', '${SECRET}@contoso.example', ' '),
        { id: 'P4', name: 'Second account', email: "O'BRIEN@contoso.example " },
      ],
      schedules: [],
      escalation_policies: [
        policy(
          'E',
          'all',
          ['P0', 'P1', 'P2', 'P3', 'P4'].map((id) => ({ id, type: 'user_reference' })),
        ),
      ],
    });
    assert.deepEqual(file.policies['all']?.steps[0]?.targets, [
      { user: "o'brien@contoso.example" },
      { user: 'jürgen+1@münchen.example' },
    ]);
    assert.deepEqual(losses, [
      `users "o'brien@contoso.example" and "Second account": have the same mail address: they are one person in Ringdown`,
      'escalation policy "all": user "${SECRET}@contoso.example" has an unusual mail address and is not called',
      'escalation policy "all": user "" has no mail address and is not called',
    ]);
  });

  it('an entry that is on two pages counts once', () => {
    const { rotations } = imported('pagerduty', {
      users: people('adele@contoso.example'),
      schedules: [schedule('S', 'a', ['P0']), schedule('S', 'a', ['P0'])],
      escalation_policies: [],
    });
    assert.deepEqual(Object.keys(rotations), ['a']);
  });

  it('10,000 people, 200 schedules and 200 policies', () => {
    const mails = Array.from({ length: 10_000 }, (_, index) => `person${index}@contoso.example`);
    const each = Array.from({ length: 200 }, (_, index) => index);
    const { file } = imported('pagerduty', {
      users: people(...mails),
      schedules: each.map((index) =>
        schedule(`S${index}`, `schedule ${index}`, [`P${index}`, `P${index + 9_000}`]),
      ),
      escalation_policies: each.map((index) =>
        policy(`E${index}`, `policy ${index}`, [{ id: `S${index}`, type: 'schedule_reference' }]),
      ),
    });
    assert.equal(Object.keys(file.policies).length, 200);
  });

  describe('a fault says where it is, and repeats nothing of the file', () => {
    const cases: [says: string, key: string, content: object | string][] = [
      ['is not JSON: line 2, column 3', 'pagerduty', '{\n  s3cr3t'],
      ['is not JSON: it ends too early', 'pagerduty', ''],
      ['must be one JSON object with the lists users, schedules, escalation_policies', 'pagerduty', '["s3cr3t"]'],
      ['the lists are missing: schedules, escalations. An empty list is []', 'opsgenie', { users: [] }],
      ['the list is missing: on_call_shifts', 'grafana-oncall', { users: [], schedules: [], escalation_chains: [], escalation_policies: [] }],
      ['users: must be a list', 'pagerduty', { users: 's3cr3t', schedules: [], escalation_policies: [] }],
      ['users, entry 2, id: is missing', 'pagerduty', { users: [{ id: 'a' }, { name: 's3cr3t' }], schedules: [], escalation_policies: [] }],
      ['schedules, entry 1, schedule_layers: is missing; export with include[]=schedule_layers', 'pagerduty', { users: [], schedules: [{ id: 'S', name: 's3cr3t', time_zone: 'UTC' }], escalation_policies: [] }],
      ['schedules, entry 1, schedule_layers, entry 1, start: must be a date and a time', 'pagerduty', { users: [], schedules: [{ id: 'S', name: 'x', time_zone: 'UTC', schedule_layers: [{ ...layer([]), start: 's3cr3t' }] }], escalation_policies: [] }],
      ['schedules, entry 1, rotations: is missing; export with expand=rotation', 'opsgenie', { users: [], schedules: [{ id: 'S', name: 'x', timezone: 'UTC' }], escalations: [] }],
      ['users: the last page says that there are more entries', 'pagerduty', { users: [{ users: [{ id: 's3cr3t' }], more: true }], schedules: [], escalation_policies: [] }],
      ['users: the last page says that there are more entries', 'opsgenie', { users: { data: [], paging: { next: 's3cr3t' } }, schedules: [], escalations: [] }],
      ['schedules: the last page says that there are more entries', 'grafana-oncall', { users: [], schedules: { results: [], next: 's3cr3t' }, on_call_shifts: [], escalation_chains: [], escalation_policies: [] }],
      ['escalation_policies, entry 1, escalation_rules: is missing', 'pagerduty', { users: [], schedules: [], escalation_policies: [{ id: 'E', name: 's3cr3t', escalation_chain_id: 'F' }] }],
      ['has no schedule and no policy that can be carried over', 'pagerduty', { users: [], schedules: [], escalation_policies: [] }],
    ]; // prettier-ignore
    for (const [index, [says, key, content]] of cases.entries()) {
      it(`${says} (${index + 1})`, () => {
        assert.throws(
          () => imported(key, content),
          (error: unknown) => {
            assert.ok(error instanceof NotAnExport);
            assert.ok(error.message.includes(says), error.message);
            assert.ok(!error.message.includes('s3cr3t'));
            return true;
          },
        );
      });
    }
  });
});
