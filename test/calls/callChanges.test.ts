import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import pg from 'pg';
import type { Call, CallEvent, TimelineEntry } from '../../src/calls/call.ts';
import type { CallListener } from '../../src/calls/callListener.ts';
import { CallService } from '../../src/calls/callService.ts';
import { loadCall, lockCall } from '../../src/calls/callStore.ts';
import type { IncomingEvent } from '../../src/calls/happenings.ts';
import { hasEnded, view } from '../../src/calls/lifecycle/lifecycle.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import type { Database } from '../../src/database/open.ts';
import type { Transact, Work } from '../../src/database/transaction.ts';
import { testClock } from '../support/clock.ts';
import { forEachDatabase, onPostgres } from '../support/databases.ts';
import { plainTransact } from '../support/plainTransact.ts';
import { until } from '../support/until.ts';
import { adele, speak, speechNamed } from '../support/calls/stories.ts';

const MANY = 20;
const clock = testClock();
const now = (): string => new Date(clock.now()).toISOString();
let people = 0;

/** One process that takes events. */
function process(database: Database) {
  /** Jobs of transactions that committed. */
  const wanted: JobRequest[] = [];
  /** Called before each commit. */
  const beforeCommit: (() => void)[] = [];
  const counts = { transactions: 0, statements: 0 };
  const plain = plainTransact(database, {
    wanted,
    beforeCommit: () => {
      for (const one of beforeCommit) one();
    },
    plugin: {
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        counts.statements += 1;
        return await Promise.resolve(result);
      },
    },
  });
  const transact: Transact = async (change) => {
    counts.transactions += 1;
    return await plain(change);
  };
  const calls = new CallService({
    database,
    transact,
    clock,
    ringTimeoutSeconds: 45,
    createCallsPerSecond: 10,
  });
  return {
    calls,
    wanted,
    beforeCommit,
    counts,
    jobsOf: (call: Call): string[] =>
      wanted.filter(({ data }) => 'callId' in data && data.callId === call.id).map(({ name }) => name),
    take: async (call: Call, ...events: IncomingEvent[]) =>
      await calls.takeEvents(call.id, secretOf(call), events),
    /** A placed call to a person who has no other. */
    async placed(target = { ...adele, id: `person-${(people += 1)}` }): Promise<Call> {
      const requestedBy = { kind: 'chat', key: 'chat:alex', name: 'Alex Wilber' } as const;
      const { call } = await calls.place({ target, requestedBy, purpose: speak, language: 'en' });
      secrets.set(call.id, (await loadCall(database.sql, call.id))?.callbackSecret ?? '');
      return call;
    },
    /** A call that was sent. */
    async dialled(): Promise<Call> {
      const call = await this.placed();
      assert.ok(await calls.dialling.beginDial(call.id));
      const sent = await calls.apply(call.id, {
        type: 'dialAccepted',
        at: now(),
        correlationId: null,
        callConnectionId: connectionOf(call),
      });
      assert.ok(sent);
      return sent;
    },
    async manyDialled(count = MANY): Promise<Call[]> {
      const all: Call[] = [];
      for (let nth = 0; nth < count; nth++) all.push(await this.dialled());
      counts.transactions = 0;
      counts.statements = 0;
      wanted.splice(0);
      return all;
    },
  };
}

const connectionOf = (call: Call): string => `connection-of-${call.id}`;

const secrets = new Map<string, string>();
const secretOf = ({ id }: Call): string => secrets.get(id) ?? '';

function event(id: string, type: string, meaning: CallEvent | null, body: object = { id }): IncomingEvent {
  return { id, type, at: now(), event: meaning, body };
}
const connected = (call: Call, id = 'connected'): IncomingEvent =>
  event(id, 'CallConnected', {
    type: 'connected',
    at: now(),
    serverCallId: 'server',
    correlationId: 'correlation',
    callConnectionId: connectionOf(call),
  });
const sign = (call: Call, id: string): IncomingEvent =>
  event(id, 'ParticipantsUpdated', {
    type: 'sign',
    at: now(),
    serverCallId: null,
    correlationId: null,
    callConnectionId: connectionOf(call),
  });
const spoken = (call: Call, id = 'spoken'): IncomingEvent =>
  event(id, 'PlayCompleted', {
    type: 'playCompleted',
    at: now(),
    speech: speechNamed('message'),
    callConnectionId: connectionOf(call),
  });
const key = (call: Call, sequenceId: number): IncomingEvent =>
  event(`key ${sequenceId}`, 'ContinuousDtmfRecognitionToneReceived', {
    type: 'tone',
    at: now(),
    tone: 'one',
    sequenceId,
    callConnectionId: connectionOf(call),
  });
const disconnected = (call: Call, id = 'disconnected'): IncomingEvent =>
  event(id, 'CallDisconnected', {
    type: 'ended',
    at: now(),
    by: 'disconnected',
    callConnectionId: connectionOf(call),
    result: { code: 200, subCode: 7000, message: '' },
  });
/** The database cannot store it: a member's name must not contain NUL. */
const poison = (): IncomingEvent => event('poison', 'CallConnected', null, { 'a\0': 1 });

async function storedOf(database: Database, call: Call): Promise<string[]> {
  const rows = await database.sql
    .selectFrom('call_events')
    .select('event_id')
    .where('call_id', '=', call.id)
    .orderBy('event_id')
    .execute();
  return rows.map((row) => row.event_id);
}

/** How many connections wait for a lock. */
async function waitingFor({ sql }: Database): Promise<number> {
  const { rows } = await raw<{ waiting: number }>`SELECT count(*)::integer AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(sql);
  return rows[0]?.waiting ?? 0;
}

/** Without how often it was saved. */
function unsaved(call: Call | null): Omit<Call, 'version'> | null {
  if (!call) return null;
  const { version: _, ...rest } = call;
  return rest;
}

const linesOf = (timeline: TimelineEntry[]): string[] => timeline.map(({ type }) => type);

describe('the intake of events', () => {
  forEachDatabase((open) => {
    let database: Database;
    let isEmbedded: boolean;
    before('open the database', async () => {
      database = await open();
      isEmbedded = database.kind === 'pglite';
    });

    it('takes simultaneous events in one transaction, and stores everything that follows', async () => {
      const one = process(database);
      const calls = await one.manyDialled();
      const outcomes = await Promise.all(calls.map(async (call) => await one.take(call, connected(call))));
      assert.deepEqual(new Set(outcomes), new Set(['taken']));
      assert.deepEqual({ ...one.counts }, { transactions: 1, statements: isEmbedded ? 1 : 2 });
      for (const call of calls) {
        const stored = await one.calls.get(call.id);
        assert.ok(stored);
        assert.equal(view(stored).status, 'connected');
        assert.deepEqual([stored.serverCallId, stored.revision], ['server', call.revision + 1]);
        assert.deepEqual(linesOf(await one.calls.timeline(call.id)).slice(-2), ['connected', 'speaking']);
        assert.deepEqual(one.jobsOf(call), ['call.speak']);
        assert.deepEqual(await storedOf(database, call), ['connected']);
      }
    });

    it('batches our own events too, and ends of calls', async () => {
      const one = process(database);
      const calls = await one.manyDialled();
      const [ends, ...others] = calls;
      assert.ok(ends);
      const at = now();
      const [ended, ...taken] = await Promise.all([
        one.calls.apply(ends.id, { type: 'probed', at, state: 'gone' }),
        ...others.map(
          async ({ id }) => await one.calls.apply(id, { type: 'hangUpRequested', at, by: 'api' }),
        ),
      ]);
      assert.ok(ended && hasEnded(ended));
      assert.ok(taken.every((call) => call?.facts.hangUp));
      // Where others may use the database, two are about the phone of the call that has ended.
      assert.deepEqual({ ...one.counts }, { transactions: 1, statements: isEmbedded ? 1 : 4 });
      for (const call of others) {
        assert.equal(linesOf(await one.calls.timeline(call.id)).at(-1), 'hangUpRequested');
        // The hang-up, and its deadline.
        assert.deepEqual(one.jobsOf(call).toSorted(), ['call.hangUp', 'call.wake']);
      }
    });

    it('does not know a call that does not exist, and is not delayed by it', async () => {
      const one = process(database);
      const [call] = await one.manyDialled(1);
      assert.ok(call);
      const [nobody, somebody] = await Promise.all([
        one.calls.apply('call_of_nobody', { type: 'wake', at: now() }),
        one.calls.apply(call.id, { type: 'hangUpRequested', at: now(), by: 'api' }),
      ]);
      assert.equal(nobody, null);
      assert.ok(somebody?.facts.hangUp);
    });

    it('schedules a deadline that comes too early again, for many calls as for one', async () => {
      const one = process(database);
      const calls = await one.manyDialled(3);
      const wake = async ({ id }: Call) => await one.calls.apply(id, { type: 'wake', at: now() });
      await Promise.all(calls.map(wake));
      for (const call of calls) {
        assert.deepEqual(one.jobsOf(call), ['call.wake']);
        const stored = await one.calls.get(call.id);
        assert.ok(stored);
        assert.deepEqual(unsaved({ ...stored, alarmAt: null }), unsaved({ ...call, alarmAt: null }));
        await wake(call);
        assert.deepEqual(unsaved(await one.calls.get(call.id)), unsaved(stored));
        assert.deepEqual(one.jobsOf(call), ['call.wake', 'call.wake']);
      }
    });

    it('takes a single event with one statement, and with another one if the call was changed elsewhere', async () => {
      const [one, other] = [process(database), process(database)];
      const [call] = await one.manyDialled(1);
      assert.ok(call);
      await one.take(call, connected(call));
      assert.deepEqual({ ...one.counts }, { transactions: 1, statements: 1 });
      assert.ok(await other.calls.apply(call.id, { type: 'hangUpRequested', at: now(), by: 'api' }));
      one.counts.statements = 0;
      await one.take(call, spoken(call));
      assert.equal(one.counts.statements, 2, 'those of a second attempt');
      const stored = (await one.calls.get(call.id)) ?? call;
      assert.ok(stored.facts.hangUp && stored.facts.plays?.[0]?.completedAt);
      assert.deepEqual(await storedOf(database, call), ['connected', 'spoken']);
    });

    it('changes nothing by an event that meant something only for a call that has changed elsewhere', async () => {
      const [one, other] = [process(database), process(database)];
      const [call] = await one.manyDialled(1);
      assert.ok(call);
      // Nothing new for one of them, which does not know that it is so for both.
      await other.calls.apply(call.id, {
        type: 'connected',
        at: now(),
        serverCallId: 'server',
        correlationId: null,
        callConnectionId: connectionOf(call),
      });
      await one.take(call, sign(call, 'a'), connected(call));
      assert.deepEqual(one.jobsOf(call), []);
      assert.deepEqual(other.jobsOf(call), ['call.speak']);
    });

    it('stores only the event if it says nothing new', async () => {
      const one = process(database);
      const calls = await one.manyDialled(3);
      await Promise.all(calls.map(async (call) => await one.take(call, sign(call, 'nothing new'))));
      assert.deepEqual({ ...one.counts }, { transactions: 1, statements: isEmbedded ? 1 : 2 });
      for (const call of calls) {
        assert.deepEqual(unsaved(await one.calls.get(call.id)), unsaved(call));
        assert.deepEqual(await storedOf(database, call), ['nothing new']);
      }
    });

    it('takes the events of one call in order of arrival', async () => {
      const one = process(database);
      const [call] = await one.manyDialled(1);
      assert.ok(call);
      const told: string[][] = [];
      one.calls.listen({
        received: (_work, _call, events) => void told.push(events.map(({ type }) => type)),
      });
      const secret = secretOf(call);
      const ids = Array.from({ length: MANY }, (_, nth) => `sign ${String(nth).padStart(2, '0')}`);
      const events = [connected(call), spoken(call), ...ids.map((id) => ({ ...sign(call, id), type: id }))];
      await Promise.all(events.map(async (next) => await one.calls.takeEvents(call.id, secret, [next])));
      assert.deepEqual(told, [['CallConnected', 'PlayCompleted', ...ids]]);
      assert.deepEqual(linesOf(await one.calls.timeline(call.id)).slice(-4), [
        'accepted',
        'connected',
        'speaking',
        'messageSpoken',
      ]);
      assert.equal((await storedOf(database, call)).length, MANY + 2);
    });

    it('takes an event once, even if it comes twice at once or later again', async () => {
      const one = process(database);
      const [call, other] = await one.manyDialled(2);
      assert.ok(call && other);
      const news: boolean[] = [];
      one.calls.listen({
        received: (_work, _call, events) => news.push(...events.map(({ isNew }) => isNew)),
      });
      const both = async (): Promise<string[]> =>
        await Promise.all([
          one.take(call, connected(call)),
          one.take(other, connected(other)),
          one.take(call, connected(call)),
        ]);
      assert.deepEqual(await both(), ['taken', 'taken', 'taken']);
      const { revision } = (await one.calls.get(call.id)) ?? {};
      assert.deepEqual(await both(), ['taken', 'taken', 'taken']);
      // An attempt that took them for new was undone.
      assert.equal(news.filter(Boolean).length, isEmbedded ? 4 : 2);
      assert.equal(news.length, isEmbedded ? 9 : 6);
      assert.deepEqual(one.jobsOf(call), ['call.speak']);
      assert.equal((await one.calls.get(call.id))?.revision, revision);
      assert.deepEqual(await storedOf(database, call), ['connected']);
      // A repeated event is known by its id, whatever it says now.
      await Promise.all([
        one.take(call, disconnected(call, 'connected')),
        one.take(other, sign(other, 'new')),
      ]);
      assert.equal(view((await one.calls.get(call.id)) ?? call).status, 'connected');
    });

    it('takes the connection id from the first event if createCall has not answered yet', async () => {
      const one = process(database);
      const call = await one.placed();
      assert.ok(await one.calls.dialling.beginDial(call.id));
      const another = await one.placed();
      await Promise.all([one.take(call, connected(call)), one.take(call, spoken(another))]);
      assert.equal((await one.calls.get(call.id))?.callConnectionId, connectionOf(call));
      assert.ok(!linesOf(await one.calls.timeline(call.id)).includes('messageSpoken'));
      assert.equal((await storedOf(database, call)).length, 2);
    });

    it('takes the connection id from the answer of createCall, even if events of another connection come with it', async () => {
      const one = process(database);
      const [call, another] = [await one.placed(), await one.placed()];
      assert.ok(await one.calls.dialling.beginDial(call.id));
      const answer: CallEvent = {
        type: 'dialAccepted',
        at: now(),
        correlationId: null,
        callConnectionId: connectionOf(call),
      };
      await Promise.all([one.calls.apply(call.id, answer), one.take(call, connected(another))]);
      const stored = (await one.calls.get(call.id)) ?? call;
      assert.equal(stored.callConnectionId, connectionOf(call));
      assert.equal(view(stored).status, 'dialing');
      assert.deepEqual(await storedOf(database, call), ['connected']);
    });

    it('gives the phone back to a call that is found again, even if another call leaves it at the same time', async () => {
      const one = process(database);
      const lost = await one.placed();
      assert.ok(await one.calls.dialling.beginDial(lost.id));
      await one.calls.apply(lost.id, { type: 'dialUnknown', at: now() });
      await one.calls.dialling.leavePhone(lost.id, true);
      const other = await one.placed(lost.target);
      assert.ok(await one.calls.dialling.beginDial(other.id));
      const callConnectionId = connectionOf(other);
      await one.calls.apply(other.id, {
        type: 'dialAccepted',
        at: now(),
        correlationId: null,
        callConnectionId,
      });
      one.counts.transactions = 0;
      await Promise.all([one.take(lost, connected(lost)), one.take(other, disconnected(other))]);
      assert.equal(one.counts.transactions, 2, 'neither was in the way of the other');
      assert.equal(view((await one.calls.get(lost.id)) ?? lost).status, 'connected');
      assert.equal(view((await one.calls.get(other.id)) ?? other).status, 'ended');
    });

    it('answers each request separately, unknown calls and wrong secrets included', async () => {
      const one = process(database);
      const [call, other] = await one.manyDialled(2);
      assert.ok(call && other);
      const secret = secretOf(call);
      assert.deepEqual(
        await Promise.all([
          one.take(call, connected(call)),
          one.calls.takeEvents('call_0', secret, [connected(call)]),
          one.calls.takeEvents(other.id, secret, [connected(other)]),
          one.calls.takeEvents(call.id, `${secret}x`, [spoken(call)]),
          one.calls.takeEvents(other.id, secretOf(other), []),
        ]),
        ['taken', 'unknown', 'unknown', 'unknown', 'taken'],
      );
      assert.deepEqual(await storedOf(database, call), ['connected']);
      assert.deepEqual(await storedOf(database, other), []);
    });

    it('is not blocked by a request that cannot be stored', async () => {
      const one = process(database);
      const calls = await one.manyDialled(4);
      const results = await Promise.allSettled(
        calls.map(async (call, nth) => await one.take(call, nth === 1 ? poison() : connected(call))),
      );
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      for (const [nth, call] of calls.entries()) {
        assert.deepEqual(await storedOf(database, call), nth === 1 ? [] : ['connected']);
        assert.equal(one.jobsOf(call).filter((name) => name === 'call.speak').length, nth === 1 ? 0 : 1);
      }
    });

    it('passes on the phone of a call that ends, and takes events about keys alone', async () => {
      const one = process(database);
      const [stays, ends, pressed] = await one.manyDialled(3);
      assert.ok(stays && ends && pressed);
      const next = await one.placed(ends.target);
      assert.equal(await one.calls.dialling.beginDial(next.id), null);
      const told: string[] = [];
      const tell = (name: string) => (_work: Work, call: Call) => void told.push(`${name} ${call.id}`);
      const listener: CallListener = { ended: tell('ended'), keys: tell('keys') };
      one.calls.listen(listener);
      one.wanted.splice(0);
      one.counts.transactions = 0;
      await Promise.all([
        one.take(stays, connected(stays)),
        one.take(ends, connected(ends)),
        one.take(ends, disconnected(ends)),
        one.take(pressed, key(pressed, 1)),
      ]);
      // Where it was told twice, the first time was undone.
      assert.deepEqual(new Set(told), new Set([`ended ${ends.id}`, `keys ${pressed.id}`]));
      assert.equal(one.counts.transactions, 2, 'one for what goes together, and one for the keys');
      assert.deepEqual(
        one.wanted.filter(({ name }) => name === 'call.dial').map(({ data }) => data),
        [{ callId: next.id }],
      );
      const { disposition, status } = view((await one.calls.get(ends.id)) ?? ends);
      assert.deepEqual([status, disposition], ['ended', 'answered']);
      assert.equal(view((await one.calls.get(stays.id)) ?? stays).status, 'connected');
    });

    it('passes on the phone of a call that ends while the deadline of the next one comes', async () => {
      const one = process(database);
      const [ends] = await one.manyDialled(1);
      assert.ok(ends);
      const next = await one.placed(ends.target);
      assert.equal(await one.calls.dialling.beginDial(next.id), null);
      one.wanted.splice(0);
      await Promise.all([
        one.take(ends, disconnected(ends)),
        one.calls.apply(next.id, { type: 'wake', at: now() }),
      ]);
      assert.ok(one.jobsOf(next).includes('call.dial'));
    });

    it('answers no request whose transaction did not commit, and takes the repeated request', async () => {
      const one = process(database);
      const calls = await one.manyDialled(3);
      one.beforeCommit.push(() => {
        throw Object.assign(new pg.DatabaseError('shutting down', 1, 'error'), { code: '57P01' });
      });
      const all = async () =>
        await Promise.allSettled(calls.map(async (call) => await one.take(call, connected(call))));
      assert.deepEqual(
        (await all()).map(({ status }) => status),
        ['rejected', 'rejected', 'rejected'],
      );
      assert.equal(one.counts.transactions, 1, 'nobody is tried alone when the database is away');
      for (const call of calls) assert.deepEqual(await storedOf(database, call), []);
      one.beforeCommit.splice(0);
      assert.deepEqual(
        (await all()).map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'fulfilled'],
      );
      for (const call of calls) assert.deepEqual(one.jobsOf(call), ['call.speak']);
    });
  });

  onPostgres((open, freshUrl) => {
    it('is not blocked by a call that another transaction has locked', async () => {
      const database = await open();
      const one = process(database);
      const [held, ...others] = await one.manyDialled(4);
      assert.ok(held);
      const locked = Promise.withResolvers<void>();
      const letGo = Promise.withResolvers<void>();
      const holding = database.sql.transaction().execute(async (sql) => {
        await lockCall(sql, held.id);
        locked.resolve();
        await letGo.promise;
      });
      await locked.promise;
      // First alone, then in a crowd, then among others, then ahead of later ones.
      const first = one.take(held, sign(held, 'first'));
      await until(async () => (await waitingFor(database)) === 1, 'the first waits for the lock');
      const crowd = Promise.all(['c', 'd', 'e'].map(async (id) => await one.take(held, sign(held, id))));
      await Promise.all(others.map(async (call) => await one.take(call, sign(call, 'a'))));
      const second = Promise.all(
        [held, ...others].map(async (call) => await one.take(call, sign(call, 'b'))),
      );
      await Promise.all(others.map(async (call) => await one.take(call, connected(call))));
      assert.deepEqual(await storedOf(database, held), []);
      assert.equal(await waitingFor(database), 1, 'a crowd holds one connection');
      letGo.resolve();
      await Promise.all([holding, first, crowd, second]);
      assert.deepEqual(await storedOf(database, held), ['b', 'c', 'd', 'e', 'first']);
      for (const call of others) assert.deepEqual(await storedOf(database, call), ['a', 'b', 'connected']);
    });

    it('takes each event once if two processes get events of the same calls at once', async () => {
      const url = await freshUrl();
      const database = await open(url);
      const [one, other] = [process(database), process(await open(url))];
      const calls = await one.manyDialled(10);
      for (let round = 0; round < 20; round++) {
        // Each event comes to both of them, in opposite orders; in the last round all calls end.
        const events = calls.flatMap((call) => [
          [call, sign(call, `sign ${round}`)] as const,
          [call, round === 19 ? disconnected(call) : spoken(call, `spoken ${round}`)] as const,
        ]);
        const outcomes = await Promise.all([
          ...events.map(async ([call, next]) => await one.take(call, next)),
          ...events.toReversed().map(async ([call, next]) => await other.take(call, next)),
        ]);
        assert.deepEqual(new Set(outcomes), new Set(['taken']));
      }
      for (const call of calls) {
        assert.equal((await storedOf(database, call)).length, 40);
        const lines = linesOf(await one.calls.timeline(call.id));
        assert.deepEqual(lines.slice(-4), ['accepted', 'connected', 'messageSpoken', 'ended']);
      }
    });
  });
});
