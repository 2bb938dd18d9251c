import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBalancer } from '../../bench/balancer.ts';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';
import { botProcess, type BotProcess } from '../support/botProcess.ts';
import { onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { API_KEY, type CallAnswer } from '../support/world.ts';

/**
 * Two processes on one database carry out one ladder. Whichever comes to one of these places first kills itself there
 * with SIGKILL and is started again. The emulator's own record is the judge.
 */
const nights: [string, string[]][] = [
  [
    'on its way to the service',
    [
      'after commit of escalation.resolveStep',
      'before commit of call.dial',
      'before createCall',
      'before job call.hangUp',
      'before commit of escalation.tellOver',
    ],
  ],
  [
    'on its way back',
    [
      'before job escalation.resolveStep',
      'after commit of call.dial',
      'after createCall',
      'before commit of call.hangUp',
      'before job escalation.tellOver',
    ],
  ],
];

const user = (name: string): object => ({ user: name });
const ladder = {
  summary: 'Checkout errors over 5 %',
  steps: [
    { targets: [user('Adele Vance'), user('Megan Bowen')] },
    { targets: [user('Alex Wilber')], ringTimeoutSeconds: 5 },
    { targets: [user('Diego Siciliani'), user('Chris Red')], mode: 'parallel', ringTimeoutSeconds: 60 },
    { targets: [user('Nestor Wilke')] },
  ],
};

interface EscalationAnswer {
  status: string;
  acknowledgedBy: { name: string; way: string } | null;
  calls: CallAnswer[];
}

function people(emulator: Emulator): void {
  emulator.people.add({ displayName: 'Chris Red', script: { noAnswer: true } });
  emulator.people.script('Adele Vance', { declines: { afterMs: 300 } });
  emulator.people.script('Megan Bowen', { busy: true });
  emulator.people.script('Alex Wilber', { noAnswer: true });
  emulator.people.script('Diego Siciliani', {
    answers: { afterMs: 200, listens: true, presses: [{ tone: 'one', afterMs: 300 }] },
  });
}

/** Starts it as a program does that wants it: the same again, until it is told that it is stored. */
async function start(address: string): Promise<string> {
  let id = '';
  await until(async () => {
    const answer = await fetch(`${address}/api/v1/escalations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': 'checkout',
        connection: 'close',
      },
      body: JSON.stringify(ladder),
    }).catch(() => null);
    if (answer?.status === 202) ({ id } = (await answer.json()) as { id: string });
    return id !== '';
  }, 'the escalation is stored');
  return id;
}

describe('two processes, killed again and again in the middle of a ladder', function () {
  onPostgres((_open, freshUrl) => {
    for (const [name, places] of nights) it(name, async () => await live(places, await freshUrl()));
  });
});

async function live(places: string[], url: string): Promise<void> {
  const emulator = createEmulator({ timings: { perCharacterMs: 2, failureMs: 300 } });
  people(emulator);
  await emulator.start();
  afterTest(async () => await emulator.stop());
  const ports: number[] = [];
  const balancer = await startBalancer(ports);
  afterTest(async () => await balancer.stop());
  const address = `http://127.0.0.1:${balancer.port}`;
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-ladder-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  const more = {
    PUBLIC_URL: address,
    TEAMS_SERVICE_URL: emulator.addresses.connectorUrl,
    DTMF_ACKNOWLEDGE: 'on',
    CRASH_PLACES: places.join(','),
    CRASH_FOLDER: folder,
  };
  const bots = await Promise.all([1, 2].map(async () => await botProcess(emulator, { url }, more)));
  for (const bot of bots) await bot.start();
  ports.push(...bots.map((bot) => Number(new URL(bot.url).port)));
  emulator.channel.connect(`${address}/api/messages`);
  const keeping = new AbortController();
  const kept = bots.map(async (bot) => await keepAlive(bot, keeping.signal));
  afterTest(async () => {
    keeping.abort();
    await Promise.all(kept);
    for (const bot of bots) await bot.stop();
  });

  const id = await start(address);
  const called = (): (string | null)[] => emulator.calls.list().map(({ target }) => target.displayName);
  await until(() => called().includes('Alex Wilber'), 'the ladder has come to Alex');
  await until(() => called().includes('Diego Siciliani'), 'the ladder has come to Diego');
  let now: EscalationAnswer | null = null;
  const isOver = async (): Promise<boolean> => {
    const asked = bots.map(async (bot) => (await bot.get(`/api/v1/escalations/${id}`)) as EscalationAnswer);
    now = await Promise.any(asked).catch(() => null);
    return now !== null && now.status !== 'open' && now.calls.every(({ status }) => status === 'ended');
  };
  await until(isOver, 'the ladder has ended');
  const end: EscalationAnswer = now ?? assert.fail('it was read');

  assert.deepEqual(readdirSync(folder).toSorted(), places.toSorted(), 'it was killed at each place');
  assert.deepEqual(
    [
      called().slice(0, 3),
      called()
        .slice(3)
        .toSorted((a, b) => String(a).localeCompare(String(b))),
    ],
    [
      ['Adele Vance', 'Megan Bowen', 'Alex Wilber'],
      ['Chris Red', 'Diego Siciliani'],
    ],
    'nobody was called twice, nobody skipped, nobody after the acknowledgement',
  );
  assert.equal(end.status, 'acknowledged');
  assert.deepEqual([end.acknowledgedBy?.name, end.acknowledgedBy?.way], ['Diego Siciliani', 'keys']);
  assert.deepEqual(Object.fromEntries(end.calls.map((call) => [call.target.displayName, call.disposition])), {
    'Adele Vance': 'declined',
    'Megan Bowen': 'busy',
    'Alex Wilber': 'no_answer',
    'Diego Siciliani': 'acknowledged',
    'Chris Red': 'cancelled',
  });
  const ringing = emulator.people.list().filter((person) => emulator.phone(person.id).incoming() !== null);
  assert.deepEqual(ringing, [], 'no phone rings on');
}

/** Starts it again whenever it was killed. */
async function keepAlive(bot: BotProcess, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await until(() => signal.aborted || bot.hasEnded, '').catch(() => undefined);
    if (!signal.aborted && bot.hasEnded) await bot.start().catch(() => undefined);
  }
}
