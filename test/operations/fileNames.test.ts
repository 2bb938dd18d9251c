import assert from 'node:assert/strict';
import type { OpenSource } from '../../src/alerts/upkeep.ts';
import type { OpenLadder } from '../../src/escalations/upkeep.ts';
import { goneFrom, namedIn } from '../../src/operations/fileNames.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';

const group = '11111111-2222-3333-4444-555555555555';
const hash = (digit: string): string => digit.repeat(64);

const file = readRingdownYaml(
  `
operators: [ops, adele]
apiKeys: [{name: ci, hash: ${hash('a')}, may: [place]}]
integrations: [{name: prometheus, kind: alertmanager, hash: ${hash('b')}, policy: payments}]
heartbeats: [{name: backup, every: 1h, policy: payments}]
voiceApps: {help desk: ${group}}
permissions:
  callers: [{group: ${group}}, {domain: contoso.example}, {user: caller}]
  callees: {allow: [{user: allowed}], deny: [{user: denied}]}
  anonymous: {mayCall: [{user: adele}]}
  acknowledge: [{user: helper}]
rotations: {web: {members: [adele, alex], every: 1w, handover: "Mon 09:00"}}
policies:
  payments:
    steps:
      - {targets: [{rotation: web}, {user: adele}, {voiceApp: help desk}]}
      - {targets: [{group: ${group}}, {managerOf: adele}, {shifts: ${group}, fallback: {user: megan}}]}
    test: [{user: tester}, {rotation: web}, {shifts: ${group}, fallback: {user: megan}}]
    onExhausted: {notify: [boss]}
`,
  {},
);

describe('people in ringdown.yaml', () => {
  it('are listed once each, with all places', () => {
    assert.deepEqual(
      namedIn(file).map(({ spec, places }) => `${Object.entries(spec).join()} ${places.join(' ')}`),
      [
        'user,ops operators[0]',
        'user,adele operators[1] rotations.web.members[0] policies.payments.steps[0].targets[1] permissions.anonymous.mayCall[0]',
        'user,alex rotations.web.members[1]',
        `group,${group} policies.payments.steps[1].targets[0]`,
        'managerOf,adele policies.payments.steps[1].targets[1]',
        'user,megan policies.payments.steps[1].targets[2].fallback policies.payments.test[2].fallback',
        'user,tester policies.payments.test[0]',
        'user,boss policies.payments.onExhausted.notify[0]',
        'user,caller permissions.callers[2]',
        'user,allowed permissions.callees.allow[0]',
        'user,denied permissions.callees.deny[0]',
        'user,helper permissions.acknowledge[0]',
      ],
    );
  });
});

describe('names that open escalations use', () => {
  const ladder = (policy: string | null, ...targets: OpenLadder['steps'][number]['targets']): OpenLadder => ({
    policy,
    steps: [{ targets, mode: 'sequence', tries: 1, pauseSeconds: 0 }],
    escalations: 1,
  });
  const source = (words: string, heartbeat: string | null = null): OpenSource => ({
    source: words,
    heartbeat,
    escalations: 1,
  });
  const gone = (ladders: OpenLadder[], sources: OpenSource[]): string[] =>
    goneFrom(file, [...file.apiKeys, { name: 'of the environment' }], { ladders, sources }).map(
      ({ what, name, escalations }) => `${what} ${name} ${escalations}`,
    );

  it('are fine while the file has them, or need not have them', () => {
    const ladders = [
      ladder('payments', { rotation: 'web' }, { voiceApp: 'help desk' }, { user: 'nobody' }),
      ladder(null, { voiceApp: group }),
    ];
    const sources = [
      'integration:prometheus',
      'key:ci',
      'grafana:key:ci',
      'azure-monitor:key:of the environment',
      'heartbeat:key:ci',
      `entra:${group}`,
      `grafana:entra:${group}`,
      'chat',
      'heartbeats',
    ];
    assert.deepEqual(
      gone(ladders, [...sources.map((one) => source(one)), source('heartbeats', 'backup')]),
      [],
    );
  });

  it('are reported once each with their number of uses if the file no longer has them', () => {
    const ladders = [
      ladder('shop', { rotation: 'old' }, { shifts: group, fallback: { rotation: 'older' } }),
      ladder('shop', { rotation: 'old' }, { rotation: 'old' }, { voiceApp: 'desk' }),
      ladder('constructor'),
    ];
    const sources = [
      source('integration:grafana'),
      source('key:cd'),
      source('azure-monitor:key:cd'),
      source('heartbeats', 'restore'),
    ];
    assert.deepEqual(gone(ladders, sources), [
      'policy shop 2',
      'rotation old 2',
      'rotation older 1',
      'voiceApp desk 1',
      'policy constructor 1',
      'integration grafana 1',
      'apiKey cd 2',
      'heartbeat restore 1',
    ]);
  });
});
