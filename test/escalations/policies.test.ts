import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  canBeCovered,
  dutyPlanOf,
  type Calendars,
  startFromPolicy,
  type EscalationRequest,
} from '../../src/escalations/policies.ts';
import { isPinOf } from '../../src/escalations/pins.ts';
import { onDuty } from '../../src/schedules/onDuty.ts';
import { escalationEntries } from '../../src/escalations/timeline.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import type { Call } from '../../src/calls/call.ts';
import type { RingdownYaml } from '../../src/config/ringdownSchema.ts';
import { escalateByPhone, escalateWithPin, queuedCall } from '../support/calls/stories.ts';

const alert: EscalationRequest = {
  summary: 'Checkout is down',
  source: 'ci',
  startedBy: { kind: 'api', key: 'ci', name: 'ci' },
};

const file = readRingdownYaml(
  `
timeZone: America/New_York
voiceApps: {desk: 00000000-0000-0000-0000-000000000000}
rotations:
  here: {members: [Adele, Alex], every: 1d, handover: "Mon 09:00"}
  there: {members: [Megan], every: 1w, handover: "Tue 10:00", timeZone: Asia/Tokyo}
policies:
  plain: {steps: [{targets: [{user: Adele}]}]}
  full:
    language: de
    voice: de-DE-KatjaNeural
    steps:
      - {targets: [{rotation: here}, {voiceApp: desk}], mode: parallel, tries: 2, ringTimeoutSeconds: 20, pauseSeconds: 5}
    repeat: 3
    acknowledgeTimeout: 30m
    onExhausted: {notify: [ops@contoso.example]}
    channel: "19:abc@thread.tacv2"
`,
  {},
);
const { plain, full } = file.policies;
assert.ok(plain && full);

const noCalendars: Calendars = { bookOf: () => ({ kind: 'unknown' }) };
/** A file whose policy has a PIN in its first step, and none in its second. */
function pinned(pin: string): RingdownYaml {
  const targets = '[{user: Adele}]';
  const steps = `[{targets: ${targets}, pin: ${pin}}, {targets: ${targets}}]`;
  return readRingdownYaml(`policies: {payments: {steps: ${steps}}}`, {});
}

describe('a policy', () => {
  it('is frozen with its defaults when an escalation starts', () => {
    assert.deepEqual(startFromPolicy({ name: 'plain', policy: plain }, alert), {
      policy: 'plain',
      steps: [{ targets: [{ user: 'Adele' }], mode: 'sequence', tries: 1, pauseSeconds: 0 }],
      repeat: 0,
      acknowledgeTimeoutMs: null,
      notify: [],
      channel: null,
      language: 'en',
      voice: null,
      source: 'ci',
      dedupKey: null,
      summary: 'Checkout is down',
      details: null,
      severity: 'critical',
      links: [],
      test: false,
      startedBy: { kind: 'api', key: 'ci', name: 'ci' },
    });
  });

  it('gives the escalation all its settings', () => {
    const links = [{ text: 'dashboard', href: 'https://grafana.contoso.example' }];
    const more = { details: 'since 02:58', severity: 'warning', dedupKey: 'checkout', links } as const;
    const started = startFromPolicy({ name: 'full', policy: full }, { ...alert, ...more, links });
    assert.deepEqual(
      { ...started, startedBy: null },
      {
        policy: 'full',
        steps: [
          {
            targets: [{ rotation: 'here' }, { voiceApp: 'desk' }],
            mode: 'parallel',
            tries: 2,
            ringTimeoutSeconds: 20,
            pauseSeconds: 5,
          },
        ],
        repeat: 3,
        acknowledgeTimeoutMs: 1_800_000,
        notify: ['ops@contoso.example'],
        channel: '19:abc@thread.tacv2',
        language: 'de',
        voice: 'de-DE-KatjaNeural',
        source: 'ci',
        summary: 'Checkout is down',
        test: false,
        startedBy: null,
        ...more,
      },
    );
  });

  it('can be steps in the request', () => {
    const started = startFromPolicy({ steps: full.steps }, { ...alert, dedupKey: 'checkout' });
    assert.deepEqual([started.policy, started.dedupKey, started.repeat], [null, 'checkout', 0]);
    assert.deepEqual(started.steps, full.steps);
  });

  it('reaches people in the ways of the policy, unless a step has its own', () => {
    const targets = '[{user: Adele}]';
    const nightly = readRingdownYaml(
      `policies: {night: {ways: [teams, mobile], steps: [{targets: ${targets}}, {targets: ${targets}, ways: [mobile]}], test: ${targets}}}`,
      {},
    );
    const policy = nightly.policies['night'];
    assert.ok(policy);
    const waysOf = (test: boolean) =>
      startFromPolicy({ name: 'night', policy }, { ...alert, test }).steps.map(({ ways }) => ways);
    assert.deepEqual(waysOf(false), [['teams', 'mobile'], ['mobile']]);
    assert.deepEqual(waysOf(true), [['teams', 'mobile']]);
  });

  it('keeps its PINs to itself: an escalation knows only that there is one', () => {
    const { payments } = pinned('"4711"').policies;
    assert.ok(payments);
    const started = startFromPolicy({ name: 'payments', policy: payments }, alert);
    assert.equal(started.steps[0]?.pin, 'inFile');
    assert.doesNotMatch(JSON.stringify(started), /4711/);
  });

  it('has the right PIN only for its own step, and as the file has it now', () => {
    const call = (step: number, policy = 'payments'): Call => ({
      ...queuedCall(escalateWithPin),
      purpose: {
        kind: 'escalate',
        escalationId: 'esc_1',
        message: '',
        step,
        test: false,
        pin: { policy, tries: 3 },
      },
    });
    const now = pinned('"4711"');
    const right: [Call, string][] = [
      [call(0), '4711'],
      [call(0), '4712'],
      [call(0), '47110'],
      [call(0), ''],
      [call(1), '4711'],
      [call(7), '4711'],
      [call(0, 'constructor'), '4711'],
      [queuedCall(escalateByPhone), '4711'],
    ];
    assert.deepEqual(
      right.map(([one, digits]) => isPinOf(one, digits, now)),
      [true, ...right.slice(1).map(() => false)],
    );
    const later = pinned('"0815"');
    assert.deepEqual([isPinOf(call(0), '4711', later), isPinOf(call(0), '0815', later)], [false, true]);
  });

  it('refuses a PIN that is none, without showing it', () => {
    for (const pin of ['"123"', '"123456789"', '"12a4"', '4711', '""']) {
      assert.throws(
        () => pinned(pin),
        (error) => {
          assert.ok(error instanceof Error);
          assert.match(error.message, /steps\[0\]\.pin: must be a PIN of 4 to 8 digits, in quotes/);
          assert.doesNotMatch(error.message, /123|12a4|4711/);
          return true;
        },
      );
    }
  });

  it('stays the same in a running escalation when the file changes', () => {
    const policy = structuredClone(full);
    const started = startFromPolicy({ name: 'full', policy }, alert);
    policy.steps.splice(0);
    policy.onExhausted?.notify.splice(0);
    assert.equal(started.steps.length, 1);
    assert.equal(started.notify.length, 1);
  });

  it('as a test, never joins a real alert', () => {
    const started = startFromPolicy(
      { name: 'full', policy: full },
      { ...alert, dedupKey: 'checkout', test: true },
    );
    assert.deepEqual([started.test, started.dedupKey], [true, null]);
  });

  it('as a test, calls its `test` people or its first step once', () => {
    const [first] = full.steps;
    assert.ok(first);
    const steps = [first, { ...first, targets: [{ user: 'boss@contoso.example' }] }];
    const test = [{ user: 'adele@contoso.example' }];
    const start = (policy: typeof full, isTest: boolean) =>
      startFromPolicy({ name: 'full', policy }, { ...alert, test: isTest });
    const plainTest = start({ ...full, steps }, true);
    assert.deepEqual(plainTest.steps, [first]);
    assert.deepEqual([plainTest.repeat, plainTest.acknowledgeTimeoutMs], [0, null]);
    assert.deepEqual(
      start({ ...full, steps, test }, true).steps.map(({ targets, tries }) => [targets, tries]),
      [[test, 1]],
    );
    assert.deepEqual(start({ ...full, steps, test }, false).steps, steps);
  });

  it('can be covered if it has a rotation', () => {
    assert.deepEqual([canBeCovered(plain), canBeCovered(full)], [false, true]);
    const shifts = '11111111-2222-3333-4444-555555555555';
    const withShifts = (fallback?: { user: string } | { rotation: string }) =>
      canBeCovered({
        steps: [{ targets: [{ shifts, fallback }], mode: 'sequence', tries: 1, pauseSeconds: 0 }],
      });
    assert.deepEqual(
      [withShifts(), withShifts({ user: 'Adele' }), withShifts({ rotation: 'here' })],
      [false, false, true],
    );
  });

  it('gives a rotation without a time zone that of the file', () => {
    const { rotations, voiceApps } = dutyPlanOf(file, noCalendars);
    const zones = ['here', 'there'].map((name) => {
      const rotation = rotations[name];
      return rotation && 'timeZone' in rotation ? rotation.timeZone : null;
    });
    assert.deepEqual(zones, ['America/New_York', 'Asia/Tokyo']);
    assert.deepEqual(voiceApps, file.voiceApps);
  });
});

describe('the example file', () => {
  it('is valid, and somebody is on duty in each rotation', async () => {
    const source = await readFile(new URL('../../docs/examples/ringdown.yaml', import.meta.url), 'utf8');
    const example = readRingdownYaml(source, {});
    assert.deepEqual(Object.keys(example.policies), ['payments', 'office']);
    for (const [name, rotation] of Object.entries(dutyPlanOf(example, noCalendars).rotations)) {
      assert.ok('members' in rotation, name);
      assert.ok(rotation.members.includes(onDuty(rotation, Date.UTC(2026, 10, 23)).member), name);
    }
  });

  it('in docs/escalations.md is valid too', async () => {
    const docs = await readFile(new URL('../../docs/escalations.md', import.meta.url), 'utf8');
    const blocks = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    assert.equal(blocks.length, 3);
    const { policies, rotations, voices } = readRingdownYaml(blocks.join('\n'), {});
    assert.equal(policies['payments']?.steps.length, 2);
    const { payments } = rotations;
    assert.ok(payments && 'members' in payments);
    assert.equal(payments.members.length, 2);
    assert.equal(voices['de'], 'de-DE-KatjaNeural');
  });

  it('docs/escalations.md lists every entry of the timeline', async () => {
    const docs = await readFile(new URL('../../docs/escalations.md', import.meta.url), 'utf8');
    const types = Object.keys(escalationEntries);
    assert.ok(types.length > 30);
    assert.deepEqual(
      types.filter((type) => !docs.includes(`\`${type}\``)),
      [],
    );
  });
});
