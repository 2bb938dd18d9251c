import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { FakeClock as TestClock } from '../support/clock.ts';
import sinon from 'sinon';
import * as z from 'zod';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import type { Fault, FaultKind } from '../../emulator/faults/faultPlan.ts';
import type { Exchange } from '../../emulator/http/requests.ts';
import type { Call, Purpose, Target } from '../../src/calls/call.ts';
import type { Dial, DialOutcome, Telephony } from '../../src/calls/telephony.ts';
import type { Clock } from '../../src/clock.ts';
import { LeaseLost, TryAgainLater } from '../../src/database/tryAgain.ts';
import type { Schema } from '../../src/database/schema.ts';
import { createDialer, type DialerConfig } from '../../src/telephony/dialer.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, testClock } from '../support/clock.ts';
import { recordingLog } from '../support/log.ts';
import {
  connect,
  escalate,
  queuedCall,
  escalateWithPin,
  speak,
  speechNamed,
  test as testCall,
} from '../support/calls/stories.ts';

const SECRET = 'the-secret-of-this-call';
const SPEECH = 'https://speech.contoso.example';

/** The fault of createCall, unless a test sets another operation. */
type What = FaultKind & Pick<Fault, 'times' | 'when'>;

/** A database that must not be queried: the identity is configured. */
const noDatabase = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

describe('the dialer', () => {
  let emulator: Emulator;
  let clock: TestClock;
  let exchanges: Exchange[];
  let config: DialerConfig;
  let dialer: Telephony;
  let lines: string[];
  let isLeaseLost: boolean;

  beforeEach(async () => {
    isLeaseLost = false;
    clock = testClock();
    exchanges = [];
    emulator = createEmulator({ clock, onExchange: (exchange) => void exchanges.push(exchange) });
    afterTest(async () => await emulator.stop());
    const { connectionString } = await emulator.start();
    config = {
      acs: { connectionString },
      allowInsecureConnection: true,
      sourceIdentity: emulator.identities.create(),
      callerDisplayName: 'Ringdown',
      phoneNumber: null,
      cognitiveServicesEndpoint: SPEECH,
      publicUrl: () => 'https://bot.contoso.example',
      cloud: 'public',
      listenForKeys: true,
      askForKeys: async () => false,
      voices: () => ({}),
    };
    dialer = newDialer();
  });

  /** As another process, or the same one after a restart, would. */
  function newDialer(changes: Partial<DialerConfig> = {}): Telephony {
    const recording = recordingLog();
    lines = recording.lines;
    return createDialer({
      config: { ...config, ...changes },
      sql: noDatabase,
      clock,
      log: recording.log,
      assertLease: () => {
        if (isLeaseLost) throw new LeaseLost();
      },
    });
  }

  function newDial(purpose: Purpose = speak, target?: Target): Dial {
    const { id, displayName } = emulator.people.get('Adele Vance');
    const call: Call = {
      ...queuedCall(purpose),
      id: `call_${randomUUID()}`,
      target: target ?? { kind: 'teamsUser', id, displayName },
    };
    return {
      call,
      repeatabilityId: randomUUID(),
      firstSent: new Date(clock.now()),
      isRepeated: false,
      callbackSecret: SECRET,
    };
  }

  const timesCalled = (): number => emulator.phone('Adele Vance').rings().length;
  const sent = (): Exchange['request'][] =>
    exchanges.filter(({ operation }) => operation === 'createCall').map(({ request }) => request);
  const body = (request: Exchange['request'] | undefined): unknown =>
    JSON.parse(String(request?.body ?? 'null'));
  const fault = (what: What & Partial<Pick<Fault, 'operation'>>): void =>
    void emulator.faults.add({ operation: 'createCall', ...what });

  const settle = async (): Promise<void> => {
    await pause(1);
    await emulator.idle();
    await pause(1);
  };

  /** Moves time until it is finished. @returns the outcome, and after how many seconds */
  async function inTime<T>(work: Promise<T>): Promise<{ outcome: T; seconds: number }> {
    const start = clock.now();
    const running = new Set([work]);
    void Promise.allSettled([work]).then(() => running.clear());
    await settle();
    while (running.size > 0 && clock.now() - start < 60_000) await advance(clock, 250, settle);
    assert.equal(running.size, 0, 'it finishes within a minute');
    return { outcome: await work, seconds: (clock.now() - start) / 1000 };
  }

  async function answered(dial: Dial = newDial()): Promise<{ call: Call; id: string }> {
    const outcome = await dialer.dial(dial);
    assert.ok(outcome.kind === 'accepted' && outcome.callConnectionId);
    emulator.phone('Adele Vance').answer();
    await clock.tick(1_000);
    await emulator.idle();
    return { call: dial.call, id: outcome.callConnectionId };
  }

  describe('places a call', () => {
    it('to a Teams user, from its own identity, with the context that the service echoes', async () => {
      const dial = newDial();
      const outcome = await dialer.dial(dial);
      assert.ok(outcome.kind === 'accepted' && outcome.callConnectionId && outcome.correlationId);
      const [request] = sent();
      const { id } = dial.call.target;
      assert.deepEqual(body(request), {
        targets: [
          {
            kind: 'microsoftTeamsUser',
            rawId: `8:orgid:${id}`,
            microsoftTeamsUser: { userId: id, isAnonymous: false, cloud: 'public' },
          },
        ],
        source: { id: config.sourceIdentity },
        sourceDisplayName: 'Ringdown',
        callbackUri: `https://bot.contoso.example/api/callbacks/${dial.call.id}/${SECRET}`,
        operationContext: dial.call.id,
        callIntelligenceOptions: { cognitiveServicesEndpoint: SPEECH },
      });
      assert.equal(timesCalled(), 1);
    });

    const targets: [string, DialerConfig['cloud'], Target['kind'], string][] = [
      ['a Teams user', 'public', 'teamsUser', '8:orgid:the-id'],
      ['a Teams user of GCC High', 'gcch', 'teamsUser', '8:gcch:the-id'],
      ['a Teams user of DoD', 'dod', 'teamsUser', '8:dod:the-id'],
      ['a voice app', 'public', 'voiceApp', '28:orgid:the-id'],
      ['a voice app of GCC High', 'gcch', 'voiceApp', '28:gcch:the-id'],
      ['a communication user', 'public', 'communicationUser', 'the-id'],
    ];
    for (const [who, cloud, kind, rawId] of targets) {
      it(`identifies ${who} as the service does`, async () => {
        await newDialer({ cloud }).dial(newDial(speak, { kind, id: 'the-id', displayName: 'X' }));
        const { targets: [target] } = z.looseObject({ targets: z.array(z.looseObject({ rawId: z.string() })) }).parse(body(sent()[0])); // prettier-ignore
        assert.equal(target?.rawId, rawId);
      });
    }

    it('identifies a phone number as the service does, and says which number calls it', async () => {
      const phone: Target = { kind: 'phone', id: '+493023125001', displayName: '+49 30 23125001' };
      await newDialer({ phoneNumber: '+493023125000' }).dial(newDial(speak, phone));
      const wire = z
        .looseObject({
          targets: z.array(z.looseObject({ kind: z.string(), rawId: z.string() })),
          sourceCallerIdNumber: z.looseObject({ value: z.string() }),
        })
        .parse(body(sent()[0]));
      assert.deepEqual(
        wire.targets.map(({ kind, rawId }) => `${kind} ${rawId}`),
        ['phoneNumber 4:+493023125001'],
      );
      assert.equal(wire.sourceCallerIdNumber.value, '+493023125000');
    });

    it('calls no phone number without a number to call from', async () => {
      const phone: Target = { kind: 'phone', id: '+493023125001', displayName: '+49 30 23125001' };
      const outcome = await newDialer({ phoneNumber: null }).dial(newDial(speak, phone));
      assert.equal(outcome.kind, 'refused');
      assert.equal(sent().length, 0);
    });

    it('without speech, if it is not configured', async () => {
      await newDialer({ cognitiveServicesEndpoint: null }).dial(newDial());
      assert.doesNotMatch(String(sent()[0]?.body), /callIntelligenceOptions/);
    });
  });

  describe('never calls twice', () => {
    const ids = (): (string | undefined)[] =>
      sent().map(({ headers }) => headers['repeatability-request-id']);
    const times = (): (string | undefined)[] =>
      sent().map(({ headers }) => headers['repeatability-first-sent']);

    it('sends the stored id and the time of the first attempt', async () => {
      const dial = newDial();
      await dialer.dial(dial);
      assert.deepEqual(ids(), [dial.repeatabilityId]);
      assert.deepEqual(times(), [dial.firstSent.toUTCString()]);
    });

    it('keeps both in each retry, and the phone rings once', async () => {
      const dial = newDial();
      fault({ kind: 'status', status: 503, times: 2 });
      fault({ kind: 'status', status: 500, when: 'after', times: 2 });
      const { outcome } = await inTime(dialer.dial(dial));
      assert.equal(outcome.kind, 'accepted');
      assert.deepEqual(ids(), Array<string>(5).fill(dial.repeatabilityId));
      assert.equal(new Set(times()).size, 1);
      assert.equal(timesCalled(), 1);
    });

    it('keeps both after a restart', async () => {
      const dial = newDial();
      const first = await dialer.dial(dial);
      await clock.tick(5_000);
      const second = await newDialer().dial(dial);
      assert.deepEqual(second, first);
      assert.deepEqual(ids(), [dial.repeatabilityId, dial.repeatabilityId]);
      assert.equal(new Set(times()).size, 1);
      assert.equal(timesCalled(), 1);
    });

    it('does not mix those of concurrent calls', async () => {
      const dials = Array.from({ length: 10 }, () => newDial());
      await Promise.all(dials.map(async (dial) => await dialer.dial(dial)));
      const byContext = new Map(
        sent().map((request) => [
          z.looseObject({ operationContext: z.string() }).parse(body(request)).operationContext,
          request.headers['repeatability-request-id'],
        ]),
      );
      assert.deepEqual(
        byContext,
        new Map(dials.map(({ call, repeatabilityId }) => [call.id, repeatabilityId])),
      );
    });

    it('uses other ids for other requests', async () => {
      const dial = newDial();
      const { id } = await answered(dial);
      await dialer.hangUp(id);
      const [request] = exchanges.filter(({ operation }) => operation === 'terminateCall');
      assert.notEqual(request?.request.headers['repeatability-request-id'], dial.repeatabilityId);
    });
  });

  describe('reads the answer to createCall', () => {
    const refusals: [string, number, unknown, { code: number; subCode: number }][] = [
      [
        'a subcode as text',
        400,
        { error: { code: '8523', message: 'Invalid argument.' } },
        { code: 400, subCode: 8523 },
      ],
      ['a flat body', 403, { code: 10124, subCode: 10124, message: 'no' }, { code: 403, subCode: 10124 }],
      [
        'a flat body with code and subcode',
        403,
        { code: 403, subCode: 10391, message: 'no' },
        { code: 403, subCode: 10391 },
      ],
      ['a word for a code', 401, { error: { code: 'Denied', message: 'no' } }, { code: 401, subCode: 0 }],
      ['no body', 404, '', { code: 404, subCode: 0 }],
      ['something that is not an error', 400, [1, 2], { code: 400, subCode: 0 }],
    ];
    for (const [title, status, answer, result] of refusals) {
      it(`refused for good, with ${title}: no retry`, async () => {
        fault({ kind: 'status', status, body: answer });
        const outcome = await dialer.dial(newDial());
        assert.ok(outcome.kind === 'refused');
        const { code, subCode } = outcome.result;
        assert.deepEqual({ code, subCode }, result);
        assert.equal(emulator.requests.count('createCall'), 1);
        assert.equal(timesCalled(), 0);
      });
    }

    const taken: [string, What][] = [
      ['truncated JSON', { kind: 'malformed' }],
      ['no id', { kind: 'noId' }],
      [
        '200 instead of 201',
        { kind: 'status', status: 200, when: 'after', body: { callConnectionId: 'c-1' } },
      ],
      ['204 without a body', { kind: 'status', status: 204, when: 'after', body: '' }],
    ];
    for (const [title, what] of taken) {
      it(`accepted, although it answers with ${title}: no retry`, async () => {
        fault(what);
        const outcome = await dialer.dial(newDial());
        assert.equal(outcome.kind, 'accepted');
        assert.equal(emulator.requests.count('createCall'), 1);
        assert.equal(timesCalled(), 1);
      });
    }

    const passing: [string, What, number][] = [
      ['429 without Retry-After', { kind: 'status', status: 429 }, 0.3],
      ['429 with seconds', { kind: 'status', status: 429, retryAfter: 5 }, 5],
      ['503 with seconds', { kind: 'status', status: 503, retryAfter: 2 }, 2],
      ['429 with milliseconds', { kind: 'status', status: 429, headers: { 'retry-after-ms': '1500' } }, 1.5],
      ['429 with nonsense', { kind: 'status', status: 429, retryAfter: 'soon' }, 0.3],
      ['408', { kind: 'status', status: 408 }, 0.3],
      ['500', { kind: 'status', status: 500 }, 0.3],
      ['502 with a proxy’s page', { kind: 'status', status: 502, body: '<html>' }, 0.3],
      ['504', { kind: 'status', status: 504 }, 0.3],
      ['a cut connection', { kind: 'reset' }, 0.3],
      ['a cut connection after the call was accepted', { kind: 'reset', when: 'after' }, 0.3],
      ['500 after the call was accepted', { kind: 'status', status: 500, when: 'after' }, 0.3],
      ['no answer for 8 s', { kind: 'slow', ms: 60_000 }, 8.3],
    ];
    for (const [title, what, seconds] of passing) {
      it(`retried after ${title}`, async () => {
        fault(what);
        const { outcome, seconds: took } = await inTime(dialer.dial(newDial()));
        assert.equal(outcome.kind, 'accepted');
        assert.ok(took >= seconds && took <= seconds + 1, `${took} s`);
        assert.equal(timesCalled(), 1);
      });
    }

    it('retried after 429 with a date', async () => {
      fault({
        kind: 'status',
        status: 429,
        headers: { 'retry-after': new Date(clock.now() + 4_000).toUTCString() },
      });
      const { outcome, seconds } = await inTime(dialer.dial(newDial()));
      assert.equal(outcome.kind, 'accepted');
      assert.ok(seconds >= 3.9 && seconds < 5.5, `${seconds} s`);
    });

    const lasting: [string, What][] = [
      ['500', { kind: 'status', status: 500, times: 100 }],
      ['429', { kind: 'status', status: 429, times: 100 }],
      ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: 7, times: 100 }],
      ['cut connections', { kind: 'reset', times: 100 }],
      ['silence', { kind: 'slow', ms: 600_000, times: 100 }],
    ];
    for (const [title, what] of lasting) {
      it(`given up as unknown within 30 s if there is nothing but ${title}`, async () => {
        fault(what);
        const dial = newDial();
        const { outcome, seconds } = await inTime(dialer.dial(dial));
        assert.deepEqual(outcome, { kind: 'unknown' });
        assert.ok(seconds <= 30.6, `${seconds} s`);
        assert.ok(seconds >= 20, `${seconds} s`);
      });
    }

    it('given up at once if Retry-After is longer than that', async () => {
      fault({ kind: 'status', status: 429, retryAfter: 60 });
      const { outcome, seconds } = await inTime(dialer.dial(newDial()));
      assert.deepEqual(outcome, { kind: 'unknown' });
      assert.ok(seconds < 1);
    });

    it('given up 30 s after the first attempt, even if an earlier process made it', async () => {
      fault({ kind: 'slow', ms: 600_000, times: 100 });
      const dial = newDial();
      await clock.tick(25_000);
      const { outcome, seconds } = await inTime(dialer.dial(dial));
      assert.deepEqual(outcome, { kind: 'unknown' });
      assert.ok(seconds <= 5.6, `${seconds} s`);
    });
  });

  describe('"not found" and "conflict" for createCall', () => {
    for (const status of [404, 409]) {
      it(`${status} is not final for a retry: it is retried until there is an answer`, async () => {
        fault({ kind: 'reset', when: 'after' });
        fault({ kind: 'status', status, times: 2 });
        const { outcome } = await inTime(dialer.dial(newDial()));
        assert.equal(outcome.kind, 'accepted');
        assert.equal(timesCalled(), 1);
      });

      it(`${status} after a crash is not final either`, async () => {
        const dial = newDial();
        await dialer.dial(dial);
        fault({ kind: 'status', status });
        const { outcome } = await inTime(newDialer().dial({ ...dial, isRepeated: true }));
        assert.equal(outcome.kind, 'accepted');
        assert.equal(timesCalled(), 1);
      });

      it(`nothing but ${status} for 30 s means an unknown outcome`, async () => {
        fault({ kind: 'reset', when: 'after' });
        fault({ kind: 'status', status, times: 100 });
        const { outcome, seconds } = await inTime(dialer.dial(newDial()));
        assert.deepEqual(outcome, { kind: 'unknown' });
        assert.ok(seconds >= 20 && seconds <= 30.6, `${seconds} s`);
      });

      it(`${status} for the first attempt is a refusal`, async () => {
        fault({ kind: 'status', status });
        const { outcome } = await inTime(dialer.dial(newDial()));
        assert.equal(outcome.kind, 'refused');
        assert.equal(emulator.requests.count('createCall'), 1);
      });
    }
  });

  describe('a process suspended just before it sends createCall', () => {
    /** How long the process was suspended, by the wall clock. None of its timers fired. */
    let stoppedFor = 0;
    beforeEach(() => (stoppedFor = 0));
    /** The process is suspended when it is about to send, and continues from there. */
    function stoppedDialer(stop: () => void): Telephony {
      const wall: Clock = {
        now: () => clock.now() + stoppedFor,
        monotonic: () => clock.monotonic() + stoppedFor,
        setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
        clearTimeout: (timer) => clock.clearTimeout(timer),
        setInterval: (fn, ms) => clock.setInterval(fn, ms),
        clearInterval: (timer) => clock.clearInterval(timer),
      };
      const { log } = recordingLog();
      const checkpoint = (place: string): void => {
        if (place === 'before createCall') stop();
      };
      return createDialer({
        config,
        sql: noDatabase,
        clock: wall,
        log,
        assertLease: () => undefined,
        checkpoint,
      });
    }

    it('does not send it after 30 s', async () => {
      const stopped = stoppedDialer(() => (stoppedFor = 31_000));
      const { outcome } = await inTime(stopped.dial(newDial()));
      assert.deepEqual(outcome, { kind: 'unknown' });
      assert.equal(emulator.requests.count('createCall'), 0);
    });

    it('does not send it either if the clock was set back meanwhile', async () => {
      const start = performance.now();
      const passed = sinon.stub(performance, 'now').returns(start);
      afterTest(async () => passed.restore());
      const stopped = stoppedDialer(() => void passed.returns(start + 31_000));
      const { outcome } = await inTime(stopped.dial(newDial()));
      assert.deepEqual(outcome, { kind: 'unknown' });
      assert.equal(emulator.requests.count('createCall'), 0);
    });

    it('sends it if the service still knows the first one, and the phone rings once', async () => {
      const dial = newDial();
      await dialer.dial(dial);
      const stopped = stoppedDialer(() => (stoppedFor = 20_000));
      const { outcome } = await inTime(stopped.dial(dial));
      assert.equal(outcome.kind, 'accepted');
      assert.equal(timesCalled(), 1);
    });
  });

  describe('when another process may have taken over the call', () => {
    const asks: Record<keyof Telephony, (service: Telephony, dial: Dial) => Promise<unknown>> = {
      dial: async (service, dial) => await service.dial(dial),
      speak: async (service, { call }) => await service.speak(call, 'c', speechNamed('message')),
      listen: async (service, { call }) => await service.listen(call, 'c'),
      transfer: async (service, { call }) => await service.transfer(call, 'c', call.target),
      hangUp: async (service) => await service.hangUp('c'),
      probe: async (service) => await service.probe('c'),
    };
    for (const [name, ask] of Object.entries(asks)) {
      it(`sends no ${name} until it has its lease again`, async () => {
        isLeaseLost = true;
        const dial = newDial();
        await assert.rejects(ask(dialer, dial), LeaseLost);
        assert.deepEqual(exchanges, []);
        isLeaseLost = false;
        await ask(dialer, dial);
        assert.notDeepEqual(exchanges, []);
      });
    }

    it('does not repeat a request either', async () => {
      fault({ kind: 'status', status: 503, retryAfter: 10 });
      const dialled = dialer.dial(newDial());
      await settle();
      isLeaseLost = true;
      await Promise.all([assert.rejects(dialled, LeaseLost), clock.tick(10_000)]);
      assert.equal(sent().length, 1);
    });
  });

  describe('without an identity for calls', () => {
    /** The settings table is empty and stores nothing. */
    const dialWithout = async (): Promise<{ outcome: DialOutcome; seconds: number }> =>
      await inTime(newDialer({ sourceIdentity: null }).dial(newDial()));

    it('creates one first', async () => {
      const { outcome } = await dialWithout();
      assert.equal(outcome.kind, 'accepted');
      assert.equal(emulator.requests.count('createIdentity'), 1);
    });

    it('says that the key is wrong and that nobody was called', async () => {
      fault({
        operation: 'createIdentity',
        kind: 'status',
        status: 401,
        body: { error: { code: 'Denied', message: 'no' } },
      });
      const { outcome } = await dialWithout();
      assert.ok(outcome.kind === 'refused');
      assert.equal(outcome.result.code, 401);
      assert.equal(emulator.requests.count('createCall'), 0);
    });

    it('retries temporary failures', async () => {
      fault({ operation: 'createIdentity', kind: 'status', status: 429, times: 2 });
      fault({ operation: 'createIdentity', kind: 'slow', ms: 600_000 });
      const { outcome, seconds } = await dialWithout();
      assert.equal(outcome.kind, 'accepted');
      assert.ok(seconds > 8 && seconds < 16, `${seconds} s`);
    });

    it('knows that nobody was called if there is none within 30 s', async () => {
      fault({ operation: 'createIdentity', kind: 'slow', ms: 600_000, times: 100 });
      const { outcome } = await dialWithout();
      assert.ok(outcome.kind === 'refused');
      assert.equal(outcome.result.code, 503);
    });
  });

  describe('controls a call', () => {
    it('speaks', async () => {
      const { call, id } = await answered();
      assert.deepEqual(await dialer.speak(call, id, speechNamed('message')), { kind: 'accepted' });
      const [play] = exchanges.filter(({ operation }) => operation === 'play');
      const { operationContext, playSources, playTo } = z
        .looseObject({
          operationContext: z.string(),
          playTo: z.array(z.unknown()),
          playSources: z.array(
            z.looseObject({
              kind: z.string(),
              text: z.looseObject({ text: z.string(), sourceLocale: z.string() }),
            }),
          ),
        })
        .parse(body(play?.request));
      assert.equal(operationContext, 'message');
      assert.deepEqual(playTo, []);
      const text = playSources[0]?.text;
      assert.ok(text && text.text.includes('The build is red'));
      assert.match(text.sourceLocale, /^en/);
    });

    describe('with the voice', () => {
      const voices = { en: 'en-GB-SoniaNeural', 'pt-BR': 'pt-BR-FranciscaNeural' };
      const alert = { ...escalate, voice: 'en-US-AvaNeural' };
      const cases: readonly [of: string, purpose: Purpose, language: string, source: object][] = [
        ['of the language in ringdown.yaml', speak, 'pt-PT', { voiceName: 'pt-BR-FranciscaNeural' }],
        ['of English for a language without texts', speak, 'tlh', { voiceName: 'en-GB-SoniaNeural' }],
        ['of the policy', alert, 'en', { voiceName: 'en-US-AvaNeural' }],
        ['that the service has for the language', speak, 'de-AT', { sourceLocale: 'de-DE' }],
      ];
      for (const [of, purpose, language, source] of cases) {
        it(of, async () => {
          const { call, id } = await answered(newDial(purpose));
          await newDialer({ voices: () => voices }).speak({ ...call, language }, id, speechNamed('message'));
          const play = exchanges.find(({ operation }) => operation === 'play');
          const { playSources } = z
            .object({ playSources: z.array(z.object({ text: z.looseObject({ text: z.string() }) })) })
            .parse(body(play?.request));
          assert.deepEqual(
            playSources.map(({ text: { text, ...chosen } }) => [text !== '', chosen]),
            [[true, source]],
          );
        });
      }
    });

    it('says that speech is not configured, without a request', async () => {
      const { call, id } = await answered();
      const outcome = await newDialer({ cognitiveServicesEndpoint: null }).speak(
        call,
        id,
        speechNamed('message'),
      );
      assert.ok(outcome.kind === 'refused');
      assert.deepEqual([outcome.result.code, outcome.result.subCode], [0, 8567]);
      assert.equal(emulator.requests.count('play'), 0);
    });

    it('interrupts speech only to say how an alert ended', async () => {
      const { call, id } = await answered(newDial(escalate));
      for (const context of ['message', 'acknowledged', 'takenOver'] as const)
        await dialer.speak(call, id, speechNamed(context));
      const interrupts = exchanges
        .filter(({ operation }) => operation === 'play')
        .map(
          ({ request }) =>
            z.looseObject({ interruptCallMediaOperation: z.boolean().optional() }).parse(body(request))
              .interruptCallMediaOperation ?? false,
        );
      assert.deepEqual(interrupts, [false, true, true]);
    });

    it('has a text for every context', async () => {
      for (const purpose of [speak, testCall, connect, escalate]) {
        const { call, id } = await answered(newDial(purpose));
        for (const context of [
          'message',
          'connecting',
          'transferFailed',
          'acknowledged',
          'takenOver',
        ] as const) {
          assert.deepEqual(await dialer.speak(call, id, speechNamed(context)), { kind: 'accepted' });
        }
        await dialer.hangUp(id);
        await settle();
      }
    });

    it('transfers to Teams users only', async () => {
      const { call, id } = await answered(newDial(connect));
      const alex = emulator.people.get('Alex Wilber');
      const outcome = await dialer.transfer(call, id, {
        kind: 'communicationUser',
        id: '8:acs:x',
        displayName: 'X',
      });
      assert.equal(outcome.kind, 'refused');
      assert.equal(emulator.requests.count('transferToParticipant'), 0);
      assert.deepEqual(
        await dialer.transfer(call, id, { kind: 'teamsUser', id: alex.id, displayName: 'Alex Wilber' }),
        { kind: 'accepted' },
      );
    });

    it('listens for keys, unless it is turned off', async () => {
      const { call, id } = await answered();
      assert.equal((await newDialer({ listenForKeys: false }).listen(call, id)).kind, 'refused');
      assert.deepEqual(await dialer.listen(call, id), { kind: 'accepted' });
      assert.equal(emulator.requests.count('startContinuousDtmfRecognition'), 1);
    });

    it('asks on a phone of the telephone network, and listens for the reply', async () => {
      const number = '+493023125001';
      emulator.people.script(number, { answers: { afterMs: 100 } });
      const onPhone = newDialer({ phoneNumber: emulator.addresses.phoneNumber });
      const { call } = newDial(escalateWithPin.purpose, { kind: 'phone', id: number, displayName: 'X' });
      const dial = { ...newDial(), call };
      const outcome = await onPhone.dial(dial);
      assert.ok(outcome.kind === 'accepted' && outcome.callConnectionId);
      await clock.tick(1_000);
      await emulator.idle();
      for (const name of ['message', 'wrongKey', 'confirm2', 'pin', 'pinRefused'] as const)
        await onPhone.speak(call, outcome.callConnectionId, speechNamed(name));
      const heard = z.looseObject({
        playPrompt: z.object({ text: z.looseObject({ text: z.string() }) }),
        recognizeOptions: z.looseObject({ targetParticipant: z.object({ rawId: z.string() }).loose() }),
        operationContext: z.string(),
        interruptCallMediaOperation: z.literal(true),
      });
      const asked = exchanges
        .filter(({ operation }) => operation === 'recognize')
        .map(({ request }) => heard.parse(body(request)));
      const oneKey = { interToneTimeoutInSeconds: 2, maxTonesToCollect: 1 };
      assert.deepEqual(
        asked.map(({ operationContext, recognizeOptions: { targetParticipant, ...options } }) => {
          assert.equal(targetParticipant.rawId, `4:${number}`);
          return [operationContext, options];
        }),
        [
          ['message', { interruptPrompt: true, initialSilenceTimeoutInSeconds: 8, dtmfOptions: oneKey }],
          ['wrongKey', { interruptPrompt: true, initialSilenceTimeoutInSeconds: 8, dtmfOptions: oneKey }],
          ['confirm2', { interruptPrompt: false, initialSilenceTimeoutInSeconds: 8, dtmfOptions: oneKey }],
          [
            'pin',
            {
              interruptPrompt: true,
              initialSilenceTimeoutInSeconds: 20,
              dtmfOptions: { interToneTimeoutInSeconds: 8, maxTonesToCollect: 9, stopTones: ['pound'] },
            },
          ],
        ],
      );
      const texts = asked.map(({ playPrompt }) => playPrompt.text.text);
      assert.match(texts[0] ?? '', /Press 1 to acknowledge/);
      assert.match(texts[2] ?? '', /about to acknowledge: Checkout is down\. To confirm, press 5\./);
      assert.match(texts[3] ?? '', /about to acknowledge: Checkout is down\. To confirm, enter your PIN\./);
      // The last word needs no reply.
      assert.equal(emulator.requests.count('play'), 1);
    });

    it('reports final refusals', async () => {
      const { call, id } = await answered();
      fault({
        operation: 'play',
        kind: 'status',
        status: 400,
        body: { error: { code: '8523', message: 'no' } },
      });
      const outcome = await dialer.speak(call, id, speechNamed('message'));
      assert.ok(outcome.kind === 'refused');
      assert.deepEqual([outcome.result.code, outcome.result.subCode], [400, 8523]);
    });

    it('treats "not found" and "conflict" as an unknown outcome', async () => {
      const { call, id } = await answered(newDial(connect));
      const alex: Target = { kind: 'teamsUser', id: randomUUID(), displayName: 'Alex Wilber' };
      const unknown = { kind: 'unknown' };
      for (const [status, code] of [
        [404, '8522'],
        [409, '8519'],
        [400, '8501'],
        [412, '8583'],
        [410, ''],
      ] as const) {
        const what = { kind: 'status', status, body: { error: { code, message: 'no' } } } as const;
        fault({ operation: 'play', ...what });
        fault({ operation: 'transferToParticipant', ...what });
        fault({ operation: 'startContinuousDtmfRecognition', ...what });
        assert.deepEqual(
          await dialer.speak(call, id, speechNamed('message')),
          unknown,
          `play ${status}/${code}`,
        );
        assert.deepEqual(await dialer.transfer(call, id, alex), unknown, `transfer ${status}/${code}`);
        assert.deepEqual(await dialer.listen(call, id), unknown, `listen ${status}/${code}`);
      }
    });

    it('does not count a hang-up with a conflict as done while the call is up', async () => {
      const { id } = await answered();
      fault({ operation: 'terminateCall', kind: 'status', status: 409 });
      await assert.rejects(dialer.hangUp(id), TryAgainLater);
      await dialer.hangUp(id);
      await settle();
      assert.equal(await dialer.probe(id), 'gone');
    });

    it('retries throttled requests when the service says so', async () => {
      const { call, id } = await answered();
      fault({ operation: 'play', kind: 'status', status: 429 });
      await assert.rejects(
        dialer.speak(call, id, speechNamed('message')),
        (error) => error instanceof TryAgainLater && error.delayMs === 1_000,
      );
    });

    const connectedTo: Target = { kind: 'teamsUser', id: randomUUID(), displayName: 'Megan Bowen' };
    for (const [operation, send] of [
      ['play', async (call, id) => await dialer.speak(call, id, speechNamed('message'))],
      ['startContinuousDtmfRecognition', async (call, id) => await dialer.listen(call, id)],
      ['transferToParticipant', async (call, id) => await dialer.transfer(call, id, connectedTo)],
      ['terminateCall', async (_call, id) => await dialer.hangUp(id)],
    ] satisfies [Fault['operation'], (call: Call, id: string) => Promise<unknown>][]) {
      it(`retries after 8 s without an answer: ${operation}`, async () => {
        const { call, id } = await answered();
        fault({ operation, kind: 'slow', ms: 600_000 });
        const attempt = send(call, id).then(
          () => null,
          (error: unknown) => error,
        );
        const { outcome, seconds } = await inTime(attempt);
        assert.ok(outcome instanceof TryAgainLater);
        assert.ok(seconds >= 8 && seconds < 9, `${seconds} s`);
      });
    }

    it('counts an unexpected 2xx as success', async () => {
      const { call, id } = await answered();
      fault({ operation: 'play', kind: 'status', status: 200, when: 'after' });
      assert.deepEqual(await dialer.speak(call, id, speechNamed('message')), { kind: 'accepted' });
    });

    it('hangs up for everybody, even twice', async () => {
      const { id } = await answered();
      await dialer.hangUp(id);
      await settle();
      await dialer.hangUp(id);
      await dialer.hangUp('no-such-call');
      assert.equal(emulator.requests.count('terminateCall'), 3);
    });

    for (const status of [401, 403]) {
      it(`does not count a hang-up refused with ${status} as done`, async () => {
        const { id } = await answered();
        fault({ operation: 'terminateCall', kind: 'status', status });
        await assert.rejects(dialer.hangUp(id), TryAgainLater);
        await dialer.hangUp(id);
      });
    }

    it('asks the service for the state of a call', async () => {
      const dial = newDial();
      const placed = await dialer.dial(dial);
      assert.ok(placed.kind === 'accepted' && placed.callConnectionId);
      const id = placed.callConnectionId;
      assert.equal(await dialer.probe(id), 'connecting');
      emulator.phone('Adele Vance').answer();
      await clock.tick(1_000);
      await emulator.idle();
      assert.equal(await dialer.probe(id), 'connected');
      await dialer.hangUp(id);
      await clock.tick(1_000);
      assert.equal(await dialer.probe(id), 'gone');
      assert.equal(await dialer.probe('no-such-call'), 'gone');
    });

    it('reports an unknown state if the service does not say', async () => {
      const { id } = await answered();
      for (const status of [401, 403, 429]) {
        fault({ operation: 'getCall', kind: 'status', status });
        assert.equal(await dialer.probe(id), 'unknown');
      }
    });
  });

  it('never logs a secret or a callback address', async () => {
    fault({ kind: 'status', status: 503 });
    fault({ kind: 'reset' });
    fault({ kind: 'malformed' });
    await inTime(dialer.dial(newDial()));
    fault({
      kind: 'status',
      status: 403,
      body: { error: { code: '1', message: `about ${SECRET} and /api/callbacks/` } },
    });
    await inTime(dialer.dial(newDial()));
    assert.ok(lines.length >= 3);
    assert.doesNotMatch(lines.join(''), /the-secret|api\/callbacks|accesskey/i);
  });
});
