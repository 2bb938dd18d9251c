import {
  CallAutomationClient,
  DtmfTone,
  type CallMediaRecognizeDtmfOptions,
  type CallAutomationClientOptions,
  type CreateCallResult,
} from '@azure/communication-call-automation';
import type { Logger } from 'pino';
import type { Call, ServiceResult, Speech, Target } from '../calls/call.ts';
import type { Dial, DialOutcome, RequestOutcome, Telephony } from '../calls/telephony.ts';
import { speechName } from '../calls/lifecycle/speech.ts';
import { isQuestion } from '../calls/purposes/escalateByPhone.ts';
import { noCheckpoint, type Checkpoint } from '../database/checkpoint.ts';
import type { Clock } from '../clock.ts';
import type { IdentifierCloud } from '../config/clouds.ts';
import { isDatabaseAway } from '../database/away.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { Sql } from '../database/schema.ts';
import { identifierOf, inviteOf, teamsUserOf } from './calleeIdentifiers.ts';
import { wordsOf } from './speech.ts';
import { createIdentityClient, type AcsAccess } from './identityClient.ts';
import { sourceIdentity } from './identities.ts';
import { repeatabilityPolicy, repeatableFor, withRepeatability } from './repeatability.ts';
import { readFailure, tellsOnlyState, type Failure } from './serviceErrors.ts';
import { timeLimitPolicy, withTimeLimit } from './timeLimit.ts';

export interface DialerConfig {
  acs: AcsAccess;
  /** Plain http, which the configuration allows on loopback only. */
  allowInsecureConnection: boolean;
  sourceIdentity: string | null;
  callerDisplayName: string;
  /** The number (E.164) that calls to phone numbers come from; null: they are refused. */
  phoneNumber: string | null;
  cognitiveServicesEndpoint: string | null;
  /** The origin that the service calls back. Known only once the server listens. */
  publicUrl: () => string;
  cloud: IdentifierCloud;
  /** Whether to listen for DTMF tones at all. */
  listenForKeys: boolean;
  /** Whether to ask people to press keys: only once tones are known to arrive (DTMF_ACKNOWLEDGE). */
  askForKeys: () => Promise<boolean>;
  /** The voices of ringdown.yaml by language, as it is now. */
  voices: () => Readonly<Record<string, string>>;
}

const ATTEMPT_TIMEOUT_MS = 8_000;
/**
 * Pause after a refused hang-up (for example because the access key was changed). The call is still up, so keep
 * trying.
 */
const HANG_UP_REFUSED_PAUSE_MS = 5_000;
/** Pauses between attempts if the service sends no Retry-After. */
const PAUSES_MS = [300, 1_000, 2_000, 4_000];

/** Places and controls calls through Azure Communication Services Call Automation. */
export function createDialer(parts: {
  config: DialerConfig;
  sql: Sql;
  clock: Clock;
  log: Logger;
  /** Throws TryAgainLater if another process may have taken over the call: then nothing is sent. */
  assertLease: () => void;
  checkpoint?: Checkpoint;
}): Telephony {
  const { config, sql, clock, log, assertLease, checkpoint = noCheckpoint } = parts;
  // We retry `createCall` ourselves, under the stored id. The SDK retries the other requests.
  const common = {
    allowInsecureConnection: config.allowInsecureConnection,
    additionalPolicies: [{ policy: timeLimitPolicy, position: 'perCall' as const }],
  };
  const client = newClient(common);
  // No retries for `play`: it is not repeatable, so a second request would be heard twice. The event PlayStarted
  // confirms it.
  const speaking = newClient({ ...common, retryOptions: { maxRetries: 0 } });
  const identities = createIdentityClient({
    acs: config.acs,
    allowInsecureConnection: config.allowInsecureConnection,
    clock,
    checkpoint,
  });
  let dialing: Promise<CallAutomationClient> | null = null;

  function newClient(options: CallAutomationClientOptions): CallAutomationClient {
    return 'connectionString' in config.acs
      ? new CallAutomationClient(config.acs.connectionString, options)
      : new CallAutomationClient(config.acs.endpoint, config.acs.credential, options);
  }

  async function newDialingClient(): Promise<CallAutomationClient> {
    const id = await sourceIdentity(sql, identities, config.sourceIdentity);
    return newClient({
      ...common,
      sourceIdentity: { communicationUserId: id },
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [
        ...common.additionalPolicies,
        { policy: repeatabilityPolicy, position: 'perRetry' },
      ],
    });
  }

  async function dialingClient(): Promise<CallAutomationClient> {
    dialing ??= newDialingClient().catch((error: unknown) => {
      dialing = null;
      throw error;
    });
    return await dialing;
  }

  /** Runs a request with our own time limit. */
  async function limited<T>(what: string, send: () => Promise<T>, limitMs = ATTEMPT_TIMEOUT_MS): Promise<T> {
    checkpoint(`before ${what}`);
    assertLease();
    const answer = await withTimeLimit(limitMs, clock, send);
    checkpoint(`after ${what}`);
    return answer;
  }

  /** @throws TryAgainLater if the request was not sent */
  function read(error: unknown): Failure {
    if (error instanceof TryAgainLater) throw error;
    return readFailure(error, clock.now());
  }

  /**
   * Retries until the answer is final or the time is up. For a repeated request, "not found" and "conflict" are not
   * final: an earlier attempt may have succeeded.
   *
   * @param isRepeated an earlier process may already have sent it
   * @param leftMs milliseconds that are left
   * @returns the answer, or the last failure; `retry` if the time is up
   * @throws errors of the database; TryAgainLater if another process may have taken over
   */
  async function withRetries<T>(
    what: string,
    { call, isRepeated, leftMs }: { call: Call; isRepeated: boolean; leftMs: () => number },
    send: () => Promise<T>,
  ): Promise<{ kind: 'answered'; answer: T } | Failure> {
    for (let attempt = 0; ; attempt++) {
      try {
        return { kind: 'answered', answer: await send() };
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        const first = read(error);
        if (first.kind === 'accepted') return first;
        const isOpen = (isRepeated || attempt > 0) && tellsOnlyState(first.result);
        const failure = isOpen ? { kind: 'retry' as const, retryAfterMs: null, result: first.result } : first;
        const { code, subCode } = failure.result;
        log.info({ ...idsOf(call), what, attempt, code, subCode, outcome: failure.kind }, 'request failed');
        if (failure.kind === 'refused') return failure;
        const pause = failure.retryAfterMs ?? PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0;
        if (pause >= leftMs()) return failure;
        await new Promise<void>((resolve) => clock.setTimeout(resolve, pause));
      }
    }
  }

  async function createCall(
    sender: CallAutomationClient,
    dial: Dial,
    leftMs: () => number,
  ): Promise<CreateCallResult> {
    const { cognitiveServicesEndpoint } = config;
    return await withRepeatability(
      { requestId: dial.repeatabilityId, firstSent: dial.firstSent, leftMs },
      async () =>
        await sender.createCall(inviteOf(dial.call.target, config), callbackUrl(dial), {
          operationContext: dial.call.id,
          ...(cognitiveServicesEndpoint ? { callIntelligenceOptions: { cognitiveServicesEndpoint } } : {}),
        }),
    );
  }

  /**
   * Sends a request on an existing call.
   *
   * @returns whether the service accepted or refused it, or `unknown`
   * @throws TryAgainLater if a retry may succeed
   */
  async function request(what: string, call: Call, send: () => Promise<unknown>): Promise<RequestOutcome> {
    try {
      await limited(what, send);
      return { kind: 'accepted' };
    } catch (error) {
      const failure = read(error);
      if (failure.kind === 'accepted') return { kind: 'accepted' };
      log.info(
        { ...idsOf(call), what, code: failure.result.code, subCode: failure.result.subCode },
        'request refused',
      );
      if (failure.kind === 'retry') throw new TryAgainLater(failure.retryAfterMs ?? 1_000, { cause: error });
      return tellsOnlyState(failure.result)
        ? { kind: 'unknown' }
        : { kind: 'refused', result: failure.result };
    }
  }

  async function probe(callConnectionId: string): ReturnType<Telephony['probe']> {
    try {
      const { callConnectionState } = await limited(
        'probe',
        async () => await client.getCallConnection(callConnectionId).getCallConnectionProperties(),
      );
      switch (callConnectionState) {
        case 'connecting':
          return 'connecting';
        case 'connected':
        case 'transferring':
        case 'transferAccepted':
          return 'connected';
        case 'disconnected':
        case 'disconnecting':
          return 'gone';
        default:
          return 'unknown';
      }
    } catch (error) {
      const failure = read(error);
      return failure.kind === 'refused' && failure.result.code === 404 ? 'gone' : 'unknown';
    }
  }

  return {
    probe,

    async dial(dial: Dial): Promise<DialOutcome> {
      const { call, firstSent, isRepeated } = dial;
      // The service would refuse it too, a few seconds later and without saying why.
      if (call.target.kind === 'phone' && config.phoneNumber === null)
        return { kind: 'refused', result: noNumber };
      const leftMs = repeatableFor(firstSent, clock);
      const source = await withRetries('createIdentity', { call, isRepeated: false, leftMs }, dialingClient);
      if (source.kind !== 'answered') {
        // Without an identity nobody can have sent createCall, not even an earlier process.
        const result = 'result' in source ? source.result : noIdentity;
        return { kind: 'refused', result: { ...result, code: result.code || noIdentity.code } };
      }
      const sent = await withRetries('createCall', { call, isRepeated, leftMs }, async () => {
        const limitMs = Math.min(ATTEMPT_TIMEOUT_MS, leftMs());
        return await limited(
          'createCall',
          async () => await createCall(source.answer, dial, leftMs),
          limitMs,
        );
      });
      switch (sent.kind) {
        case 'answered': {
          const { callConnectionId, correlationId } = sent.answer.callConnectionProperties;
          return {
            kind: 'accepted',
            callConnectionId: callConnectionId ?? null,
            correlationId: correlationId ?? null,
          };
        }
        case 'accepted':
          return { kind: 'accepted', callConnectionId: sent.callConnectionId, correlationId: null };
        case 'refused':
          return sent;
        case 'retry':
          return { kind: 'unknown' };
      }
    },

    async speak(call: Call, callConnectionId: string, speech: Speech): Promise<RequestOutcome> {
      if (!config.cognitiveServicesEndpoint) return { kind: 'refused', result: noSpeech };
      const awaitsKeys = isQuestion(speech, call);
      const keys = awaitsKeys ? offersKeys(call) : await offersKeysInTeams(call);
      const { text, locale, voice } = wordsOf(call, speech, keys, config.voices());
      const source = voice
        ? { kind: 'textSource' as const, text, voiceName: voice }
        : { kind: 'textSource' as const, text, sourceLocale: locale };
      const media = speaking.getCallConnection(callConnectionId).getCallMedia();
      if (awaitsKeys) {
        const to = identifierOf(call.target, config.cloud);
        return await request(
          'recognize',
          call,
          async () => await media.startRecognizing(to, { ...listening(speech), playPrompt: source }),
        );
      }
      const interruptCallMediaOperation = LAST_WORDS.has(speech.context);
      return await request(
        'play',
        call,
        async () =>
          await media.playToAll([source], {
            operationContext: speechName(speech),
            interruptCallMediaOperation,
          }),
      );
    },

    async listen(call: Call, callConnectionId: string): Promise<RequestOutcome> {
      if (!config.listenForKeys) return { kind: 'refused', result: noKeys };
      const media = client.getCallConnection(callConnectionId).getCallMedia();
      return await request(
        'listen',
        call,
        async () =>
          await media.startContinuousDtmfRecognition(identifierOf(call.target, config.cloud), {
            operationContext: call.id,
          }),
      );
    },

    async transfer(call: Call, callConnectionId: string, to: Target): Promise<RequestOutcome> {
      const connection = client.getCallConnection(callConnectionId);
      if (to.kind !== 'teamsUser') return { kind: 'refused', result: notTransferable };
      return await request(
        'transfer',
        call,
        async () =>
          await connection.transferCallToParticipant(teamsUserOf(to, config.cloud), {
            operationContext: call.id,
          }),
      );
    },

    async hangUp(callConnectionId: string): Promise<void> {
      try {
        await limited('hangUp', async () => await client.getCallConnection(callConnectionId).hangUp(true));
      } catch (error) {
        const failure = read(error);
        if (failure.kind === 'accepted') return;
        const isOpen = failure.kind === 'refused' && tellsOnlyState(failure.result);
        if (isOpen && (await probe(callConnectionId)) === 'gone') return;
        const later = failure.kind === 'retry' ? failure.retryAfterMs : HANG_UP_REFUSED_PAUSE_MS;
        throw new TryAgainLater(later ?? 1_000, { cause: error });
      }
    },
  };

  async function offersKeysInTeams({ purpose }: Call): Promise<boolean> {
    return purpose.kind === 'escalate' && purpose.pin === undefined && (await config.askForKeys());
  }

  function callbackUrl(dial: Dial): string {
    return `${config.publicUrl()}/api/callbacks/${dial.call.id}/${dial.callbackSecret}`;
  }
}

/** Said instead of what is being said. */
const LAST_WORDS: ReadonlySet<Speech['context']> = new Set(['acknowledged', 'takenOver', 'pinRefused']);

/** Whether the keys of this phone can acknowledge. */
function offersKeys({ purpose }: Call): boolean {
  return purpose.kind === 'escalate' && purpose.pin?.tries !== 0;
}

/** How long the service waits for the first key after a question. Seconds. */
const FIRST_KEY_S = 8;
/** People look their PIN up. Seconds, for the first key and between two. */
const FIRST_DIGIT_S = 20;
const NEXT_DIGIT_S = 8;
/** One more than the longest PIN: its last digit ends nothing, so the # after it does not reach the next question. */
const MOST_DIGITS = 9;

/**
 * How the service listens for the reply to a question. The keys work while it is spoken, except for the confirmation,
 * which must be heard to its end. A question replaces what is being said: after a crash, an earlier request for the same.
 */
function listening(speech: Speech): CallMediaRecognizeDtmfOptions {
  const isPin = speech.context === 'pin';
  return {
    kind: 'callMediaRecognizeDtmfOptions',
    operationContext: speechName(speech),
    interruptCallMediaOperation: true,
    interruptPrompt: speech.context !== 'confirm',
    initialSilenceTimeoutInSeconds: isPin ? FIRST_DIGIT_S : FIRST_KEY_S,
    ...(isPin
      ? {
          maxTonesToCollect: MOST_DIGITS,
          interToneTimeoutInSeconds: NEXT_DIGIT_S,
          stopDtmfTones: [DtmfTone.Pound],
        }
      : { maxTonesToCollect: 1 }),
  };
}

/** The ids that identify a call in the log: Ringdown's, and the one that Microsoft's support asks for. */
function idsOf({ id, correlationId }: Call): { callId: string; correlationId: string | null } {
  return { callId: id, correlationId };
}

/** Code 0, not an HTTP status: the service was never asked. */
const noSpeech: ServiceResult = {
  code: 0,
  subCode: 8567,
  message: 'COGNITIVE_SERVICES_ENDPOINT is not set',
};
const noNumber: ServiceResult = { code: 0, subCode: 510403, message: 'ACS_PHONE_NUMBER is not set' };
const noIdentity: ServiceResult = { code: 503, subCode: 0, message: 'no identity to call from' };
const noKeys: ServiceResult = { code: 0, subCode: 0, message: 'DTMF_ACKNOWLEDGE is off' };
const notTransferable: ServiceResult = {
  code: 400,
  subCode: 0,
  message: 'a call can be transferred to Teams users only',
};
