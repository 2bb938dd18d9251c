import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConfigFaults } from '../../src/config/faults.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { languages } from '../../src/texts/catalogue.ts';

const group = '11111111-2222-3333-4444-555555555555';
const hash = (digit: string) => digit.repeat(64);

function faultsOf(source: string, env: Record<string, string> = {}): string[] {
  try {
    readRingdownYaml(source, env);
  } catch (error) {
    assert.ok(error instanceof ConfigFaults);
    return error.faults.map(({ name, problem }) => `${name}: ${problem}`);
  }
  return [];
}

/** The example of the contract. */
const whole = `
timeZone: Europe/Berlin
retentionDays: 90
limits: {createCallsPerSecond: 10, perCaller: 20/1h, perCallee: 6/1h}   # the defaults
operators: [ops@contoso.example]
apiKeys:
  - {name: ci, hash: ${hash('a')}, may: [place, read, acknowledge], policies: [payments], limit: 600/1m}
integrations:
  - {name: prometheus, kind: alertmanager, hash: ${hash('b')}, policy: payments}
  - {name: grafana, kind: grafana, hash: ${hash('c')}, policy: payments, signatureSecret: "\${GRAFANA_SECRET}"}
webhooks:
  - {url: "https://hooks.contoso.example/ringdown", secrets: ["\${HOOK_SECRET}"], events: [acknowledged, exhausted]}
voiceApps: {help desk: 00000000-0000-0000-0000-000000000000}
voices: {de: de-DE-KatjaNeural, es: es-MX-DaliaNeural}
permissions:
  callers: [{group: ${group}}, {domain: contoso.example}]
  phones: {callers: [{group: ${group}}], countries: [DE, at]}
  callees: {deny: [{user: ceo@contoso.example}]}
  anonymous: {mayCall: []}
  guests: []
  console: {readers: [{domain: contoso.example}], operators: [{group: ${group}}]}
  acknowledge: [{group: ${group}}]
quietHours: {from: "22:00", to: "07:00", except: [critical]}
heartbeats:
  - {name: nightly-backup, every: 26h, policy: payments}
autoResolve: 7d
talk: true
rotations:
  web: {members: [adele@contoso.example, alex@contoso.example], every: 1w, handover: "Mon 09:00", timeZone: Europe/Berlin}
policies:
  payments:
    language: en
    steps:
      - {targets: [{user: adele@contoso.example}], ringTimeoutSeconds: 30, tries: 2}
      - {targets: [{rotation: web}, {shifts: ${group}, fallback: {user: megan@contoso.example}}], mode: parallel}
      - {targets: [{group: ${group}}, {managerOf: adele@contoso.example}, {voiceApp: help desk}], mode: sequence, pauseSeconds: 60}
    repeat: 2
    acknowledgeTimeout: 30m               # acknowledged but not resolved: goes on
    onExhausted: {notify: [ops@contoso.example]}
    channel: "19:…@thread.tacv2"
`;

describe('ringdown.yaml', () => {
  it('parses the whole example of the contract', () => {
    const file = readRingdownYaml(whole, { GRAFANA_SECRET: 'g', HOOK_SECRET: 'h' });
    assert.deepEqual(file, {
      timeZone: 'Europe/Berlin',
      retentionDays: 90,
      keepMessages: true,
      autoResolve: 604_800_000,
      talk: true,
      limits: {
        createCallsPerSecond: 10,
        perCaller: { count: 20, windowMs: 3_600_000 },
        perCallee: { count: 6, windowMs: 3_600_000 },
        phoneCallsPerHour: 20,
      },
      operators: ['ops@contoso.example'],
      apiKeys: [
        {
          name: 'ci',
          hash: hash('a'),
          may: ['place', 'read', 'acknowledge'],
          policies: ['payments'],
          limit: { count: 600, windowMs: 60_000 },
        },
      ],
      integrations: [
        { name: 'prometheus', kind: 'alertmanager', hash: hash('b'), policy: 'payments' },
        { name: 'grafana', kind: 'grafana', hash: hash('c'), policy: 'payments', signatureSecret: 'g' },
      ],
      webhooks: [
        {
          url: 'https://hooks.contoso.example/ringdown',
          secrets: ['h'],
          events: ['acknowledged', 'exhausted'],
          allowPrivate: false,
        },
      ],
      voiceApps: { 'help desk': '00000000-0000-0000-0000-000000000000' },
      voices: { de: 'de-DE-KatjaNeural', es: 'es-MX-DaliaNeural' },
      permissions: {
        callers: [{ group }, { domain: 'contoso.example' }],
        callees: { deny: [{ user: 'ceo@contoso.example' }] },
        anonymous: { mayCall: [] },
        guests: [],
        acknowledge: [{ group }],
        phones: { callers: [{ group }], countries: ['DE', 'AT'] },
        console: { readers: [{ domain: 'contoso.example' }], operators: [{ group }] },
      },
      quietHours: { from: { hour: 22, minute: 0 }, to: { hour: 7, minute: 0 }, except: ['critical'] },
      heartbeats: [{ name: 'nightly-backup', every: 26 * 3_600_000, policy: 'payments' }],
      rotations: {
        web: {
          members: ['adele@contoso.example', 'alex@contoso.example'],
          every: 604_800_000,
          handover: { weekday: 1, hour: 9, minute: 0 },
          timeZone: 'Europe/Berlin',
        },
      },
      policies: {
        payments: {
          language: 'en',
          steps: [
            {
              targets: [{ user: 'adele@contoso.example' }],
              mode: 'sequence',
              ringTimeoutSeconds: 30,
              tries: 2,
              pauseSeconds: 0,
            },
            {
              targets: [{ rotation: 'web' }, { shifts: group, fallback: { user: 'megan@contoso.example' } }],
              mode: 'parallel',
              tries: 1,
              pauseSeconds: 0,
            },
            {
              targets: [{ group }, { managerOf: 'adele@contoso.example' }, { voiceApp: 'help desk' }],
              mode: 'sequence',
              tries: 1,
              pauseSeconds: 60,
            },
          ],
          repeat: 2,
          acknowledgeTimeout: 1_800_000,
          onExhausted: { notify: ['ops@contoso.example'] },
          channel: '19:…@thread.tacv2',
        },
      },
    });
  });

  for (const [what, source] of [
    ['an empty file', ''],
    ['a file of comments', '# nothing yet\n'],
    ['an empty object', '{}'],
  ] as const) {
    it(`parses ${what} as all defaults`, () => {
      const { timeZone, retentionDays, autoResolve, limits, policies } = readRingdownYaml(source, {});
      assert.deepEqual(
        { timeZone, retentionDays, autoResolve, limits, policies },
        {
          timeZone: 'UTC',
          retentionDays: 90,
          autoResolve: 604_800_000,
          limits: {
            createCallsPerSecond: 10,
            perCaller: { count: 20, windowMs: 3_600_000 },
            perCallee: { count: 6, windowMs: 3_600_000 },
            phoneCallsPerHour: 20,
          },
          policies: {},
        },
      );
    });
  }

  it('takes a phone number of an allowed country as E.164', () => {
    const file = readRingdownYaml(
      'permissions: {phones: {countries: [de]}}\n' +
        'policies: {p: {steps: [{targets: [{phone: "+49 (0)30 1234567"}, {mobileOf: Adele}]}]}}',
      {},
    );
    assert.deepEqual(file.policies['p']?.steps[0]?.targets, [
      { phone: '+49301234567' },
      { mobileOf: 'Adele' },
    ]);
  });

  it('gives its language to policies that name none', () => {
    const own = '{steps: [{targets: [{user: a}]}]';
    const file = readRingdownYaml(`language: fr\npolicies: {one: ${own}}, two: ${own}, language: ja}}`, {});
    const { one, two } = file.policies;
    assert.deepEqual([file.language, one?.language, two?.language], ['fr', 'fr', 'ja']);
  });

  const policies = (policy: string) => `policies: {p: ${policy}}`;
  const steps = (step: string) => policies(`{steps: [${step}]}`);
  const targets = (target: string) => steps(`{targets: [${target}]}`);

  const wrong: [string, string][] = [
    ['- a', '1:1: must be a group of keys and values'],
    ['timezone: UTC', '1:1 timezone: is unknown here'],
    ['timeZone: Mars/Olympus', '1:11 timeZone: must be an IANA time zone'],
    ['timeZone: "+01:00"', '1:11 timeZone: must be an IANA time zone'],
    ['language: French!', '1:11 language: must be a language tag'],
    ['retentionDays: 1.5', '1:16 retentionDays: must be a whole number from 1'],
    ['retentionDays: "90"', '1:16 retentionDays: must be a whole number from 1'],
    ['autoResolve: 7', '1:14 autoResolve: must be a duration'],
    ['talk: "yes"', '1:7 talk: must be true or false'],
    [
      policies('{steps: [{targets: [{user: a}]}], acknowledgeTimeout: 2w}'),
      'policies.p.acknowledgeTimeout: is longer than autoResolve (default 7d)',
    ],
    ['retentionDays:', '1:15 retentionDays: has no value; must be a whole number'],
    ['limits: {perCaller: 20}', '1:21 limits.perCaller: must be a number and a duration'],
    ['limits: {perCaller: 0/1h}', '1:21 limits.perCaller: must be a number and a duration'],
    ['limits: {perCallee: 20/1y}', '1:21 limits.perCallee: must be a number and a duration'],
    ['operators: ops@contoso.example', '1:12 operators: must be a list'],
    ['operators: [" "]', '1:13 operators[0]: must name a person'],
    ['apiKeys: [{name: ci, may: [read]}]', '1:11 apiKeys[0].hash: is missing'],
    [`apiKeys: [{name: ci, hash: the-key, may: [read]}]`, '1:28 apiKeys[0].hash: must be the SHA-256'],
    [`apiKeys: [{name: ci, hash: ${hash('a')}, may: []}]`, '1:99 apiKeys[0].may: must have at least one'],
    [
      `apiKeys: [{name: ci, hash: ${hash('a')}, may: [call]}]`,
      '1:100 apiKeys[0].may[0]: must be one of place, read',
    ],
    [
      `apiKeys:\n  - {name: ci, hash: ${hash('a')}, may: [read]}\n  - {name: ci, hash: ${hash('b')}, may: [read]}`,
      '3:12 apiKeys[1].name: this name is used twice',
    ],
    [
      `apiKeys:\n  - {name: a, hash: ${hash('a')}, may: [read]}\n  - {name: b, hash: ${hash('A')}, may: [read]}`,
      '3:21 apiKeys[1].hash: this hash is used twice',
    ],
    [
      `apiKeys: [{name: ci, hash: ${hash('a')}, may: [read], policies: [p]}]`,
      'policies[0]: there is no policy',
    ],
    [
      `integrations: [{name: a, kind: nagios, hash: ${hash('a')}, policy: p}]`,
      'integrations[0].kind: must be one of alert',
    ],
    [
      `${targets('{user: a}')}\nintegrations: [{name: a, kind: pagerduty, hash: ${hash('a')}, policy: p, signatureSecret: s}]`,
      'integrations[0].signatureSecret: is only for kind grafana',
    ],
    ['webhooks: [{url: "http://h.example", secrets: [s]}]', '1:18 webhooks[0].url: must be https'],
    [
      'webhooks: [{url: "https://h.example", secrets: []}]',
      'webhooks[0].secrets: must have at least one entry',
    ],
    [
      'webhooks: [{url: "https://h.example", secrets: [s], events: [acked]}]',
      'events[0]: must be one of started',
    ],
    ['voiceApps: {help desk: help@contoso.example}', '1:24 voiceApps.help desk: must be a GUID'],
    [
      'voices: {tlh: en-US-AvaNeural}',
      `1:10 voices.tlh: Ringdown does not speak this language; it speaks ${languages.join(', ')}`,
    ],
    ['voices: {de: ""}', '1:14 voices.de: must be the name of a voice'],
    ['voices: de-DE-KatjaNeural', '1:9 voices: must be a group of names and values'],
    ['permissions: {phones: {countries: [XX]}}', '1:36 permissions.phones.countries[0]: is no country'],
    ['permissions: {phones: {countries: [Germany]}}', 'must be the two letters of a country'],
    [
      targets('{phone: "+49301234567"}'),
      'targets[0].phone: is of a country that permissions.phones.countries',
    ],
    [targets('{phone: "+49110"}'), 'targets[0].phone: is an emergency number'],
    [targets('{phone: "+499001234567"}'), 'is a premium rate'],
    [targets('{phone: "030 1234567"}'), 'must begin with + and the country code'],
    [targets('{phone: 49301234567}'), 'must be a telephone number in quotes'],
    ['permissions: {callers: [{mail: a}]}', '1:25 permissions.callers[0]: must be one of {user: …}'],
    ['permissions: {callers: [{domain: "@contoso.example"}]}', 'callers[0].domain: must be a domain'],
    [
      'permissions: {callees: {denied: []}}',
      '1:25 permissions.callees.denied: is unknown here; known keys: allow, deny',
    ],
    ['quietHours: {from: 22:00, to: "24:00"}', '1:31 quietHours.to: must be a time of day'],
    ['quietHours: {from: "22:00", to: "22:00"}', 'quietHours.to: must differ'],
    ['quietHours: {from: "22:00", to: "7:00"}', 'quietHours.to: must be a time of day'],
    [
      `${targets('{user: a}')}\nheartbeats: [{name: a, every: 26, policy: p}]`,
      '2:31 heartbeats[0].every: must be a duration',
    ],
    [
      `${targets('{user: a}')}\nheartbeats: [{name: a, every: 0h, policy: p}]`,
      '2:31 heartbeats[0].every: must be a duration',
    ],
    [
      `${targets('{user: a}')}\nheartbeats: [{name: a, every: 1h, policy: q}]`,
      '2:43 heartbeats[0].policy: is no policy',
    ],
    [
      'rotations: {web: {members: [], every: 1w, handover: "Mon 09:00"}}',
      'members: must have at least one entry',
    ],
    [
      'rotations: {web: {members: [a], every: 1w, handover: "Monday 9"}}',
      'handover: must be a day and a time',
    ],
    [
      'rotations: {web: {members: [a], every: 1w, handover: "Mon 09:00", timeZone: CEST+1}}',
      'timeZone: must be an IANA',
    ],
    [
      'rotations: {db: {ical: "http://contoso.example/a-secret"}}',
      'rotations.db.ical: must be https; plain http is accepted on loopback',
    ],
    ['rotations: {db: {ical: 5}}', 'rotations.db.ical: must be an https address or a file'],
    ['rotations: {db: {ical: a.ics, every: 1w}}', 'rotations.db.every: is unknown here'],
    ['rotations: {db: {members: [a], handover: "Mon 09:00"}}', 'rotations.db.every: is missing'],
    ['rotations: {db: 5}', 'rotations.db: must be {members: …, every: …, handover: …} or {ical: …}'],
    [steps('{targets: [{ical: "ftp://contoso.example/x"}]}'), 'targets[0].ical: must be an https address'],
    ['rotations: {"": {members: [a], every: 1w, handover: "Mon 09:00"}}', 'rotations.: must be a name'],
    [policies('{}'), '1:15 policies.p.steps: is missing'],
    [policies('{steps: []}'), 'policies.p.steps: must have at least one entry'],
    [policies('{steps: [{targets: [{user: a}]}], repeats: 2}'), 'policies.p.repeats: is unknown here'],
    [
      policies('{steps: [{targets: [{user: a}]}], language: "e n"}'),
      'policies.p.language: must be a language tag',
    ],
    [
      policies('{steps: [{targets: [{user: a}]}], channel: general}'),
      'policies.p.channel: must be the id of a Teams channel',
    ],
    [
      policies('{steps: [{targets: [{user: a}]}], onExhausted: {notify: []}}'),
      'notify: must have at least one entry',
    ],
    [steps('{targets: []}'), 'policies.p.steps[0].targets: must have at least one entry'],
    [steps('{targets: [{user: a}], ways: [teams, teams]}'), 'steps[0].ways: must name each way once'],
    [steps('{targets: [{user: a}], ways: [pager]}'), 'steps[0].ways[0]: must be one of teams, mobile'],
    [steps('{targets: [{user: a}], mode: both}'), 'steps[0].mode: must be one of sequence, parallel'],
    [
      steps('{targets: [{user: a}], ringTimeoutSeconds: 121}'),
      'ringTimeoutSeconds: must be a whole number from 5 to 120',
    ],
    [steps('{targets: [{user: a}], tries: 0}'), 'tries: must be a whole number from 1 to 10'],
    [steps('{targets: [{user: a}], pauseSeconds: -1}'), 'pauseSeconds: must be a whole number from 0'],
    [targets('adele'), 'targets[0]: must be one of {user: …}'],
    [targets('{usr: adele}'), 'targets[0]: must be one of {user: …}'],
    [targets('{user: 5}'), '1:42 policies.p.steps[0].targets[0].user: must name a person'],
    [targets('{user: a, managerOf: b}'), 'targets[0]: must be one of {user: …}'],
    [
      targets('{rotation: web}'),
      '1:46 policies.p.steps[0].targets[0].rotation: there is no rotation in this file',
    ],
    [targets('{group: payments}'), 'targets[0].group: must be a GUID'],
    [targets('{voiceApp: help desk}'), 'targets[0].voiceApp: is neither in voiceApps nor an object id'],
    [
      targets(`{shifts: ${group}, fallback: {rotation: web}}`),
      'targets[0].fallback.rotation: there is no rotation',
    ],
    [
      targets(`{shifts: ${group}, fallback: {shifts: ${group}}}`),
      'targets[0].fallback: must be one of {user: …}',
    ],
    ['timeZone: UTC\ntimeZone: UTC', '2:1: this key is used twice'],
    ['a: [', 'is not valid YAML'],
    ['timeZone: !secret UTC', '1:11: is not valid YAML'],
    ['timeZone: UTC\n---\ntimeZone: UTC', 'must contain only one document'],
    ['policies: {__proto__: {steps: []}}', '1:12 policies.__proto__: cannot be a name'],
  ];
  for (const [source, fault] of wrong) {
    it(`refuses ${JSON.stringify(source)}`, () => {
      const faults = faultsOf(source);
      const expected = /^\d/.test(fault) ? `ringdown.yaml:${fault}` : fault;
      assert.ok(
        faults.some((found) => found.includes(expected)),
        `${JSON.stringify(faults, null, 1)} has no ${expected}`,
      );
    });
  }

  it('names every fault at once, in the order of the file, with line, column, path and an example', () => {
    const source = `
retentionDays: 0
rotatons: {}
policies:
  payments:
    steps:
      - targets:
          - user: adele
          - rotation: web
        tries: 11
      - mode: parallel
heartbeats:
  - name: backup
    every: daily
    policy: payment
`;
    assert.throws(
      () => readRingdownYaml(source, {}, 'etc/ringdown.yaml'),
      (error) => {
        assert.ok(error instanceof ConfigFaults);
        assert.deepEqual(
          error.faults.map(({ name, example }) => `${name} | ${example}`),
          [
            'etc/ringdown.yaml:2:16 retentionDays | 90',
            'etc/ringdown.yaml:3:1 rotatons | ',
            'etc/ringdown.yaml:9:23 policies.payments.steps[0].targets[1].rotation | ',
            'etc/ringdown.yaml:10:16 policies.payments.steps[0].tries | 2',
            'etc/ringdown.yaml:11:9 policies.payments.steps[1].targets | [{user: adele@contoso.example}]',
            'etc/ringdown.yaml:14:12 heartbeats[0].every | 30m',
            'etc/ringdown.yaml:15:13 heartbeats[0].policy | payments',
          ],
        );
        return true;
      },
    );
  });

  describe('${NAME}', () => {
    const hook = (secret: string) => `webhooks: [{url: "https://h.example", secrets: [${secret}]}]`;
    const secretOf = (source: string, env: Record<string, string>) =>
      readRingdownYaml(source, env).webhooks[0]?.secrets[0];

    it('reads the environment, also in the middle and more than once', () => {
      assert.equal(secretOf(hook('"${A}"'), { A: 'x' }), 'x');
      assert.equal(secretOf(hook('"a-${A}${B}"'), { A: 'x', B: '$&' }), 'a-x$&');
    });

    it('is always text, whatever it looks like', () => {
      assert.equal(secretOf(hook('"${A}"'), { A: '12' }), '12');
      assert.equal(secretOf(hook('"${A}"'), { A: '", b: c} # ${A}' }), '", b: c} # ${A}');
    });

    it('is one fault if the variable does not exist', () => {
      const fault = 'ringdown.yaml:1:49 webhooks[0].secrets[0]: the environment variable A is not set';
      assert.deepEqual(faultsOf(hook('"${A}"')), [fault]);
      assert.deepEqual(faultsOf(hook('"${A}"'), { A: '' }), [fault]);
    });

    it('is a fault if it is not closed or not a name', () => {
      for (const secret of ['"${A"', '"${}"', '"${a b}"']) {
        assert.match(faultsOf(hook(secret), { A: 'x' }).join(), /1:49 .* must be followed by the name/);
      }
    });

    it('is ignored in comments', () => assert.deepEqual(faultsOf('# ${A}\n'), []));

    it('never shows its value in a fault', () => {
      const secret = 'S3cr3t-Valu3';
      const scalars = whole.matchAll(/(?<=[:[] )[\w@./-]+(?=[,}\]\n])/g);
      const places = [...scalars].map((match) => match.index);
      fc.assert(
        fc.property(fc.constantFrom(...places), (place) => {
          const source = whole.slice(0, place) + whole.slice(place).replace(/^[\w@./-]+/, '"${A}"');
          const faults = faultsOf(source, { A: secret, GRAFANA_SECRET: 'g', HOOK_SECRET: 'h' });
          assert.ok(!faults.join().includes(secret), faults.join());
        }),
      );
    });
  });

  describe('features of other YAML programs', () => {
    const ladder = 'steps: [{targets: [{user: a}]}]';
    const hook = (secret: string) => `webhooks: [{url: "https://h.example", secrets: [${secret}]}]`;

    it('merge keys: faults in merged content have the right place', () => {
      const merged = readRingdownYaml(
        `policies:\n  base: &base {repeat: 2, ${ladder}}\n  payments:\n    <<: *base\n    repeat: 3\n  web: {<<: [*base, {language: de}]}\n`,
        {},
      );
      assert.deepEqual(
        Object.entries(merged.policies).map(([name, { repeat, language }]) => [name, repeat, language]),
        [
          ['base', 2, undefined],
          ['payments', 3, undefined],
          ['web', 2, 'de'],
        ],
      );
      assert.deepEqual(faultsOf(`x-base: &base {repeat: 99}\npolicies: {p: {<<: *base, ${ladder}}}`), [
        'ringdown.yaml:1:24 policies.p.repeat: must be a whole number from 0 to 20',
      ]);
    });

    it('the operator’s own top-level keys (x-…), for anchors', () => {
      const file = readRingdownYaml(
        `x-base: &base {${ladder}}\nx-hook: &secret "\${A}"\npolicies: {p: *base}\n${hook('*secret')}`,
        { A: 'x' },
      );
      assert.deepEqual(Object.keys(file.policies), ['p']);
      assert.deepEqual(file.webhooks[0]?.secrets, ['x']);
    });

    it('one anchor for hundreds of policies', () => {
      const source = Array.from({ length: 300 }, (_, index) => `  p${index}: *base\n`).join('');
      const file = readRingdownYaml(`x-base: &base {${ladder}}\npolicies:\n${source}`, {});
      assert.equal(Object.keys(file.policies).length, 300);
    });

    /** Each has exactly this fault: nothing follows from it. */
    const named: [what: string, source: string, fault: string][] = [
      ['an unknown alias', `timeZone: UTC\npolicies:\n  p: *nowhere`, '3:6 policies.p: there is no &nowhere'],
      [
        'an unknown alias instead of a section',
        `policies: *nowhere\nheartbeats: [{name: a, every: 1h, policy: p}]`,
        '1:11 policies: there is no &nowhere',
      ],
      [
        'an alias before its anchor',
        `operators: [*ops]\nx-ops: &ops a`,
        '1:13 operators[0]: there is no &ops',
      ],
      ['an alias that refers to itself', 'policies: &a {p: *a}', '1:18 policies.p: *a refers to itself'],
      [
        'an unknown alias that is merged',
        'policies:\n  p:\n    <<: *nowhere',
        '3:9 policies.p.<<: there is no &nowhere',
      ],
      [
        'a merge of something that is not a group',
        `x-a: &a [1]\npolicies: {p: {<<: *a}}`,
        '2:20 policies.p.<<: must be a group',
      ],
      [
        'a merge that refers to itself',
        'policies: {p: &a {<<: *a}}',
        '1:23 policies.p.<<: *a refers to itself',
      ],
      [
        'aliases that would exhaust the memory',
        `x-a: &a [${'1,'.repeat(20)}]\nx-b: &b [${'*a,'.repeat(20)}]\nx-c: &c [${'*b,'.repeat(20)}]\nx-d: [${'*c,'.repeat(20)}]`,
        '2:10: nests too many aliases',
      ],
      ['a list as a key', 'policies: {? [a] : 1}', '1:14 policies: must be a plain name'],
      [
        'an own key below the top level',
        `policies: {p: {x-note: hi, ${ladder}}}`,
        '1:16 policies.p.x-note: is unknown here; your own keys',
      ],
      ['$NAME', hook('$HOOK_SECRET'), '1:49 webhooks[0].secrets[0]: needs braces'],
      ['$NAME of an existing variable', hook('"a-$hook"'), '1:49 webhooks[0].secrets[0]: needs braces'],
      [
        '$NAME in the middle',
        'webhooks: [{url: "https://h.example/$HOOK_KEY", secrets: [s]}]',
        '1:18 webhooks[0].url: needs braces',
      ],
      ['$(NAME)', hook('$(HOOK_SECRET)'), '1:49 webhooks[0].secrets[0]: needs braces'],
      ['$env:NAME', hook('"$env:HOOK_SECRET"'), '1:49 webhooks[0].secrets[0]: needs braces'],
      ['%NAME%', hook('"%HOOK_SECRET%"'), '1:49 webhooks[0].secrets[0]: needs braces'],
      ['${NAME} in brackets without quotes', hook('${HOOK_SECRET}'), '1:50: ${NAME} must be in quotes'],
      [
        '${NAME} in braces without quotes',
        'policies: {p: {steps: [{targets: [{user: ${A}}]}]}}',
        '1:43: ${NAME} must be in quotes',
      ],
      ['several unclosed brackets', `policies:\n  p: {steps: [\n`, '3:1: is not valid YAML'],
    ];
    for (const [what, source, fault] of named) {
      it(`${what}: is the only fault, with its place`, () => {
        const faults = faultsOf(source, { hook: 'x' });
        assert.equal(faults.length, 1, faults.join('\n'));
        assert.ok(faults[0]?.startsWith(`ringdown.yaml:${fault}`), faults[0]);
      });
    }

    it('ignores a dollar that does not name a variable', () => {
      for (const secret of ['"p4$$w0rd"', '"5 $"', '"A$AP"', '"100%"', '"%20 %"']) {
        assert.deepEqual(faultsOf(hook(secret)), [], secret);
      }
    });

    it('never shows the text after a dollar, unless it is a variable', () => {
      assert.ok(!faultsOf(hook('$S3cret')).join().includes('S3cret'));
    });
  });

  describe('a misspelt key', () => {
    const policy = 'payments: {steps: [{targets: [{user: a}]}]}';
    const uses = `
heartbeats: [{name: a, every: 1h, policy: payments}]
integrations: [{name: g, kind: grafana, hash: ${hash('a')}, policy: payments}]
apiKeys: [{name: ci, hash: ${hash('b')}, may: [read], policies: [payments]}]`;
    const misspelt: [source: string, fault: string][] = [
      [`polices: {${policy}}${uses}`, '1:1 polices: is unknown here; did you mean policies?'],
      [`policy: {${policy}}${uses}`, '1:1 policy: is unknown here; did you mean policies?'],
      [`Policies: {${policy}}${uses}`, '1:1 Policies: is unknown here; did you mean policies?'],
      [
        `policies: {payments: {stps: [{targets: [{user: a}]}]}}${uses}`,
        '1:23 policies.payments.stps: is unknown here; did you mean steps?',
      ],
      [
        `policies: {payments: {steps: [{target: [{user: a}]}]}}${uses}`,
        '1:32 policies.payments.steps[0].target: is unknown here; did you mean targets?',
      ],
      [
        'rotation: {web: {members: [a], every: 1w, handover: "Mon 09:00"}}\npolicies: {p: {steps: [{targets: [{rotation: web}]}]}}',
        '1:1 rotation: is unknown here; did you mean rotations?',
      ],
      [
        'voiceapps: {desk: 00000000-0000-0000-0000-000000000000}\npolicies: {p: {steps: [{targets: [{voiceApp: desk}]}]}}',
        '1:1 voiceapps: is unknown here; did you mean voiceApps?',
      ],
      [`policies:${uses}`, '1:10 policies: has no value'],
      [`policies: [payments]${uses}`, '1:11 policies: must be a group'],
    ];
    for (const [source, fault] of misspelt) {
      it(`${JSON.stringify(source.slice(0, 40))}: is the only fault`, () => {
        const faults = faultsOf(source);
        assert.equal(faults.length, 1, faults.join('\n'));
        assert.ok(faults[0]?.startsWith(`ringdown.yaml:${fault}`), faults[0]);
      });
    }

    it('hides no other fault below it', () => {
      assert.deepEqual(faultsOf('polices: {p: {steps: [{targets: [{user: 5}]}], repeats: 3}}').length, 3);
    });

    it('is not matched with a key that the object already has', () => {
      const faults = faultsOf('timeZone: UTC\ntimezone: Europe/Berlin');
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', /2:1 timezone: is unknown here; known keys: timeZone/);
    });
  });

  it('makes a rotation of a calendar in a target, whose name shows nothing of the address', () => {
    const secret = 'https://calendar.contoso.example/a-secret/basic.ics';
    const file = readRingdownYaml(
      `rotations: {db: {ical: "webcal://calendar.contoso.example/x"}}
policies:
  p:
    steps: [{targets: [{ical: "\${PLACE}", timeZone: Asia/Tokyo}, {shifts: "${group}", fallback: {ical: duty/web.ics}}]}]
    test: [{ical: duty/web.ics}, {ical: duty/web.ics, timeZone: UTC}]`,
      { PLACE: secret },
    );
    const [own = '', web = '', inUtc = ''] = Object.keys(file.rotations);
    assert.match(own, /^calendar\.contoso\.example #[0-9a-f]{6}$/);
    assert.match(web, /^web\.ics #[0-9a-f]{6}$/);
    assert.deepEqual(file.rotations, {
      [own]: { ical: secret, timeZone: 'Asia/Tokyo', allowPrivate: false },
      [web]: { ical: 'duty/web.ics', allowPrivate: false },
      [inUtc]: { ical: 'duty/web.ics', timeZone: 'UTC', allowPrivate: false },
      db: { ical: 'https://calendar.contoso.example/x', allowPrivate: false },
    });
    assert.deepEqual(file.policies['p']?.steps[0]?.targets, [
      { rotation: own },
      { shifts: group, fallback: { rotation: web } },
    ]);
    assert.deepEqual(file.policies['p']?.test, [{ rotation: web }, { rotation: inUtc }]);
  });

  it('turns any text into a file or into faults', () => {
    const lines = fc.constantFrom(...whole.split('\n'));
    const piece = fc.oneof(
      lines,
      fc.string(),
      fc.constantFrom('&a', '*a', '<<: *a', '- ', ': ', '{', '}', '  '),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        faultsOf(pieces.join('\n'));
      }),
    );
  });
});
