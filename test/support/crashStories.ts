import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Message } from '../../emulator/connector/activity.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import { inTime } from '../../src/clock.ts';
import type { AnswerScript } from '../../emulator/people/script.ts';
import { alertmanagerBody } from './alerts/bodies.ts';
import { elapsed, type CrashStory } from './crashes.ts';
import { PATIENCE_MS, type Replicas } from './replicas.ts';
import { ASKING_MS, until } from './until.ts';
import type { CallAnswer } from './world.ts';

interface EscalationAnswer {
  id: string;
  policy: string | null;
  status: string;
  acknowledgedBy: { name: string; way: string } | null;
  calls: CallAnswer[];
}

/** Sends Megan's message as Teams does: retries until it is accepted. @returns the conversation */
async function say(emulator: Emulator, text: string): Promise<string> {
  let conversation = '';
  await until(async () => {
    const sent = emulator.channel
      .send({ from: 'Megan Bowen', text, fields: { id: 'the-message' } })
      .catch(() => null);
    const heard = await inTime(sent, PATIENCE_MS, () => null);
    if (heard?.status === 200) conversation = heard.conversationId;
    return conversation !== '';
  }, 'the message has been taken');
  return conversation;
}

/** The only call that was requested in the chat, once it has ended, with its timeline. */
async function endedCall(replicas: Replicas): Promise<CallAnswer> {
  let items: (CallAnswer & { requestedBy: { kind: string } })[] = [];
  await until(
    async () => {
      const all = (await replicas.ask('GET', '/api/v1/calls')) as { items: typeof items };
      items = all.items.filter(({ requestedBy }) => requestedBy.kind === 'chat');
      return items.length > 0 && items.every(({ status }) => status === 'ended');
    },
    'the call has ended',
    ASKING_MS,
  );
  const [call = assert.fail('there is one'), ...more] = items;
  assert.deepEqual(more, [], 'one call was placed');
  return (await replicas.ask('GET', `/api/v1/calls/${call.id}`)) as CallAnswer;
}

function isCard({ activity }: Message): boolean {
  return (activity.attachments ?? []).length > 0;
}

/** The newest card is the one kept up to date: after a crash there may be an older one. */
function newestCard(emulator: Emulator, conversation: string): string {
  return JSON.stringify(emulator.channel.messages(conversation).findLast(isCard)?.activity ?? null);
}

/** The card's text if the restarts took longer than the service's repeatability window. */
const UNKNOWN = 'It may have been placed.';

/** A callee hears a message. */
export function aCall(emulator: Emulator): CrashStory {
  emulator.people.script('Adele Vance', { answers: { afterMs: 150 } });
  const adele = emulator.phone('Adele Vance');
  const time = elapsed();
  let chat = '';
  return {
    tell: async () => void (chat = await say(emulator, 'call Adele Vance: the build is red')),
    async holds(replicas) {
      const call = await endedCall(replicas);
      const isUnknown = time.mayHaveFailed([call]);
      const end = isUnknown ? UNKNOWN : 'Adele Vance answered and heard the message';
      await until(() => newestCard(emulator, chat).includes(end), `the card tells the end: ${end}`);
      assert.ok(adele.rings().length <= 1, 'the phone was not called twice');
      if (isUnknown) return;
      assert.equal(call.disposition, 'answered');
      assert.equal(adele.rings().length, 1, 'the phone was called');
      assert.ok(adele.spoken().length >= 1, 'the callee heard the message');
    },
  };
}

/** A callee is connected to the caller. */
export function aTransfer(emulator: Emulator): CrashStory {
  emulator.people.script('Adele Vance', { answers: { afterMs: 150 } });
  emulator.people.script('Megan Bowen', { answers: { afterMs: 150, hangsUpAfterMs: 20_000 } });
  const time = elapsed();
  let chat = '';
  return {
    tell: async () => void (chat = await say(emulator, 'call Adele Vance')),
    async holds(replicas) {
      const call = await endedCall(replicas);
      const isUnknown = time.mayHaveFailed([call]);
      const end = isUnknown ? UNKNOWN : 'connected';
      await until(() => newestCard(emulator, chat).includes(end), `the card tells the end: ${end}`);
      for (const name of ['Adele Vance', 'Megan Bowen']) {
        const rings = emulator.phone(name).rings().length;
        assert.ok(isUnknown ? rings <= 1 : rings === 1, `${name} was called ${rings} times`);
      }
      if (isUnknown) return;
      assert.equal(call.disposition, 'connected_to_caller');
      const types = call.timeline.map(({ type }) => type);
      assert.ok(!types.includes('transferFailed'), types.join(' '));
    },
  };
}

/**
 * Phones ring, and nobody answers: nothing happens any more by itself. So what is missing after a crash is what Ringdown has
 * not yet done. Before, the cards of call, channel and callee, and a webhook have told what is so.
 */
export async function phonesRing(emulator: Emulator): Promise<CrashStory> {
  const hook = await receiver();
  const ops = emulator.channel.teamChannel(['Alex Wilber'], 'Ops', CHANNEL).id;
  const own = emulator.channel.personal('Diego Siciliani').id;
  const names = ['Adele Vance', 'Diego Siciliani'];
  for (const name of names) emulator.people.script(name, { byHand: true });
  const time = elapsed();
  let isUnknown = false;
  let chat = '';
  let id = '';
  return {
    env: { RING_TIMEOUT_SECONDS: '120' },
    yaml: `limits: {createCallsPerSecond: 100}
webhooks: [{url: "${hook.url}", secrets: [s], allowPrivate: true}]
policies:
  night: {channel: "${CHANNEL}", steps: [{targets: [{user: Diego Siciliani}], ringTimeoutSeconds: 120}]}
`,
    get soon() {
      return isUnknown ? undefined : { embedded: 3_000, replicated: 8_000 };
    },
    async tell(replicas) {
      const headers = { 'idempotency-key': 'night' };
      const body = { policy: 'night', summary: 'Checkout is down' };
      const asked = replicas.ask('POST', '/api/v1/escalations', { body, headers, wanted: 202 });
      chat = await say(emulator, 'call Adele Vance: the build is red');
      ({ id } = (await asked) as { id: string });
    },
    async holds(replicas) {
      const bothRing = (): boolean => names.every((name) => emulator.phone(name).incoming() !== null);
      const isSettled = async (): Promise<boolean> => {
        if (bothRing()) return true;
        const { items } = (await replicas.ask('GET', '/api/v1/calls')) as { items: CallAnswer[] };
        isUnknown = time.mayHaveFailed(items);
        return isUnknown;
      };
      await until(isSettled, 'both phones ring', ASKING_MS);
      if (isUnknown) return;
      for (const [conversation, words] of [
        [chat, 'Adele Vance: Calling …'],
        [ops, 'Diego Siciliani'],
        [own, 'Checkout is down'],
      ] as const)
        await until(() => newestCard(emulator, conversation).includes(words), `a card says ${words}`);
      await until(() => hook.told(id).includes('call_placed'), 'the webhook has received the call');
      for (const name of names)
        assert.equal(emulator.phone(name).rings().length, 1, `${name} was called once`);
      assert.deepEqual(hook.told(id), ['started', 'call_placed']);
    },
    close: hook.close,
  };
}

/** An escalation at its end, when its calls have ended too. */
async function endedEscalation(replicas: Replicas, id: string): Promise<EscalationAnswer> {
  let end: EscalationAnswer | undefined;
  await until(
    async () => {
      end = (await replicas.ask('GET', `/api/v1/escalations/${id}`)) as EscalationAnswer;
      return end.status !== 'open' && end.calls.every(({ status }) => status === 'ended');
    },
    'the escalation has ended',
    ASKING_MS,
  );
  return end ?? assert.fail();
}

/** Presses again until confirmed: a process that died may not have listened yet. */
const pressesOne: AnswerScript = {
  afterMs: 200,
  listens: true,
  presses: [300, 5_000, 10_000, 20_000, 40_000].map((afterMs) => ({ tone: 'one', afterMs })),
};

const user = (name: string): object => ({ user: name });

/** A policy of four people: one declines, one is busy, one does not answer, and one acknowledges by a key press. */
export function aLadder(emulator: Emulator): CrashStory {
  emulator.people.add({ displayName: 'Chris Red', script: { noAnswer: true } });
  emulator.people.script('Adele Vance', { declines: { afterMs: 300 } });
  emulator.people.script('Megan Bowen', { busy: true });
  emulator.people.script('Alex Wilber', { noAnswer: true });
  emulator.people.script('Diego Siciliani', {
    answers: pressesOne,
  });
  const called = (): (string | null)[] => emulator.calls.list().map(({ target }) => target.displayName);
  const time = elapsed();
  let id = '';
  return {
    env: { DTMF_ACKNOWLEDGE: 'on' },
    async tell(replicas) {
      const body = {
        summary: 'Checkout errors over 5 %',
        steps: [
          { targets: [user('Adele Vance'), user('Megan Bowen')] },
          { targets: [user('Alex Wilber')], ringTimeoutSeconds: 5 },
          {
            targets: [user('Diego Siciliani'), user('Chris Red')],
            mode: 'parallel',
            ringTimeoutSeconds: 60,
          },
          { targets: [user('Nestor Wilke')] },
        ],
      };
      const headers = { 'idempotency-key': 'checkout' };
      ({ id } = (await replicas.ask('POST', '/api/v1/escalations', { body, headers, wanted: 202 })) as {
        id: string;
      });
      await until(() => called().includes('Alex Wilber'), 'the escalation has reached Alex');
      await until(() => called().includes('Diego Siciliani'), 'the escalation has reached Diego');
    },
    async holds(replicas) {
      const end = await endedEscalation(replicas, id);
      assert.equal(end.status, 'acknowledged');
      assert.deepEqual([end.acknowledgedBy?.name, end.acknowledgedBy?.way], ['Diego Siciliani', 'keys']);
      const ringing = emulator.people.list().filter(({ id: who }) => emulator.phone(who).incoming() !== null);
      assert.deepEqual(ringing, [], 'no phone is still ringing');
      if (time.mayHaveFailed(end.calls)) return;
      const parallel = called().slice(3);
      assert.deepEqual(
        [...called().slice(0, 3), ...parallel.toSorted((a, b) => String(a).localeCompare(String(b)))],
        ['Adele Vance', 'Megan Bowen', 'Alex Wilber', 'Chris Red', 'Diego Siciliani'],
        'nobody was called twice, skipped, or called after the acknowledgement',
      );
      assert.deepEqual(
        Object.fromEntries(end.calls.map((call) => [call.target.displayName, call.disposition])),
        {
          'Adele Vance': 'declined',
          'Megan Bowen': 'busy',
          'Alex Wilber': 'no_answer',
          'Diego Siciliani': 'acknowledged',
          'Chris Red': 'cancelled',
        },
      );
    },
  };
}

/** A person is not reachable in Teams, and acknowledges by keys on their mobile. The next person is left alone. */
export function aMobile(emulator: Emulator): CrashStory {
  const number = '+493023125001';
  emulator.people.script('Adele Vance', { unreachable: true });
  // A question that a dead process asked is asked once more.
  const replies = Array.from({ length: 5 }, () => ['1', '5']).flat();
  emulator.people.script(number, { answers: { afterMs: 200, replies } });
  const time = elapsed();
  let id = '';
  return {
    yaml: `permissions: {phones: {countries: [DE]}}
policies:
  night:
    ways: [teams, mobile]
    steps:
      - {targets: [{user: Adele Vance}], ringTimeoutSeconds: 60}
      - {targets: [{user: Nestor Wilke}]}
`,
    async tell(replicas) {
      const headers = { 'idempotency-key': 'night' };
      const body = { policy: 'night', summary: 'Checkout is down' };
      ({ id } = (await replicas.ask('POST', '/api/v1/escalations', { body, headers, wanted: 202 })) as {
        id: string;
      });
    },
    async holds(replicas) {
      const end = await endedEscalation(replicas, id);
      if (time.mayHaveFailed(end.calls)) return;
      assert.deepEqual(
        [end.status, end.acknowledgedBy?.name, end.acknowledgedBy?.way],
        ['acknowledged', 'Adele Vance', 'keys'],
      );
      assert.deepEqual(
        end.calls.map(({ disposition }) => disposition),
        ['unreachable', 'acknowledged'],
      );
      assert.equal(emulator.calls.list().length, 2, 'each phone was called once, and nobody else');
      assert.equal(emulator.phone(number).rings().length, 1);
    },
  };
}

/** In each policy one person declines and one acknowledges by a key press. */
const policies = {
  payments: ['Adele Vance', 'Alex Wilber'],
  shop: ['Megan Bowen', 'Diego Siciliani'],
} as const;
const people = Object.values(policies).flat();
const CHANNEL = '19:ops@thread.tacv2';

/** Alerts of two policies arrive at once, escalate, are acknowledged and resolved. Cards and a webhook report it. */
export async function alertsAtOnce(emulator: Emulator): Promise<CrashStory> {
  const hook = await receiver();
  const conversations = [
    emulator.channel.teamChannel(['Alex Wilber'], 'Ops', CHANNEL).id,
    ...people.map((name) => emulator.channel.personal(name).id),
  ];
  for (const [declines, acknowledges] of Object.values(policies)) {
    emulator.people.script(declines, { declines: { afterMs: 300 } });
    emulator.people.script(acknowledges, {
      answers: pressesOne,
    });
  }
  const policy = (name: keyof typeof policies): string =>
    `  ${name}: {channel: "${CHANNEL}", steps: [${policies[name].map((who) => `{targets: [{user: ${who}}]}`).join(', ')}]}\n`;
  const post = async (replicas: Replicas, status: 'firing' | 'resolved'): Promise<void> => {
    const bodies = Object.keys(policies).map((name) => ({
      path: `/api/v1/alerts/alertmanager/${name}`,
      asked: { wanted: 202, body: alertmanagerBody([{ status, fingerprint: name }]) },
    }));
    await Promise.all(bodies.map(async ({ path, asked }) => await replicas.ask('POST', path, asked)));
  };
  const escalations = async (replicas: Replicas): Promise<EscalationAnswer[]> => {
    const { items } = (await replicas.ask('GET', '/api/v1/escalations')) as { items: { id: string }[] };
    return await Promise.all(
      items.map(
        async ({ id }) => (await replicas.ask('GET', `/api/v1/escalations/${id}`)) as EscalationAnswer,
      ),
    );
  };
  const untilAll = async (replicas: Replicas, status: string): Promise<EscalationAnswer[]> => {
    let all: EscalationAnswer[] = [];
    await until(
      async () => {
        all = await escalations(replicas);
        const calls = all.flatMap((one) => one.calls);
        return (
          all.length >= 2 &&
          all.every((one) => one.status === status) &&
          calls.every((call) => call.status === 'ended')
        );
      },
      `both are ${status}, and no call is open`,
      ASKING_MS,
    );
    return all;
  };
  const time = elapsed();
  return {
    env: { DTMF_ACKNOWLEDGE: 'on' },
    yaml: `webhooks: [{url: "${hook.url}", secrets: [s], allowPrivate: true}]\npolicies:\n${policy('payments')}${policy('shop')}`,
    async tell(replicas) {
      await post(replicas, 'firing');
      await untilAll(replicas, 'acknowledged');
      await post(replicas, 'resolved');
    },
    async holds(replicas) {
      const all = await untilAll(replicas, 'resolved');
      for (const conversation of conversations) {
        const isTrue = (): boolean => /Resolved/.test(newestCard(emulator, conversation));
        await until(isTrue, `the newest card of ${conversation} tells the end`);
      }
      await until(
        () => all.every(({ id }) => hook.told(id).at(-1) === 'resolved'),
        'the webhook has received the end',
      );
      assert.equal(all.length, 2, 'each alert has one escalation');
      if (time.mayHaveFailed(all.flatMap(({ calls }) => calls))) return;
      for (const name of people) {
        assert.equal(emulator.phone(name).rings().length, 1, `${name} was called once`);
        assert.doesNotMatch(newestCard(emulator, emulator.channel.personal(name).id), /"verb":"acknowledge"/);
      }
      for (const { id, calls } of all) {
        assert.deepEqual(
          calls.map(({ disposition }) => disposition),
          ['declined', 'acknowledged'],
        );
        const [started, ...then] = hook.told(id);
        assert.deepEqual(
          [started, ...then.slice(0, 3), ...then.slice(3, -1).toSorted(), then.at(-1)],
          ['started', 'call_placed', 'call_ended', 'call_placed', 'acknowledged', 'call_ended', 'resolved'],
          'every event was sent, in order',
        );
      }
    },
    close: hook.close,
  };
}

interface Receiver {
  url: string;
  /** The events that the webhook received for an escalation, in order; duplicates by id are removed. */
  told(escalation: string): string[];
  close: () => Promise<void>;
}

/** An external program that receives the webhook. */
async function receiver(): Promise<Receiver> {
  const heard = new Map<string, { type: string; escalation: string }>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { id, type, escalation } = JSON.parse(body) as {
        id: string;
        type: string;
        escalation: { id: string };
      };
      if (!heard.has(id)) heard.set(id, { type, escalation: escalation.id });
      response.statusCode = 204;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    told: (id) => [...heard.values()].filter(({ escalation }) => escalation === id).map(({ type }) => type),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
