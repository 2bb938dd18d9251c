import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { API_KEY, NO_LIMITS, startBot, type BenchBot } from './bots.ts';
import { onEach, type DatabaseName, type Where } from './databases.ts';
import { closedLoop, post } from './load.ts';
import type { Part, Run } from './part.ts';
import { round, spreadOf, type Spread } from './tables.ts';
import { Arrivals, startTelephony } from './telephony.ts';

/** Takes an alert. @returns the status of the answer, and how long it took in milliseconds */
async function send(bot: BenchBot, policy: string, name: string): Promise<{ status: number; ms: number }> {
  const begin = performance.now();
  const { status } = await post(
    `${bot.url}/api/v1/alerts/alertmanager/${policy}`,
    { authorization: `Bearer ${API_KEY}` },
    {
      version: '4',
      groupKey: '{}:{alertname="Bench"}',
      status: 'firing',
      receiver: 'ringdown',
      groupLabels: { alertname: 'Bench' },
      commonLabels: { severity: 'critical' },
      commonAnnotations: {},
      externalURL: 'https://alertmanager.contoso.example',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'Bench', instance: name, severity: 'critical' },
          annotations: { summary: name },
          startsAt: '2026-03-02T03:00:00Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'https://prometheus.contoso.example/graph',
          fingerprint: name,
        },
      ],
    },
  );
  return { status, ms: performance.now() - begin };
}

interface Ladder {
  database: DatabaseName;
  atOnce: number;
  taken: Spread;
  called: Spread;
}

/** Part e: from the alert to `createCall` at the service. */
export const alerts: Part = {
  name: 'e-alerts',
  title: 'Alert to createCall',
  async run(run) {
    const { short, print } = run;
    const rounds: readonly [atOnce: number, count: number][] = short
      ? [
          [1, 3],
          [10, 10],
        ]
      : [
          [1, 60],
          [100, 300],
        ];
    const warmUp = short ? 2 : 50;
    const count = warmUp + rounds.reduce((sum, [, samples]) => sum + samples, 0);
    const measured: Ladder[] = [];
    const wrong: string[] = [];
    await onEach(
      async (database, where) => {
        // Each alert has a policy and a person of its own: nothing is bundled, and nobody's phone is busy.
        const { emulator, callees } = await startTelephony(run, count, { declines: { afterMs: 50 } });
        const arrivals = new Arrivals(emulator);
        const policies = callees.map(({ id }, at) => `  p${at}: {steps: [{targets: [{user: ${id}}]}]}\n`);
        const yaml = `${NO_LIMITS}policies:\n${policies.join('')}`;
        let bot: BenchBot | null = null;
        try {
          const running = await startBot({ emulator: emulator.addresses, database: where, yaml });
          bot = running;
          let next = 0;
          const measure = async (atOnce: number, samples: number) => {
            const [taken, called]: [number[], number[]] = [[], []];
            await closedLoop(
              atOnce,
              (begun) => begun >= samples,
              async () => {
                const number = next++;
                const arrival = arrivals.next(callees[number]?.id ?? '');
                const begin = performance.now();
                const { status, ms } = await send(running, `p${number}`, `alert ${number}`);
                if (status !== 202) wrong.push(`${database}: alert ${number} was answered ${status}`);
                taken.push(ms);
                const at = await arrival;
                if (at === null) wrong.push(`${database}: no call for alert ${number}`);
                else called.push(at - begin);
              },
            );
            return { taken: spreadOf(taken), called: spreadOf(called) };
          };
          await measure(10, warmUp);
          for (const [atOnce, samples] of rounds) {
            const { taken, called } = await measure(atOnce, samples);
            measured.push({ database, atOnce, taken, called });
            print(`${database}, ${atOnce} at once: createCall after ${called.p50} ms, p99 ${called.p99} ms`);
          }
          for (const [id, times] of arrivals.counts) {
            if (times !== 1) wrong.push(`${database}: ${id} was called ${times} times`);
          }
        } finally {
          await bot?.stop();
          await emulator.stop();
        }
      },
      short ? ['PostgreSQL'] : undefined,
    );
    return {
      tables: [
        {
          title: 'Milliseconds from the alert to 202, and to createCall',
          columns: [
            'database',
            'at once',
            'alerts',
            '202 p50',
            '202 p99',
            'createCall p50',
            'createCall p99',
          ],
          rows: measured.map(({ database, atOnce, taken, called }) => [
            database,
            atOnce,
            taken.count,
            taken.p50,
            taken.p99,
            called.p50,
            called.p99,
          ]),
        },
      ],
      figures: { measured },
      wrong,
    };
  },
};

interface Storm {
  database: DatabaseName;
  alerts: number;
  /** Seconds until the last was taken; until all were worked on. */
  sentSeconds: number;
  workedSeconds: number;
  taken: Spread;
  calls: number;
}

const listSchema = z.object({ items: z.array(z.object({ id: z.string(), summary: z.string() })) });

/** Part f: different alerts of one policy, as fast as they are taken; at most 1,000 a second. */
export const storm: Part = {
  name: 'f-storm',
  title: 'A storm of 10,000 alerts for one policy',
  async run(run) {
    const total = run.short ? 200 : 10_000;
    const measured: Storm[] = [];
    const wrong: string[] = [];
    await onEach(
      async (database, where) => {
        measured.push(await stormOn(run, database, where, total, wrong));
      },
      run.short ? ['PGlite'] : undefined,
    );
    return {
      tables: [
        {
          title: `${total} different alerts for one policy, offered within ${total / 1000} s by 100 senders`,
          columns: ['database', 'taken within', 'worked on within', '202 p50', '202 p99', 'calls'],
          rows: measured.map(({ database, sentSeconds, workedSeconds, taken, calls }) => [
            database,
            `${sentSeconds} s`,
            `${workedSeconds} s`,
            `${taken.p50} ms`,
            `${taken.p99} ms`,
            calls,
          ]),
        },
      ],
      figures: { measured },
      wrong,
    };
  },
};

const RATE_PER_MS = 1;
const PATIENCE_MS = 10 * 60_000;

async function stormOn(
  run: Run,
  database: DatabaseName,
  where: Where,
  total: number,
  wrong: string[],
): Promise<Storm> {
  // Nobody answers for longer than the storm takes: alerts that join must not start another call.
  const { emulator, callees } = await startTelephony(run, 1, { byHand: true });
  const arrivals = new Arrivals(emulator);
  const [callee] = callees;
  const yaml = `${NO_LIMITS}policies:\n  web: {steps: [{targets: [{user: ${callee?.id ?? ''}}], ringTimeoutSeconds: 120, tries: 1}]}\n`;
  const bot = await startBot({ emulator: emulator.addresses, database: where, yaml });
  try {
    const taken: number[] = [];
    const begin = performance.now();
    let refused = 0;
    await closedLoop(
      100,
      (begun) => begun >= total,
      async (number) => {
        const early = begin + number / RATE_PER_MS - performance.now();
        if (early > 1) await pause(early);
        const { status, ms } = await send(bot, 'web', `alert ${number}`);
        taken.push(ms);
        if (status !== 202) refused += 1;
      },
    );
    const sentSeconds = seconds(begin);
    run.print(`${database}: ${total} taken within ${sentSeconds} s`);
    if (refused > 0) wrong.push(`${database}: ${refused} alerts were not taken`);

    let listed = 0;
    let escalations = 0;
    while (listed < total && performance.now() - begin < PATIENCE_MS) {
      const summaries = await summariesOf(bot);
      escalations = summaries.length;
      listed = summaries.reduce((sum, summary) => sum + alertsIn(summary), 0);
      if (listed < total) await pause(100);
    }
    const workedSeconds = seconds(begin);
    if (listed !== total) wrong.push(`${database}: ${total} were taken, and ${listed} are on cards`);
    // The first call may wait for its turn still.
    for (let waited = 0; arrivals.total === 0 && waited < 60_000; waited += 100) await pause(100);
    const calls = arrivals.total;
    if (calls === 0) wrong.push(`${database}: nobody was called`);
    // After a call that nobody answered, only a later alert calls that phone again.
    if (escalations === 1 && calls !== 1) wrong.push(`${database}: ${calls} calls for one escalation`);
    run.print(`${database}: worked on within ${workedSeconds} s, ${escalations} escalations, ${calls} calls`);
    return { database, alerts: total, sentSeconds, workedSeconds, taken: spreadOf(taken), calls };
  } finally {
    await bot.stop();
    await emulator.stop();
  }
}

async function summariesOf(bot: BenchBot): Promise<string[]> {
  const response = await fetch(`${bot.url}/api/v1/escalations?limit=200`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  return listSchema.parse(await response.json()).items.map(({ summary }) => summary);
}

/** "10,000 alerts: …" stands for as many, all else for one. */
function alertsIn(summary: string): number {
  const many = /^([\d,]+) alerts: /.exec(summary)?.[1];
  return many === undefined ? 1 : Number(many.replaceAll(',', ''));
}

function seconds(since: number): number {
  return round((performance.now() - since) / 1000);
}
