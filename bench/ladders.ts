import { setTimeout as pause } from 'node:timers/promises';
import { API_KEY, NO_LIMITS, startBot } from './bots.ts';
import { onEach, type DatabaseName } from './databases.ts';
import { closedLoop, post } from './load.ts';
import type { Aim, Part } from './part.ts';
import { round, spreadOf, type Spread } from './tables.ts';
import { Arrivals, startTelephony } from './telephony.ts';

interface Ladders {
  database: DatabaseName;
  /** Seconds until the last request was answered, and until the last first call was at the service. */
  takenSeconds: number;
  calledSeconds: number;
  /** Milliseconds after the step was due. */
  late: Spread;
}

/** Started a second, so that what is measured is no backlog. */
const RATE = 6;
/** Longest from the start of all to the last second step; then something is lost. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Part e, the ladders: many escalations are open. Who is called first declines; the next step is due after a pause, and
 * its lateness is what is measured.
 */
export const ladders: Part = {
  name: 'e-ladder',
  title: 'Lateness of ladder steps',
  notShort: true,
  async run(run) {
    const count = Number(run.options['calls'] ?? (run.short ? 20 : 1_000));
    // All are open before the first of the second steps is due.
    const pauseSeconds = Math.ceil(count / RATE) + (run.short ? 2 : 10);
    const measured: Ladders[] = [];
    const wrong: string[] = [];
    await onEach(async (database, where) => {
      const declines = { declines: { afterMs: 50 } };
      const { emulator, callees } = await startTelephony(run, 2 * count, declines);
      const arrivals = new Arrivals(emulator);
      const policies = callees.slice(0, count).map(({ id }, at) => {
        const first = `{targets: [{user: ${id}}], pauseSeconds: ${pauseSeconds}}`;
        return `  p${at}: {steps: [${first}, {targets: [{user: ${callees[count + at]?.id}}]}]}\n`;
      });
      const yaml = `${NO_LIMITS}policies:\n${policies.join('')}`;
      const bot = await startBot({ emulator: emulator.addresses, database: where, yaml });
      try {
        const declinedAt = new Map<string, number>();
        emulator.changes.subscribe((change) => {
          if (change.type === 'phone' && change.what === 'declined' && !declinedAt.has(change.personId))
            declinedAt.set(change.personId, performance.now());
        });
        const begin = performance.now();
        const firsts = callees.slice(0, count).map(async ({ id }) => await arrivals.next(id, PATIENCE_MS));
        const seconds = callees.slice(count).map(async ({ id }) => await arrivals.next(id, PATIENCE_MS));
        await closedLoop(
          20,
          (begun) => begun >= count,
          async (number) => {
            const early = begin + (number * 1000) / RATE - performance.now();
            if (early > 1) await pause(early);
            const { status } = await post(
              `${bot.url}/api/v1/escalations`,
              { authorization: `Bearer ${API_KEY}` },
              { policy: `p${number}`, summary: `Alert ${number}` },
            );
            if (status !== 202) wrong.push(`${database}: escalation ${number} was answered ${status}`);
          },
        );
        const takenSeconds = round((performance.now() - begin) / 1000);
        const calledSeconds = round((Math.max(...known(await Promise.all(firsts))) - begin) / 1000);
        run.print(`${database}: ${count} taken within ${takenSeconds} s, called within ${calledSeconds} s`);
        const late = (await Promise.all(seconds)).flatMap((at, number) => {
          const declined = declinedAt.get(callees[number]?.id ?? '');
          return at === null || declined === undefined ? [] : [at - declined - pauseSeconds * 1000];
        });
        if (late.length < count) wrong.push(`${database}: ${count - late.length} second steps did not come`);
        const early = late.filter((ms) => ms < 0).length;
        if (early > 0) wrong.push(`${database}: ${early} steps came before their time`);
        const twice = [...arrivals.counts.values()].filter((times) => times !== 1).length;
        if (twice > 0) wrong.push(`${database}: ${twice} people were not called once`);
        measured.push({ database, takenSeconds, calledSeconds, late: spreadOf(late) });
      } finally {
        await bot.stop();
        await emulator.stop();
      }
    });
    return {
      tables: [
        {
          title: `${count} escalations, started ${RATE} a second, the second step due ${pauseSeconds} s after the first call was declined`,
          columns: ['database', 'taken within', 'called within', 'late ms p50', 'late ms p95', 'late ms p99'],
          rows: measured.map(({ database, takenSeconds, calledSeconds, late }) => [
            database,
            `${takenSeconds} s`,
            `${calledSeconds} s`,
            late.p50,
            late.p95,
            late.p99,
          ]),
        },
      ],
      aims: run.short
        ? []
        : measured.map(({ database, late }): Aim => {
            const met = late.p99 <= 1_000;
            return { aim: `e: steps at most 1 s late at p99, ${database}`, measured: `${late.p99} ms`, met };
          }),
      figures: { measured },
      wrong,
    };
  },
};

function known(times: readonly (number | null)[]): number[] {
  return times.filter((at) => at !== null);
}
