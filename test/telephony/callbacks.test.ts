import assert from 'node:assert/strict';
import * as z from 'zod';
import type { CallEvent } from '../../src/calls/call.ts';
import { CallService } from '../../src/calls/callService.ts';
import type { IncomingEvent } from '../../src/calls/happenings.ts';
import { loadCall } from '../../src/calls/callStore.ts';
import { view } from '../../src/calls/lifecycle/lifecycle.ts';
import type { Database } from '../../src/database/open.ts';
import type { Transact } from '../../src/database/transaction.ts';
import { storeEvents } from '../../src/telephony/callbacks.ts';
import { testClock } from '../support/clock.ts';
import { plainTransact } from '../support/plainTransact.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { adele, speak, speechNamed } from '../support/calls/stories.ts';
import { referenceJson } from '../support/reference.ts';

const NOW = Date.parse('2026-09-15T12:00:00.000Z');
const TIME = '2026-09-15T11:36:07.9937574+00:00';
const AT = '2026-09-15T11:36:07.993Z';
const CALL = 'call_1';

const wire = (type: string, data: object = {}, envelope: object = {}): object => ({
  id: 'e-1',
  source: 'calling/callConnections/c-1',
  type: `Microsoft.Communication.${type}`,
  time: TIME,
  specversion: '1.0',
  datacontenttype: 'application/json',
  data: {
    version: '2026-03-12',
    callConnectionId: 'c-1',
    serverCallId: 's-1',
    correlationId: 'r-1',
    publicEventType: `Microsoft.Communication.${type}`,
    ...data,
  },
  ...envelope,
});
const of = (code: number, subCode: number, message = ''): object => ({
  resultInformation: { code, subCode, message },
});
const result = (
  code: number | null,
  subCode: number | null,
  message = '',
): { code: number | null; subCode: number | null; message: string } => ({ code, subCode, message });

const at = AT;
const callConnectionId = 'c-1';
const names = { callConnectionId, serverCallId: 's-1', correlationId: 'r-1' };

/** What the service heard after a question. */
const heard = (type: string, subCode: number, question: string, tones?: string[], more = {}): object =>
  wire(type, {
    ...more,
    operationContext: question,
    recognitionType: 'dtmf',
    ...(tones && { dtmfResult: { tones } }),
    ...of(type === 'RecognizeCompleted' ? 200 : 400, subCode),
  });

/** Service events and what they mean. */
const meanings: [string, object, CallEvent | null][] = [
  ['the phone was answered', wire('CallConnected', of(200, 0)), { type: 'connected', at, ...names }],
  ['… without a result, as in 2024', wire('CallConnected'), { type: 'connected', at, ...names }],
  ['it is over', wire('CallDisconnected', of(200, 7000, 'ended')), { type: 'ended', at, by: 'disconnected', result: result(200, 7000, 'ended'), callConnectionId }],
  ['… without a result', wire('CallDisconnected'), { type: 'ended', at, by: 'disconnected', result: result(null, null), callConnectionId }],
  ['… with an empty result', wire('CallDisconnected', { resultInformation: {} }), { type: 'ended', at, by: 'disconnected', result: result(null, null), callConnectionId }],
  ['… with only a message as result', wire('CallDisconnected', { resultInformation: { message: 'bye' } }), { type: 'ended', at, by: 'disconnected', result: result(null, null, 'bye'), callConnectionId }],
  ['… with codes of the wrong type', wire('CallDisconnected', { resultInformation: { code: 'x', subCode: [], message: 5 } }), { type: 'ended', at, by: 'disconnected', result: result(null, null), callConnectionId }],
  ['… with the result 0/0', wire('CallDisconnected', of(0, 0)), { type: 'ended', at, by: 'disconnected', result: result(0, 0), callConnectionId }],
  ['… with only a subcode', wire('CallDisconnected', { resultInformation: { subCode: 10004 } }), { type: 'ended', at, by: 'disconnected', result: result(null, 10004), callConnectionId }],
  ['… with a result that is not an object', wire('CallDisconnected', { resultInformation: 'gone' }), { type: 'ended', at, by: 'disconnected', result: result(null, null), callConnectionId }],
  ['… with half a result', wire('CallDisconnected', { resultInformation: { code: 487, message: null } }), { type: 'ended', at, by: 'disconnected', result: result(487, null), callConnectionId }],
  ['it was not placed, without a reason', wire('CreateCallFailed'), { type: 'ended', at, by: 'createCallFailed', result: result(null, null), callConnectionId }],
  ['it could not be connected, without a reason', wire('ConnectFailed'), { type: 'ended', at, by: 'connectFailed', result: result(null, null), callConnectionId }],
  ['it was not placed', wire('CreateCallFailed', of(403, 10124)), { type: 'ended', at, by: 'createCallFailed', result: result(403, 10124), callConnectionId }],
  ['it could not be connected', wire('ConnectFailed', of(480, 10076)), { type: 'ended', at, by: 'connectFailed', result: result(480, 10076), callConnectionId }],
  ['the message was spoken', wire('PlayCompleted', { operationContext: 'message', ...of(200, 0) }), { type: 'playCompleted', at, speech: speechNamed('message'), callConnectionId }],
  ['something was spoken', wire('PlayCompleted', of(200, 0)), { type: 'sign', at, ...names }],
  ['the message was not spoken', wire('PlayFailed', { operationContext: 'message', ...of(400, 8535) }), { type: 'playFailed', at, speech: speechNamed('message'), result: result(400, 8535), callConnectionId }],
  ['speaking was stopped', wire('PlayCanceled', { operationContext: 'message', ...of(400, 8508) }), { type: 'playFailed', at, speech: speechNamed('message'), result: result(400, 8508), callConnectionId }],
  ['… which the event says by its name alone', wire('PlayCanceled', { operationContext: 'message' }), { type: 'playFailed', at, speech: speechNamed('message'), result: result(null, 8508), callConnectionId }],
  ['the message was not spoken, for no reason that is told', wire('PlayFailed', { operationContext: 'message' }), { type: 'playFailed', at, speech: speechNamed('message'), result: result(null, null), callConnectionId }],
  ['the transfer went through', wire('CallTransferAccepted', { operationContext: CALL }), { type: 'transferAccepted', at, callConnectionId }],
  ['the transfer failed', wire('CallTransferFailed', { operationContext: CALL, ...of(500, 1) }), { type: 'transferFailed', at, result: result(500, 1), callConnectionId }],
  ['… without a reason', wire('CallTransferFailed', { operationContext: CALL }), { type: 'transferFailed', at, result: result(null, null), callConnectionId }],
  ['a key was pressed', wire('ContinuousDtmfRecognitionToneReceived', { tone: 'one', sequenceId: 3, operationContext: CALL }), { type: 'tone', at, tone: 'one', sequenceId: 3, callConnectionId }],
  ['a key was pressed, but not which one', wire('ContinuousDtmfRecognitionToneReceived', { sequenceId: 3 }), { type: 'sign', at, ...names }],
  ['a key was pressed after a question', heard('RecognizeCompleted', 8531, 'message2', ['one']), { type: 'replied', at, speech: { context: 'message', nth: 2 }, reply: { kind: 'key', tone: 'one' }, callConnectionId }],
  ['… and it is no key of the question', heard('RecognizeFailed', 8534, 'wrongKey'), { type: 'replied', at, speech: { context: 'wrongKey', nth: 1 }, reply: { kind: 'key', tone: 'unknown' }, callConnectionId }],
  ['nothing was pressed in time', heard('RecognizeFailed', 8510, 'confirm2'), { type: 'replied', at, speech: { context: 'confirm', nth: 2 }, reply: { kind: 'silence' }, callConnectionId }],
  ['… or no more', heard('RecognizeFailed', 8532, 'pin', ['four']), { type: 'replied', at, speech: { context: 'pin', nth: 1 }, reply: { kind: 'pin', right: false }, callConnectionId }],
  ['nothing was heard at all', heard('RecognizeCompleted', 8514, 'pin2', []), { type: 'replied', at, speech: { context: 'pin', nth: 2 }, reply: { kind: 'silence' }, callConnectionId }],
  ['a PIN was keyed in, which is yet to be judged', heard('RecognizeCompleted', 8514, 'pin2', ['four', 'seven', 'one', 'one', 'pound']), { type: 'replied', at, speech: { context: 'pin', nth: 2 }, reply: { kind: 'pin', right: false }, callConnectionId }],
  ['a question could not be spoken', heard('RecognizeFailed', 8511, 'message'), { type: 'playFailed', at, speech: speechNamed('message'), result: result(400, 8511), callConnectionId }],
  ['… or keys not be awaited', heard('RecognizeFailed', 8512, 'message'), { type: 'playFailed', at, speech: speechNamed('message'), result: result(400, 8512), callConnectionId }],
  ['something else was to be said', heard('RecognizeCanceled', 8508, 'message'), { type: 'sign', at, ...names }],
  ['something was heard that nobody asked for', heard('RecognizeCompleted', 8531, 'elsewhere', ['one']), { type: 'sign', at, ...names }],
  ['somebody came or went', wire('ParticipantsUpdated', { participants: [], sequenceNumber: 1 }), { type: 'sign', at, ...names }],
  ['speaking began', wire('PlayStarted', { operationContext: 'message' }), { type: 'playStarted', at, speech: speechNamed('message'), callConnectionId }],
  ['something that nobody knows yet', wire('QuantumEntangled', { flavour: 'strange' }), { type: 'sign', at, ...names }],
  ['something of another service', { ...wire('X'), type: 'Contoso.Thing' }, { type: 'sign', at, ...names }],
  ['something without data', wire('CallConnected', {}, { data: undefined }), null],
  ['data that is nothing', wire('CallConnected', {}, { data: null }), null],
  ['data that is no object', wire('CallConnected', {}, { data: 'x' }), null],
  ['data without a connection', wire('CallConnected', { callConnectionId: undefined }), null],
  ['a connection id that is not a string', wire('CallConnected', { callConnectionId: 7 }), null],
  ['an event of another call', wire('CallConnected', { operationContext: 'call_2' }), null],
  ['an event with this call as context', wire('CallConnected', { operationContext: CALL }), { type: 'connected', at, ...names }],
  ['optional members that are null', wire('CallConnected', { operationContext: null, serverCallId: null, correlationId: null, tone: null, sequenceId: null, resultInformation: null }), { type: 'connected', at, callConnectionId, serverCallId: null, correlationId: null }],
  ['optional members of the wrong type', wire('CallConnected', { operationContext: {}, serverCallId: 5, tone: [], sequenceId: 'one' }), { type: 'connected', at, callConnectionId, serverCallId: null, correlationId: 'r-1' }],
  ['no time: now', wire('CallTransferAccepted', {}, { time: undefined }), { type: 'transferAccepted', at: new Date(NOW).toISOString(), callConnectionId }],
  ['an invalid time: now', wire('CallTransferAccepted', {}, { time: 'noon' }), { type: 'transferAccepted', at: new Date(NOW).toISOString(), callConnectionId }],
  ['a time that is not a string: now', wire('CallTransferAccepted', {}, { time: 5 }), { type: 'transferAccepted', at: new Date(NOW).toISOString(), callConnectionId }],
  ['a time in the future: now', wire('CallTransferAccepted', {}, { time: '9999-01-01T00:00:00Z' }), { type: 'transferAccepted', at: new Date(NOW).toISOString(), callConnectionId }],
  ['a time in the distant past: now', wire('CallTransferAccepted', {}, { time: '-000001-01-01T00:00:00Z' }), { type: 'transferAccepted', at: new Date(NOW).toISOString(), callConnectionId }],
  ['a time in another zone', wire('CallTransferAccepted', {}, { time: '2026-09-15T13:36:07.99+02:00' }), { type: 'transferAccepted', at: '2026-09-15T11:36:07.990Z', callConnectionId }],
]; // prettier-ignore

/** Stands in for the call service, with its one method. */
class Recorder extends CallService {
  readonly taken: IncomingEvent[] = [];
  override async takeEvents(
    _callId: string,
    _secret: string,
    events: readonly IncomingEvent[],
  ): Promise<'taken' | 'unknown'> {
    this.taken.push(...events);
    return await Promise.resolve('taken');
  }
}

async function read(...events: unknown[]): Promise<Recorder['taken']> {
  const nothing = { sql: undefined, transact: undefined } as never;
  const recorder = new Recorder({
    database: nothing,
    transact: nothing,
    clock: testClock(),
    ringTimeoutSeconds: 45,
    createCallsPerSecond: 10,
  });
  assert.equal(await storeEvents(recorder, CALL, 'secret', events, NOW), 'taken');
  return recorder.taken;
}

describe('events of the service', () => {
  describe('mean', () => {
    for (const [title, event, meaning] of meanings) {
      it(title, async () => {
        const [taken, ...more] = await read(event);
        assert.deepEqual(more, []);
        assert.deepEqual(taken?.event, meaning);
        assert.equal(taken?.id, 'e-1');
      });
    }
  });

  it('are stored unchanged, including unknown members', async () => {
    const event = wire(
      'CallConnected',
      { eventSource: 'x', nested: { deep: [1] }, tone: 7 },
      { subject: 'y' },
    );
    const [taken] = await read(event);
    assert.deepEqual(taken?.body, event);
    assert.equal(taken?.type, 'CallConnected');
  });

  it('are stored without the PIN that was keyed in, or might have been', async () => {
    const pin = ['four', 'seven', 'one', 'one'];
    const [menu] = await read(heard('RecognizeCompleted', 8531, 'message', ['one']));
    assert.match(JSON.stringify(menu?.body), /"tones":\["one"\]/);
    for (const [type, question] of [
      ['RecognizeCompleted', 'pin'],
      ['RecognizeCompleted', 'pin3'],
      ['RecognizeFailed', 'pin'],
      ['RecognizeCompleted', 'a question of a newer version'],
      ['RecognizeCompleted', ''],
      ['RecognizeSomethingNew', 'pin'],
    ] as const) {
      const [taken] = await read(heard(type, 8514, question, pin, { collectedDigits: '4711' }));
      assert.doesNotMatch(
        JSON.stringify([taken?.body, taken?.event]),
        /four|seven|4711/,
        `${type} ${question}`,
      );
      assert.match(JSON.stringify(taken?.body), /"subCode":8514/);
      const isPin = question.startsWith('pin') && type !== 'RecognizeSomethingNew';
      assert.equal(taken?.digits, isPin && type === 'RecognizeCompleted' ? '4711' : undefined);
    }
  });

  it('are skipped if they are not events, and the others are stored', async () => {
    const nonsense = [
      null,
      5,
      'x',
      [],
      {},
      { id: 'a' },
      { type: 'b' },
      { id: '', type: 'c' },
      { id: 7, type: 'd' },
      { id: 'x'.repeat(300), type: 'e' },
    ];
    const taken = await read(...nonsense, wire('CallConnected'), ...nonsense);
    assert.deepEqual(
      taken.map(({ type }) => type),
      ['CallConnected'],
    );
    assert.deepEqual(await read(), []);
  });

  forEachDatabaseByTurns((open) => {
    let database: Database;
    let transact: Transact;
    const clock = testClock();
    before(async () => {
      database = await open();
      transact = plainTransact(database);
    });

    it('recorded from the real service are accepted', async function () {
      const file = referenceJson('reference/recorded-events/play-invalid-file.json') ?? this.skip();
      const recorded = z.array(z.unknown()).parse(file);
      const calls = new CallService({
        database,
        transact,
        clock,
        ringTimeoutSeconds: 45,
        createCallsPerSecond: 10,
      });
      const { call } = await calls.place({
        target: adele,
        requestedBy: { kind: 'api', key: 'api:x', name: 'x' },
        purpose: speak,
        language: 'en',
      });
      await calls.apply(call.id, { type: 'dialSent', at: new Date(clock.now()).toISOString() });
      const secret = (await loadCall(database.sql, call.id))?.callbackSecret ?? '';
      for (const event of recorded.toReversed())
        assert.equal(await storeEvents(calls, call.id, secret, [event], clock.now()), 'taken');
      assert.equal(await storeEvents(calls, call.id, secret, recorded, clock.now()), 'taken');

      const stored = await database.sql
        .selectFrom('call_events')
        .select(['applied', 'body'])
        .where('call_id', '=', call.id)
        .execute();
      assert.equal(stored.length, recorded.length);
      assert.ok(stored.every(({ applied }) => applied));
      assert.deepEqual(
        new Set(stored.map(({ body }) => JSON.stringify(sorted(body)))),
        new Set(recorded.map((event) => JSON.stringify(sorted(event)))),
      );
      const after = await calls.get(call.id);
      assert.ok(after);
      const { status, disposition, code, subCode, connectedAt } = view(after);
      assert.deepEqual(
        { status, disposition, code, subCode },
        { status: 'ended', disposition: 'answered', code: 200, subCode: 7000 },
      );
      assert.equal(connectedAt, '2026-09-15T11:36:07.993Z');
    });
  });
});

/** With sorted members, because the database does not keep their order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}
