import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sql as raw } from 'kysely';
import type { Call, CallEvent, Target } from '../../src/calls/call.ts';
import { CallService } from '../../src/calls/callService.ts';
import type { PlaceCall } from '../../src/calls/placeCall.ts';
import { loadCall } from '../../src/calls/callStore.ts';
import type { IncomingEvent } from '../../src/calls/happenings.ts';
import { hasEnded, view } from '../../src/calls/lifecycle/lifecycle.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import type { Database } from '../../src/database/open.ts';
import type { Transact, Work } from '../../src/database/transaction.ts';
import { testClock } from '../support/clock.ts';
import { plainTransact } from '../support/plainTransact.ts';
import { forEachDatabase } from '../support/databases.ts';
import { adele, alex, escalate, speak, speechNamed } from '../support/calls/stories.ts';

const byAlex = { kind: 'chat', key: 'chat:alex', name: 'Alex Wilber' } as const;
const byMegan = { kind: 'chat', key: 'chat:megan', name: 'Megan Bowen' } as const;
const aCall: PlaceCall = { target: adele, requestedBy: byAlex, purpose: speak, language: 'en' };
const someone = (): Target => ({ ...adele, id: randomUUID() });

describe('the call service', () => {
  forEachDatabase((open) => {
    let database: Database;
    let clock: ReturnType<typeof testClock>;
    let calls: CallService;
    /** Jobs of transactions that committed. */
    let wanted: JobRequest[];
    let transact: Transact;
    let requests = 0;

    before('open the database', async () => {
      database = await open();
    });
    beforeEach(() => {
      clock = testClock();
      wanted = [];
      // Tests empty it from another connection.
      transact = async (change) => await plainTransact(database, { wanted })(change);
      calls = new CallService({
        database,
        transact,
        clock,
        ringTimeoutSeconds: 45,
        createCallsPerSecond: 10,
      });
    });

    const now = (): string => new Date(clock.now()).toISOString();
    const wake = async ({ id }: Call): Promise<unknown> => await calls.apply(id, { type: 'wake', at: now() });
    const requestKey = (): string => `request-${(requests += 1)}`;
    const connectionId = (call: Call): string => `connection-of-${call.id}`;
    const jobs = (call: Call): string[] =>
      wanted
        .filter(({ data }) => 'callId' in data && data.callId === call.id)
        .map(({ name, data }) => ('context' in data ? `${name} ${data.context}` : name));
    const types = async (call: Call): Promise<string[]> =>
      (await calls.timeline(call.id)).map(({ type }) => type);

    async function place(request: Partial<PlaceCall> = {}): Promise<Call> {
      const placed = await calls.place({ ...aCall, ...request });
      assert.equal(placed.how, 'fresh');
      return placed.call;
    }

    /** How often it was saved does not matter. */
    async function current(call: Call): Promise<Call> {
      const found = await calls.get(call.id);
      assert.ok(found);
      return { ...found, version: 0 };
    }

    async function secretOf(call: Call): Promise<string> {
      const stored = await loadCall(database.sql, call.id);
      assert.ok(stored);
      return stored.callbackSecret;
    }

    async function dialled(request: Partial<PlaceCall> = {}): Promise<Call> {
      const call = await place(request);
      await calls.apply(call.id, { type: 'dialSent', at: now() });
      await calls.apply(call.id, {
        type: 'dialAccepted',
        at: now(),
        callConnectionId: connectionId(call),
        correlationId: null,
      });
      return await current(call);
    }

    const incoming = (id: string, type: string, event: CallEvent | null): IncomingEvent => ({
      id,
      type,
      at: now(),
      event,
      body: { id, type },
    });
    const connected = (call: Call, id = 'connected'): IncomingEvent =>
      incoming(id, 'CallConnected', {
        type: 'connected',
        at: now(),
        callConnectionId: connectionId(call),
        serverCallId: 'server',
        correlationId: 'correlation',
      });
    const spoken = (call: Call, id = 'spoken'): IncomingEvent =>
      incoming(id, 'PlayCompleted', {
        type: 'playCompleted',
        at: now(),
        speech: speechNamed('message'),
        callConnectionId: connectionId(call),
      });
    const disconnected = (call: Call, id = 'disconnected'): IncomingEvent =>
      incoming(id, 'CallDisconnected', {
        type: 'ended',
        at: now(),
        by: 'disconnected',
        result: { code: 200, subCode: 7000, message: '' },
        callConnectionId: connectionId(call),
      });
    const take = async (call: Call, ...events: IncomingEvent[]): Promise<string> =>
      await calls.takeEvents(call.id, await secretOf(call), events);
    const storedEvents = async (
      call: Call,
    ): Promise<{ event_id: string; type: string; applied: boolean }[]> =>
      await database.sql
        .selectFrom('call_events')
        .select(['event_id', 'type', 'applied'])
        .where('call_id', '=', call.id)
        .orderBy('event_id')
        .execute();

    describe('placing a call', () => {
      it('stores the call, the first entry of its timeline and the job that dials it', async () => {
        const call = await place();
        assert.match(call.id, /^call_[0-9a-f]{32}$/);
        assert.deepEqual(await current(call), call);
        assert.deepEqual(
          { ...view(call) },
          {
            status: 'queued',
            disposition: null,
            cause: null,
            code: null,
            subCode: null,
            connectedAt: null,
            endedAt: null,
          },
        );
        assert.deepEqual(await calls.timeline(call.id), [{ at: call.createdAt, type: 'queued' }]);
        assert.deepEqual(jobs(call), ['call.dial']);
        assert.equal(call.ringTimeoutSeconds, 45);
        assert.equal((await place({ ringTimeoutSeconds: 20 })).ringTimeoutSeconds, 20);
      });

      it('lets escalations go first', async () => {
        await place();
        await place({ purpose: escalate });
        assert.deepEqual(
          wanted.map(({ urgency = 0 }) => urgency),
          [0, 10],
        );
      });

      it('gives each call a secret and a repeatability id of its own', async () => {
        const [one, other] = await Promise.all(
          [await place(), await place()].map(async ({ id }) => await loadCall(database.sql, id)),
        );
        assert.ok(one && other);
        assert.notEqual(one.callbackSecret, other.callbackSecret);
        assert.match(one.callbackSecret, /^[\w-]{32}$/);
        assert.notEqual(one.repeatabilityId, other.repeatabilityId);
        assert.match(one.repeatabilityId, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
      });

      it('places nothing if the same request is delivered again', async () => {
        const key = requestKey();
        const call = await place({ requestKey: key });
        const again = await calls.place({ ...aCall, requestKey: key });
        assert.deepEqual(again, { call, placed: call, how: 'repeated' });
        assert.deepEqual(jobs(call), ['call.dial']);
      });

      it('places one call if the same request is delivered ten times at once', async () => {
        const key = requestKey();
        const placed = await Promise.all(
          Array.from({ length: 10 }, async () => await calls.place({ ...aCall, requestKey: key })),
        );
        assert.equal(new Set(placed.map(({ call }) => call.id)).size, 1);
        assert.deepEqual(placed.map(({ how }) => how).toSorted(), [
          'fresh',
          ...Array<string>(9).fill('repeated'),
        ]);
        assert.equal(wanted.length, 1);
      });

      it('still knows the request after its call has ended', async () => {
        const key = requestKey();
        const call = await place({ requestKey: key });
        await calls.hangUp(call.id, 'requester');
        const again = await calls.place({ ...aCall, requestKey: key });
        assert.deepEqual([again.call.id, again.how], [call.id, 'repeated']);
      });

      it('points to the running call if the same person is requested again', async () => {
        const requestedBy = { ...byAlex, key: 'chat:once' };
        const call = await place({ requestedBy, oncePerRequester: true, requestKey: requestKey() });
        const again = await calls.place({
          ...aCall,
          requestedBy,
          oncePerRequester: true,
          requestKey: requestKey(),
        });
        assert.deepEqual([again.call.id, again.how], [call.id, 'running']);
        clock = testClock();
        const later = await calls.place({ ...aCall, requestedBy, oncePerRequester: true });
        assert.deepEqual([later.call.id, later.how], [call.id, 'running']);
      });

      it('points to it even if both requests come at once', async () => {
        const requestedBy = { ...byAlex, key: 'chat:atOnce' };
        const placed = await Promise.all(
          Array.from(
            { length: 5 },
            async () =>
              await calls.place({ ...aCall, requestedBy, oncePerRequester: true, requestKey: requestKey() }),
          ),
        );
        assert.deepEqual(placed.map(({ how }) => how).toSorted(), [
          'fresh',
          ...Array<string>(4).fill('running'),
        ]);
        assert.equal(new Set(placed.map(({ call }) => call.id)).size, 1);
      });

      it('knows a person by id, in upper or lower case', async () => {
        const requestedBy = { ...byAlex, key: 'chat:case' };
        await place({ requestedBy, oncePerRequester: true });
        const again = await calls.place({
          ...aCall,
          requestedBy,
          oncePerRequester: true,
          target: { ...adele, id: adele.id.toUpperCase() },
        });
        assert.equal(again.how, 'running');
      });

      it('asks the gate if the running call ends at this moment and another is placed', async () => {
        const refused = new RangeError('one call too many');
        const wish: PlaceCall = { ...aCall, target: someone(), oncePerRequester: true };
        const running = await place(wish);
        const refuse = (): never => {
          throw refused;
        };
        calls.placing.guardWith({
          locksOf: () => [],
          questions: async () => ({}),
          judge: () => ({ check: refuse, granted: () => undefined }),
          refused: async () => undefined,
        });
        const end = async (work: Work): Promise<boolean> => {
          await calls.applyIn(work, running.id, { type: 'hangUpRequested', at: now(), by: 'requester' });
          return true;
        };
        await assert.rejects(calls.placing.place({ ...wish, also: { admit: end } }), refused);
      });

      it('stores the span of the request', async () => {
        const span = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
        const traced = new CallService({
          database,
          transact,
          clock,
          ringTimeoutSeconds: 45,
          createCallsPerSecond: 10,
          span: () => span,
        });
        const { call } = await traced.place({ ...aCall, target: someone() });
        const row = await database.sql
          .selectFrom('calls')
          .select('traceparent')
          .where('id', '=', call.id)
          .executeTakeFirst();
        assert.equal(row?.traceparent, span);
      });

      it('places another call after the first has ended, for another caller and for another callee', async () => {
        const requestedBy = { ...byAlex, key: 'chat:anew' };
        const call = await place({ requestedBy, oncePerRequester: true });
        await place({ requestedBy: byMegan, oncePerRequester: true });
        await place({ requestedBy, oncePerRequester: true, target: alex });
        await calls.hangUp(call.id, 'requester');
        const next = await place({ requestedBy, oncePerRequester: true });
        assert.notEqual(next.id, call.id);
      });

      it('leads a repeated request to its own call, not to the one that runs by now', async () => {
        const requestedBy = { ...byAlex, key: 'chat:again' };
        const key = requestKey();
        const first = await place({ requestedBy, oncePerRequester: true, requestKey: key });
        await calls.hangUp(first.id, 'requester');
        await clock.tick(1_000);
        await place({ requestedBy, oncePerRequester: true, requestKey: requestKey() });
        const again = await calls.place({ ...aCall, requestedBy, oncePerRequester: true, requestKey: key });
        assert.deepEqual([again.call.id, again.how], [first.id, 'repeated']);
      });

      it('stores the call together with what belongs to it, or nothing', async () => {
        const placedWith = async (request: PlaceCall, name: string): Promise<Call> =>
          await transact(async (work) => {
            const { call } = await calls.placing.placeIn(work, request);
            work.last('card', raw`INSERT INTO settings (name, value) VALUES (${name}, '{}')`);
            return call;
          });
        const call = await placedWith(aCall, 'card of it');
        const cards = database.sql.selectFrom('settings').select('name').where('name', '=', 'card of it');
        assert.equal((await cards.execute()).length, 1);
        assert.ok(await calls.get(call.id));

        const requestedBy = { ...byAlex, key: 'chat:neither' };
        const before = wanted.length;
        await assert.rejects(placedWith({ ...aCall, requestedBy }, 'card of it'), /duplicate key/);
        assert.deepEqual(await calls.list({ limit: 10, requesterKey: requestedBy.key }), []);
        assert.equal(wanted.length, before);
      });

      it('accepts any text that people write', async () => {
        const message = 'zero \u0000 lone \ud83d surrogate, \u202e direction, 🚨 and \'quotes" \\ \n end';
        const call = await place({
          purpose: { kind: 'speak', message },
          target: { ...adele, displayName: 'A\u0000B' },
        });
        const { purpose, target } = await current(call);
        assert.ok(purpose.kind === 'speak');
        assert.equal(purpose.message, message.replace('\u0000', '').toWellFormed());
        assert.equal(target.displayName, 'AB');
      });
    });

    describe('taking events', () => {
      it('applies them and writes jobs for what follows', async () => {
        const call = await dialled();
        assert.equal(await take(call, connected(call)), 'taken');
        assert.equal(view(await current(call)).status, 'connected');
        assert.deepEqual(await storedEvents(call), [
          { event_id: 'connected', type: 'CallConnected', applied: true },
        ]);
        assert.deepEqual(jobs(call).slice(-1), ['call.speak message']);
        const { serverCallId, correlationId } = await current(call);
        assert.deepEqual(
          { serverCallId, correlationId },
          { serverCallId: 'server', correlationId: 'correlation' },
        );
      });

      for (const [title, spoil] of [
        ['another secret', (secret: string) => secret.replace(/^./, (first) => (first === 'x' ? 'y' : 'x'))],
        ['no secret', () => ''],
        ['the beginning of the secret', (secret: string) => secret.slice(0, -1)],
        ['more than the secret', (secret: string) => `${secret}x`],
        ['a secret of other characters', () => 'ü'.repeat(16)],
      ] as const) {
        it(`refuses ${title}, and stores nothing`, async () => {
          const call = await dialled();
          const events = [connected(call)];
          assert.equal(await calls.takeEvents(call.id, spoil(await secretOf(call)), events), 'unknown');
          assert.deepEqual(await storedEvents(call), []);
          assert.equal(view(await current(call)).status, 'dialing');
        });
      }

      it('refuses an unknown call in the same way, and the secret of another call', async () => {
        const [call, other] = [await dialled(), await dialled()];
        assert.equal(await calls.takeEvents('call_0', await secretOf(call), [connected(call)]), 'unknown');
        assert.equal(await calls.takeEvents(call.id, await secretOf(other), [connected(call)]), 'unknown');
        assert.equal(await calls.takeEvents('call_0', '', []), 'unknown');
      });

      it('accepts an empty list', async () => {
        const call = await dialled();
        assert.equal(await take(call), 'taken');
        assert.deepEqual(await current(call), call);
      });

      it('ignores a repeated event', async () => {
        const call = await dialled();
        await take(call, connected(call));
        const before = await current(call);
        wanted = [];
        assert.equal(await take(call, connected(call)), 'taken');
        assert.equal(await take(call, connected(call), connected(call)), 'taken');
        assert.deepEqual(await current(call), before);
        assert.deepEqual(wanted, []);
        assert.deepEqual(await types(call), ['queued', 'dialing', 'accepted', 'connected', 'speaking']);
      });

      it('takes several in one request, in any order', async () => {
        const call = await dialled();
        await take(call, disconnected(call), spoken(call), connected(call));
        const { disposition, cause } = view(await current(call));
        assert.deepEqual([disposition, cause], ['answered', 'messageDelivered']);
        assert.equal((await storedEvents(call)).length, 3);
      });

      it('ignores a repeated event in one request', async () => {
        const call = await dialled();
        await take(call, connected(call), connected(call));
        assert.deepEqual(
          jobs(call).filter((job) => job.startsWith('call.speak')),
          ['call.speak message'],
        );
      });

      it('takes many simultaneous requests for one call, one after the other', async () => {
        const call = await dialled();
        await take(call, connected(call));
        await Promise.all([
          take(call, connected(call)),
          take(call, connected(call, 'again'), spoken(call)),
          take(call, spoken(call)),
          take(call, spoken(call, 'again too')),
          calls.hangUp(call.id, 'requester'),
        ]);
        const told = await types(call);
        assert.equal(told.filter((type) => type === 'connected').length, 1);
        assert.equal(told.filter((type) => type === 'messageSpoken').length, 1);
        assert.equal((await storedEvents(call)).length, 4);
        assert.deepEqual(
          jobs(call).filter((job) => job !== 'call.wake'),
          ['call.dial', 'call.speak message', 'call.hangUp'],
        );
      });

      it('stores an event of an unknown type, and changes nothing', async () => {
        const call = await dialled();
        const before = await current(call);
        assert.equal(await take(call, incoming('new', 'SomethingNew', null)), 'taken');
        assert.deepEqual(await storedEvents(call), [
          { event_id: 'new', type: 'SomethingNew', applied: false },
        ]);
        assert.deepEqual(await current(call), before);
      });

      it('stores an event of another connection, and does not apply it', async () => {
        const [call, other] = [await dialled(), await dialled()];
        const before = await current(call);
        assert.equal(await take(call, disconnected(other)), 'taken');
        assert.deepEqual(await storedEvents(call), [
          { event_id: 'disconnected', type: 'CallDisconnected', applied: false },
        ]);
        assert.deepEqual(await current(call), before);
      });

      it('… even if it comes in one request with its own events before createCall has answered', async () => {
        const [call, other] = [await place(), await dialled()];
        await calls.apply(call.id, { type: 'dialSent', at: now() });
        await take(call, connected(call), disconnected(other));
        assert.equal(view(await current(call)).status, 'connected');
      });

      it('accepts events with the same id for two calls', async () => {
        const [call, other] = [await dialled(), await dialled()];
        await take(call, connected(call, 'e1'));
        await take(other, connected(other, 'e1'));
        assert.equal(view(await current(other)).status, 'connected');
      });

      it('stores events exactly as they came', async () => {
        const call = await dialled();
        const event = { ...incoming('odd', 'Odd\u0000Type', null), body: { text: 'a\u0000b \ud83d' } };
        assert.equal(await take(call, event), 'taken');
        assert.equal((await storedEvents(call)).length, 1);
      });

      it('takes events after the end, and says so if the end was different', async () => {
        const call = await dialled();
        await calls.hangUp(call.id, 'requester');
        await calls.apply(call.id, { type: 'hangUpConfirmed', at: now() });
        assert.equal(view(await current(call)).disposition, 'cancelled');
        const declined = incoming('late', 'CallDisconnected', {
          type: 'ended', at: now(), by: 'disconnected', result: { code: 603, subCode: 0, message: '' }, callConnectionId: connectionId(call),
        }); // prettier-ignore
        await take(call, declined);
        assert.equal(view(await current(call)).disposition, 'declined');
        assert.deepEqual((await types(call)).slice(-2), ['ended', 'corrected']);
      });
    });

    describe('hanging up', () => {
      it('ends an unsent call at once', async () => {
        const call = await place();
        const ended = await calls.hangUp(call.id, 'requester', 'Alex Wilber');
        assert.ok(ended && hasEnded(ended));
        assert.deepEqual(jobs(call), ['call.dial']);
        const [, line] = await calls.timeline(call.id);
        assert.deepEqual(line, {
          at: now(),
          type: 'hangUpRequested',
          data: { by: 'requester', name: 'Alex Wilber' },
        });
      });

      it('asks the service to end a call that rings', async () => {
        const call = await dialled();
        const after = await calls.hangUp(call.id, 'operator');
        assert.ok(after && !hasEnded(after));
        assert.deepEqual(jobs(call).slice(-1), ['call.hangUp']);
      });

      it('does not know a call that does not exist', async () => {
        assert.equal(await calls.hangUp('call_0', 'requester'), null);
        assert.equal(await calls.get('call_0'), null);
        assert.deepEqual(await calls.timeline('call_0'), []);
        await calls.apply('call_0', { type: 'wake', at: now() });
      });
    });

    describe('deadlines', () => {
      const wakes = (): number[] =>
        wanted
          .filter(({ name }) => name === 'call.wake')
          .map(({ dueAt }) => ((dueAt ?? 0) - clock.now()) / 1000);

      it('are one job for each call', async () => {
        await dialled();
        assert.deepEqual(wakes(), [32]);
      });

      it('are scheduled again when the old one comes, if they have moved later', async () => {
        const call = await dialled();
        wanted = [];
        await clock.tick(32_000);
        await wake(call);
        assert.deepEqual(wakes(), [13]);
        assert.equal(view(await current(call)).status, 'dialing');
        wanted = [];
        await clock.tick(13_000);
        await wake(call);
        // Ringdown asks the service whether somebody answered; without an answer it hangs up all the same.
        assert.deepEqual(jobs(call), ['call.wake', 'call.probe']);
        assert.deepEqual(wakes(), [3]);
        wanted = [];
        await clock.tick(3_000);
        await wake(call);
        assert.deepEqual(jobs(call), ['call.wake', 'call.hangUp']);
        assert.deepEqual(wakes(), [10]);
      });

      it('get a new job if they have moved earlier', async () => {
        const call = await dialled();
        await clock.tick(1_000);
        wanted = [];
        await calls.hangUp(call.id, 'requester');
        assert.deepEqual(wakes(), [10]);
      });

      it('of speech count from its request, however late the answer was reported', async () => {
        const call = await dialled();
        const answer = connected(call);
        await clock.tick(40_000);
        wanted = [];
        await calls.takeEvents(call.id, await secretOf(call), [answer]);
        assert.deepEqual(jobs(call), ['call.speak message']);
        await clock.tick(5_000);
        await wake(call);
        // 45 s around the message, and 0.3 s for each of its 16 characters.
        assert.deepEqual(wakes(), [44.8]);
      });

      it('do nothing the second time if they are delivered twice', async () => {
        const call = await dialled();
        await clock.tick(45_000);
        for (let delivery = 0; delivery < 2; delivery++) await wake(call);
        await clock.tick(3_000);
        for (let delivery = 0; delivery < 2; delivery++) await wake(call);
        assert.deepEqual(
          jobs(call).filter((job) => job === 'call.probe' || job === 'call.hangUp'),
          ['call.probe', 'call.hangUp'],
        );
      });

      it('do nothing after the call has ended', async () => {
        const call = await place();
        await calls.hangUp(call.id, 'requester');
        wanted = [];
        await clock.tick(60_000);
        await wake(call);
        assert.deepEqual(wanted, []);
        assert.equal((await current(call)).alarmAt, null);
      });
    });

    describe('listing calls', () => {
      const requestedBy = { kind: 'api', key: 'api:lists', name: 'lists' } as const;
      let placed: Call[];

      before('place ten calls, three at a time', async () => {
        clock = testClock();
        transact = plainTransact(database);
        calls = new CallService({
          database,
          transact,
          clock,
          ringTimeoutSeconds: 45,
          createCallsPerSecond: 10,
        });
        placed = [];
        for (let n = 0; n < 10; n++) {
          placed.push((await calls.place({ ...aCall, requestedBy, conversationKey: `lists ${n % 2}` })).call);
          if (n % 3 === 2) await clock.tick(1);
        }
        await calls.hangUp(placed[0]?.id ?? '', 'api');
      });

      it('goes from the newest to the oldest, page by page, without repetition', async () => {
        const seen: Call[] = [];
        for (let before: { createdAt: string; id: string } | undefined; ;) {
          const page = await calls.list({
            limit: 4,
            requesterKey: requestedBy.key,
            ...(before ? { before } : {}),
          });
          seen.push(...page);
          const last = page.at(-1);
          if (page.length < 4 || !last) break;
          before = { createdAt: last.createdAt, id: last.id };
        }
        assert.deepEqual(new Set(seen.map(({ id }) => id)), new Set(placed.map(({ id }) => id)));
        assert.equal(seen.length, 10);
        assert.deepEqual(
          seen.map(({ createdAt }) => createdAt),
          placed.map(({ createdAt }) => createdAt).toReversed(),
        );
      });

      it('filters by status, by conversation, and for running calls', async () => {
        const ids = async (query: object): Promise<string[]> =>
          (await calls.list({ limit: 100, requesterKey: requestedBy.key, ...query }))
            .map(({ id }) => id)
            .toSorted();
        const all = placed.map(({ id }) => id);
        assert.deepEqual(await ids({ status: 'ended' }), all.slice(0, 1));
        assert.deepEqual(await ids({ status: 'queued' }), all.slice(1).toSorted());
        assert.deepEqual(await ids({ open: true }), all.slice(1).toSorted());
        assert.deepEqual(
          await ids({ conversationKey: 'lists 1' }),
          all.filter((_, n) => n % 2 === 1).toSorted(),
        );
        assert.deepEqual(await ids({ conversationKey: 'elsewhere' }), []);
      });

      it('lists the calls of an escalation, oldest first', async () => {
        const purpose = { ...escalate, escalationId: `esc_${placed[0]?.id}` } as const;
        const first = await calls.place({ ...aCall, purpose });
        await clock.tick(5);
        const second = await calls.place({ ...aCall, purpose, target: alex });
        assert.deepEqual(
          (await calls.ofEscalation(purpose.escalationId)).map(({ id }) => id),
          [first.call.id, second.call.id],
        );
      });
    });

    describe('listeners', () => {
      it('run within the transaction: for each change, once for the end, for keys', async () => {
        const told: string[] = [];
        calls.listen({
          changed: (_work, call) => void told.push(`changed ${view(call).status}`),
          ended: (_work, call) => void told.push(`ended ${view(call).disposition}`),
          keys: (_work, _call, tones) => void told.push(`keys ${tones.join(' ')}`),
        });
        // Nobody else's call waits for this phone: then the end would be told twice, and the first time undone.
        const call = await dialled({ purpose: escalate, target: { ...aCall.target, id: 'of-this-call' } });
        await take(call, connected(call));
        await take(
          call,
          incoming('key', 'Tone', {
            type: 'tone',
            at: now(),
            tone: 'one',
            sequenceId: 1,
            callConnectionId: connectionId(call),
          }),
        );
        await take(call, disconnected(call));
        await take(call, disconnected(call, 'again'));
        assert.deepEqual(told, [
          'changed dialing',
          'changed dialing',
          'changed connected',
          'keys one',
          'changed connected',
          'ended answered',
          'changed ended',
        ]);
      });

      it('undo everything if they fail: the event is taken when it comes again', async () => {
        const call = await dialled();
        const before = await current(call);
        wanted = [];
        let fail = true;
        calls.listen({
          changed: () => {
            if (fail) throw new RangeError('the escalation could not be stored');
          },
        });
        await assert.rejects(take(call, connected(call)), RangeError);
        assert.deepEqual(await current(call), before);
        assert.deepEqual(await storedEvents(call), []);
        assert.deepEqual(await types(call), ['queued', 'dialing', 'accepted']);
        assert.deepEqual(wanted, []);
        fail = false;
        assert.equal(await take(call, connected(call)), 'taken');
        assert.equal(view(await current(call)).status, 'connected');
      });

      it('may place the next call in the same transaction', async () => {
        let next: Call | undefined;
        calls.listen({
          ended: async (work, ended) => {
            if (ended.target.id !== adele.id) return;
            const request = { ...aCall, target: alex, leaveToJob: true };
            next = (await calls.placing.placeIn(work, request)).call;
          },
        });
        const call = await dialled();
        await take(call, disconnected(call));
        assert.ok(next);
        assert.deepEqual(jobs(next), ['call.dial']);
        assert.equal((await current(next)).target.displayName, 'Alex Wilber');
      });
    });
  });
});
