import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startBot, type BenchBot } from './bots.ts';
import { onPostgres, type DatabaseName, type Where } from './databases.ts';
import { closedLoop } from './load.ts';
import type { Aim, Part, Run } from './part.ts';
import { round } from './tables.ts';
import { Arrivals, place, startTelephony } from './telephony.ts';

interface Measured {
  database: DatabaseName;
  replicas: number;
  /** Calls that were taken, and that came to the service, in the window. */
  taken: number;
  perSecond: number;
  /** Seconds from the end of the window until the last of those that were taken was placed. */
  behindSeconds: number;
}

const SENDERS = 50;
const PATIENCE_MS = 120_000;

/** Part b: calls wanted by programs, as fast as they are taken; how many of them come to the service meanwhile. */
export const throughput: Part = {
  name: 'b',
  title: 'Calls placed per second',
  notShort: true,
  async run(run) {
    const measured: Measured[] = [];
    const wrong: string[] = [];
    let insertsPerSecond = 0;
    measured.push(await measure(run, 'PGlite', 'memory', 1, wrong));
    await onPostgres(async (fresh) => {
      insertsPerSecond = await bareInserts(await fresh(), run.short ? 500 : 3_000);
      for (const replicas of run.short ? [2] : [1, 2]) {
        measured.push(await measure(run, 'PostgreSQL', { url: await fresh() }, replicas, wrong));
      }
    });
    return {
      tables: [
        {
          title: `Calls per second, ${SENDERS} programs at once; the same PostgreSQL takes ${insertsPerSecond} bare INSERTs a second`,
          columns: ['database', 'replicas', 'taken', 'placed per second', 'the last placed after'],
          rows: measured.map(({ database, replicas, taken, perSecond, behindSeconds }) => [
            database,
            replicas,
            taken,
            perSecond,
            `${behindSeconds} s`,
          ]),
        },
      ],
      aims: run.short ? [] : aims(measured),
      figures: { measured, insertsPerSecond },
      wrong,
    };
  },
};

async function measure(
  run: Run,
  database: DatabaseName,
  where: Where,
  replicas: number,
  wrong: string[],
): Promise<Measured> {
  const windowMs = run.short ? 1_500 : 30_000;
  // Everybody declines at once, and can be called again.
  const { emulator, callees } = await startTelephony(run, 4_000, { declines: { afterMs: 20 } });
  const arrivals = new Arrivals(emulator);
  const bots: BenchBot[] = [];
  try {
    for (let replica = 0; replica < replicas; replica++) {
      bots.push(await startBot({ emulator: emulator.addresses, database: where }));
    }
    const begin = performance.now();
    let taken = 0;
    await closedLoop(
      SENDERS,
      () => performance.now() - begin > windowMs,
      async (number) => {
        const [bot, callee] = [bots[number % bots.length], callees[number % callees.length]];
        if (!bot || !callee) return;
        const status = await place(bot, callee);
        if (status === 202) taken += 1;
        else if (status !== 503) wrong.push(`${database}: a call was answered ${status}`);
      },
    );
    const perSecond = round((arrivals.total * 1000) / (performance.now() - begin));
    const end = performance.now();
    while (arrivals.total < taken && performance.now() - end < PATIENCE_MS) await pause(50);
    if (arrivals.total !== taken)
      wrong.push(`${database}: ${taken} calls were taken, and ${arrivals.total} placed`);
    const behindSeconds = round((performance.now() - end) / 1000);
    run.print(`${database}, ${replicas} replicas: ${perSecond} a second, the last after ${behindSeconds} s`);
    return { database, replicas, taken, perSecond, behindSeconds };
  } finally {
    for (const bot of bots) await bot.stop();
    await emulator.stop();
  }
}

/** What the server itself does: one small row at a time, on as many connections as Ringdown has. */
async function bareInserts(connectionString: string, windowMs: number): Promise<number> {
  const pool = new pg.Pool({ connectionString, max: 10 });
  try {
    await pool.query('CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz, what text)');
    const begin = performance.now();
    let done = 0;
    await closedLoop(
      10,
      () => performance.now() - begin > windowMs,
      async () => {
        await pool.query(`INSERT INTO bare (at, what) VALUES (now(), 'something that happened')`);
        done += 1;
      },
    );
    return Math.round((done * 1000) / (performance.now() - begin));
  } finally {
    await pool.end();
  }
}

function aims(measured: readonly Measured[]): Aim[] {
  const aimed: Record<DatabaseName, number> = { PGlite: 200, PostgreSQL: 400 };
  return Object.entries(aimed).map(([name, least]) => {
    const best = Math.max(
      ...measured.filter(({ database }) => database === name).map(({ perSecond }) => perSecond),
    );
    return { aim: `b: ${least} calls a second on ${name}`, measured: String(best), met: best >= least };
  });
}
