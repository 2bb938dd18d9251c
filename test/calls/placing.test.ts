import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Requester, Target } from '../../src/calls/call.ts';
import { CallService } from '../../src/calls/callService.ts';
import { lockKeys, phoneKey } from '../../src/calls/phones.ts';
import type { Placed, Wanted } from '../../src/calls/placeCall.ts';
import { view } from '../../src/calls/lifecycle/lifecycle.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { NoConnection } from '../../src/database/away.ts';
import type { Database } from '../../src/database/open.ts';
import type { Transact } from '../../src/database/transaction.ts';
import { RingdownError } from '../../src/errors.ts';
import { Audit, recordingRefusals } from '../../src/permissions/audit.ts';
import { limitsOf } from '../../src/permissions/callLimits.ts';
import { OptOuts } from '../../src/permissions/optOuts.ts';
import { Permissions } from '../../src/permissions/permissions.ts';
import { NotPermitted } from '../../src/permissions/refusal.ts';
import { testClock } from '../support/clock.ts';
import { counted } from '../support/counted.ts';
import { forEachDatabase, onPostgres } from '../support/databases.ts';
import { plainTransact } from '../support/plainTransact.ts';

const target = (id: string): Target => ({ kind: 'teamsUser', id, displayName: id });
const chat = (name: string): Requester => ({ kind: 'chat', key: name, name, objectId: name });
const wish = (caller: string, callee: string, more: Partial<Wanted> = {}): Wanted => ({
  target: target(callee),
  requestedBy: chat(caller),
  purpose: { kind: 'speak', message: 'The build is red' },
  language: 'en',
  ...more,
});

/** One of several processes on a database. */
function replicaOn(database: Database, limits = '{}') {
  const clock = testClock();
  const ringdown = readRingdownYaml(`limits: ${limits}`, {});
  const audit = new Audit(database.sql, clock);
  const optOuts = new OptOuts(database.sql, clock);
  const plain = recordingRefusals(plainTransact(database), audit);
  const process = { optOuts, transactions: 0, fail: (): void => undefined };
  const transact: Transact = async (change) => {
    process.transactions += 1;
    process.fail();
    return await plain(change);
  };
  const calls = new CallService({
    database,
    transact,
    clock,
    ringTimeoutSeconds: 45,
    // No call waits for its turn: the clock stands still.
    createCallsPerSecond: 1_000_000,
  });
  const nobody = { get: async () => null, isMemberOf: async () => new Set<string>() };
  calls.placing.guardWith(
    new Permissions({
      database,
      audit,
      clock,
      optOuts,
      directory: { ...nobody, find: async () => ({ kind: 'none', suggestions: [] }) },
      ringdown: () => ringdown,
    }),
  );
  /** What becomes of a request: `dialing` and `queued` are states of a fresh call. */
  const outcomeOf = async (wanted: Wanted): Promise<string> =>
    await calls.placing.place(wanted).then(
      (placed) => (placed ? wordOf(placed) : 'nothing'),
      (error: unknown) => {
        if (error instanceof NotPermitted) return error.words.reason;
        return error instanceof Error ? error.message : 'failed';
      },
    );
  const outcomes = async (wanted: readonly Wanted[]): Promise<string[]> =>
    await Promise.all(wanted.map(outcomeOf));
  return Object.assign(process, { calls, clock, outcomes });
}

function wordOf({ how, call }: Placed): string {
  return how === 'fresh' ? view(call).status : how;
}

describe('requests to place calls that arrive together', () => {
  forEachDatabase((open) => {
    it('share a transaction, which has as many statements as for one', async () => {
      const { database, since } = counted(await open());
      const process = replicaOn(database);
      const several = (count: number, of: string): Wanted[] =>
        Array.from({ length: count }, (_, n) => wish(`caller ${n} ${of}`, `callee ${n} ${of}`));
      // The first calls of all make what later ones find.
      await process.outcomes(several(1, 'at first'));
      await process.outcomes(several(1, 'then'));
      since();
      await process.outcomes(several(1, 'alone'));
      const forOne = since();
      process.transactions = 0;
      assert.deepEqual(new Set(await process.outcomes(several(20, 'together'))), new Set(['dialing']));
      assert.deepEqual([process.transactions, since()], [1, forOne]);
      assert.equal((await process.calls.list({ limit: 100 })).length, 23);
    });

    const cases: { title: string; limits?: string; wanted: Wanted[]; came: string[] }[] = [
      {
        title: 'ring one phone for one call at a time',
        wanted: [wish('megan', 'adele'), wish('lee', 'adele'), wish('lee', 'alex')],
        came: ['dialing', 'queued', 'dialing'],
      },
      {
        title: 'reach the limit of a caller',
        limits: '{perCaller: 2/1h}',
        wanted: [
          ...['adele', 'alex', 'diego', 'nestor'].map((callee) => wish('megan', callee)),
          wish('lee', 'isaiah'),
        ],
        came: ['dialing', 'dialing', 'perCaller', 'perCaller', 'dialing'],
      },
      {
        title: 'reach the limit of a callee, for whom calls to themselves do not count',
        limits: '{perCallee: 1/1h}',
        wanted: [wish('adele', 'adele'), wish('megan', 'adele'), wish('lee', 'adele'), wish('lee', 'alex')],
        came: ['dialing', 'queued', 'perCallee', 'dialing'],
      },
      {
        title: 'place one call for the same request',
        wanted: [
          wish('megan', 'adele', { requestKey: 'one' }),
          wish('megan', 'adele', { requestKey: 'one' }),
          wish('megan', 'alex', { requestKey: 'another' }),
        ],
        came: ['dialing', 'repeated', 'dialing'],
      },
      {
        title: 'lead the same person to the call that was placed together with theirs',
        wanted: [
          wish('megan', 'adele', { oncePerRequester: true }),
          wish('megan', 'adele', { oncePerRequester: true }),
          wish('lee', 'adele', { oncePerRequester: true }),
        ],
        came: ['dialing', 'running', 'queued'],
      },
      {
        title: 'place nothing for one whose caller does not admit it, or refuses it, and place the others',
        wanted: [
          wish('megan', 'adele', { also: { admit: async () => false } }),
          wish('megan', 'alex', {
            also: {
              admit: async () => {
                throw new RingdownError('unavailable');
              },
            },
          }),
          wish('lee', 'adele'),
        ],
        came: ['nothing', new RingdownError('unavailable').message, 'dialing'],
      },
      {
        title: 'store the others if one cannot be stored',
        wanted: [
          wish('megan', 'adele'),
          wish('lee', 'alex', {
            also: {
              placed: (work) =>
                work.last('broken', raw`INSERT INTO settings (name, value) VALUES (NULL, '{}')`),
            },
          }),
          wish('alex', 'diego'),
        ],
        came: ['dialing', 'broken', 'dialing'],
      },
    ];
    for (const { title, limits, wanted, came } of cases) {
      it(title, async () => {
        const { calls, outcomes } = replicaOn(await open(), limits);
        const found = await outcomes(wanted);
        assert.deepEqual(
          found.map((one) => (one.includes('null value') ? 'broken' : one)),
          came,
        );
        const fresh = came.filter((one) => one === 'dialing' || one === 'queued');
        assert.equal((await calls.list({ limit: 100 })).length, fresh.length);
      });
    }

    it('heed what was committed just before: an opt-out, calls that use up a limit, a phone that is taken', async () => {
      const database = await open();
      const { optOuts, outcomes } = replicaOn(database, '{perCaller: 2/1h}');
      await outcomes([wish('megan', 'adele')]);
      await optOuts.stop({ ...chat('nestor'), objectId: 'nestor' });
      await optOuts.stop({ ...chat('isaiah'), objectId: 'isaiah' });
      await optOuts.forgetIn(database.sql, 'isaiah');
      const wanted = [
        wish('lee', 'Nestor'),
        wish('lee', 'isaiah'),
        wish('nestor', 'nestor'),
        wish('megan', 'alex'),
        wish('megan', 'diego'),
        wish('lee', 'adele'),
      ];
      assert.deepEqual(await outcomes(wanted), [
        'optedOut',
        'optedOut',
        'dialing',
        'dialing',
        'perCaller',
        'queued',
      ]);
    });

    it('are recorded in the audit, each that was refused', async () => {
      const database = await open();
      await replicaOn(database, '{perCaller: 1/1h}').outcomes(
        ['adele', 'alex', 'diego'].map((callee) => wish('megan', callee)),
      );
      const rows = await database.sql.selectFrom('audit').select(['whom', 'why']).orderBy('whom').execute();
      assert.deepEqual(rows, [
        { whom: 'teamsUser:alex', why: 'perCaller' },
        { whom: 'teamsUser:diego', why: 'perCaller' },
      ]);
    });

    it('answer questions about many keys at once', async () => {
      const { outcomes, transactions: _, ...process } = replicaOn(await open());
      let asked = 0;
      const answers: unknown[] = [];
      const ask = (keys: readonly string[]) => {
        asked += 1;
        return raw`(SELECT json_object_agg(key, length(key)) FROM unnest(${[...keys]}::text[]) AS key WHERE key <> 'c')`;
      };
      const wanted = ['a', 'bb', 'c'].map((key) =>
        wish(key, `callee of ${key}`, {
          also: {
            question: { key, ask },
            admit: async (_work, answer) => {
              answers.push(answer);
              return true;
            },
          },
        }),
      );
      assert.deepEqual(await outcomes(wanted), ['dialing', 'dialing', 'dialing']);
      assert.deepEqual([asked, answers], [1, [1, 2, undefined]]);
      assert.equal((await process.calls.list({ limit: 10 })).length, 3);
    });

    it('all fail at once while the database is away', async () => {
      const process = replicaOn(await open());
      process.fail = () => {
        throw new NoConnection(new Error('away'));
      };
      const came = await process.outcomes(
        Array.from({ length: 5 }, (_, n) => wish(`caller ${n}`, `callee ${n}`)),
      );
      assert.deepEqual(came, Array<string>(5).fill('away'));
      assert.equal(process.transactions, 1);
    });
  });

  onPostgres((open, freshUrl) => {
    it('do not wait for a limit or a phone that another replica has locked', async () => {
      const url = await freshUrl();
      const process = replicaOn(await open(url), '{perCaller: 5/1h}');
      const elsewhere = await open(url);
      const letGo = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const holding = elsewhere.sql.transaction().execute(async (sql) => {
        const phones = [phoneKey(target('alex')) ?? ''];
        await lockKeys(
          { sql, isEmbedded: false },
          { limits: limitsOf(wish('megan', 'adele')), phones },
          { limits: true, phones: true },
        );
        locked.resolve();
        await letGo.promise;
      });
      await locked.promise;
      let isOver = false;
      const waits = Promise.all(
        [wish('megan', 'diego'), wish('nestor', 'adele')].map(async (one) => await process.outcomes([one])),
      );
      const others = process.outcomes([wish('lee', 'alex'), wish('lee', 'nestor')]);
      const over = waits.finally(() => (isOver = true));
      // The phone is locked: its job dials later.
      assert.deepEqual(await others, ['queued', 'dialing']);
      assert.deepEqual(await process.outcomes([wish('lee', 'isaiah')]), ['dialing']);
      assert.equal(isOver, false);
      letGo.resolve();
      await holding;
      assert.deepEqual(await over, [['dialing'], ['dialing']]);
    });

    it('ring one phone once if two replicas place calls to it', async () => {
      const url = await freshUrl();
      const limits = '{perCaller: 1000/1h}';
      const replicas = [replicaOn(await open(url), limits), replicaOn(await open(url), limits)];
      for (let round = 0; round < 5; round++) {
        const callees = Array.from({ length: 5 }, (_, n) => `callee ${round}.${n}`);
        const came = await Promise.all(
          replicas.map(
            async ({ outcomes }, nth) =>
              await outcomes(callees.map((callee) => wish(`caller ${nth}`, callee))),
          ),
        );
        for (const [nth, callee] of callees.entries()) {
          const own = came.map((outcomes) => outcomes[nth]);
          // If each finds the phone locked by the other, a job dials.
          assert.ok(own.filter((one) => one === 'dialing').length <= 1, `${callee}: ${own.join(', ')}`);
          assert.deepEqual(new Set([...own, 'dialing', 'queued']), new Set(['dialing', 'queued']));
        }
      }
    });

    it('place one call for one request that two replicas receive', async () => {
      const url = await freshUrl();
      const replicas = [replicaOn(await open(url)), replicaOn(await open(url))];
      const keys = Array.from({ length: 10 }, (_, n) => `request ${n}`);
      const came = await Promise.all(
        replicas.map(
          async ({ outcomes }) =>
            await outcomes(keys.map((requestKey, n) => wish('megan', `callee ${n}`, { requestKey }))),
        ),
      );
      for (const [nth, key] of keys.entries()) {
        const own = came.map((outcomes) => outcomes[nth]);
        assert.equal(own.filter((one) => one === 'repeated').length, 1, `${key}: ${own.join(', ')}`);
      }
      assert.equal((await replicas[0]?.calls.list({ limit: 100 }))?.length, keys.length);
    });
  });
});
