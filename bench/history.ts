import { sql as raw } from 'kysely';
import { openDatabase } from '../src/database/open.ts';
import { addManyCalls, person, RARE_POLICY } from '../test/support/console/manyCalls.ts';
import { consolePerson } from '../test/support/console/person.ts';
import { startWorld } from '../test/support/world.ts';
import { onEach } from './databases.ts';
import type { Part } from './part.ts';
import { spreadOf, type Spread } from './tables.ts';

const CALLS = { full: 1_000_000, short: 20_000 };
/** A page of 50 in this time, with a million calls. */
const AIM_MS = 100;
/** Filling the tables takes minutes. Milliseconds. */
const PATIENT = { pause: 900_000, connect: 900_000, turn: 900_000, answer: 900_000 };
const READER = 'Alex Wilber';

/** A moment in the middle of the year that the calls fill. */
const DEEP = 'until=2026-05-31';
const searches: Readonly<Record<string, string>> = {
  'all calls': '/calls',
  'all calls, half a year ago': `/calls?${DEEP}`,
  'a person': `/calls?person=${person(1200).name}`,
  'a part of a name': '/calls?person=family12',
  'a name that nobody has': '/calls?person=zzz',
  'a policy': '/calls?policy=policy3',
  'a rare policy': `/calls?policy=${RARE_POLICY}`,
  'a policy, half a year ago': `/calls?policy=policy3&${DEEP}`,
  'a rare disposition': '/calls?disposition=not_allowed',
  'a rare disposition of many people': '/calls?person=given&disposition=not_allowed',
  'a result code': '/calls?code=480',
  'a result code that does not occur': '/calls?code=999',
  'all escalations': '/escalations',
  'exhausted escalations': '/escalations?status=exhausted',
  'escalations of a rare policy': `/escalations?policy=${RARE_POLICY}`,
  'escalations of a person': `/escalations?person=${person(1200).name}`,
};

interface Measured {
  database: string;
  search: string;
  times: Spread;
}

/** Part j: a page of the console's History, over HTTP, when the database has a million calls. */
export const history: Part = {
  name: 'j',
  title: 'A page of History among 1,000,000 calls',
  notShort: true,
  async run({ short, print }) {
    const calls = short ? CALLS.short : CALLS.full;
    const wrong: string[] = [];
    const measured: Measured[] = [];
    await onEach(async (name, where) => {
      const url = where === 'memory' ? 'memory:' : where.url;
      const database = await openDatabase({ url, dataDir: '', limits: PATIENT });
      const begin = performance.now();
      await database.sql.transaction().execute(async (trx) => {
        await raw`SET LOCAL statement_timeout = 0`.execute(trx);
        await addManyCalls(trx, { calls, until: '2026-11-30T12:00:00.000Z', days: 365, people: 2_000 });
        // On a server autovacuum does it.
        await raw`ANALYZE`.execute(trx);
      });
      await database.vacuum?.();
      print(`${name}: ${calls} calls made in ${Math.round((performance.now() - begin) / 1000)} s`);
      const world = await startWorld({
        database,
        clock: 'real',
        yaml: 'permissions:\n  console:\n    readers:\n      - user: alex@contoso.example\n',
      });
      try {
        const reader = consolePerson(world, READER);
        for (const [search, path] of Object.entries(searches)) {
          const times: number[] = [];
          // The first is not counted: it prepares the statement.
          for (let time = 0; time <= (short ? 2 : 10); time += 1) {
            const sent = performance.now();
            const { status } = await reader.get(path);
            if (time > 0) times.push(performance.now() - sent);
            if (status !== 200) wrong.push(`${name}, ${search}: ${status}`);
          }
          measured.push({ database: name, search, times: spreadOf(times) });
          print(`${name}, ${search}: ${spreadOf(times).p50} ms`);
        }
      } finally {
        await world.stop();
        await database.close();
      }
    });
    const slowest = measured.toSorted((one, other) => other.times.p50 - one.times.p50)[0];
    return {
      tables: [
        {
          title: `Milliseconds for a page of 50 of ${calls} calls, over HTTP, one after another`,
          columns: ['database', 'search', 'p50', 'p99'],
          rows: measured.map(({ database, search, times }) => [database, search, times.p50, times.p99]),
        },
      ],
      aims: short
        ? []
        : [
            {
              aim: `j: each search at most ${AIM_MS} ms`,
              measured: `${slowest?.times.p50} ms (${slowest?.database}, ${slowest?.search})`,
              met: (slowest?.times.p50 ?? Infinity) <= AIM_MS,
            },
          ],
      figures: { calls, measured },
      wrong,
    };
  },
};
