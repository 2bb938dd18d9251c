import {
  CallAutomationClient,
  type CallAutomationClientOptions,
  type CallInvite,
  type CreateCallResult,
} from '@azure/communication-call-automation';
import type {
  CommunicationIdentifier,
  MicrosoftTeamsAppIdentifier,
  MicrosoftTeamsUserIdentifier,
} from '@azure/communication-common';
import type { Logger } from 'pino';
import type {
  Call,
  Dial,
  DialOutcome,
  RequestOutcome,
  ServiceResult,
  SpeechContext,
  Target,
  Telephony,
} from '../calls/call.ts';
import { noCheckpoint, type Checkpoint } from '../database/checkpoint.ts';
import type { Clock } from '../clock.ts';
import { isDatabaseAway } from '../database/away.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { Sql } from '../database/schema.ts';
import { speech } from './speech.ts';
import { createIdentityClient, type AcsAccess } from './identityClient.ts';
import { sourceIdentity } from './identities.ts';
import { repeatabilityPolicy, repeatableFor, withRepeatability } from './repeatability.ts';
import { readFailure, tellsOnlyState, type Failure } from './serviceErrors.ts';
import { timeLimitPolicy, withTimeLimit } from './timeLimit.ts';

export interface DialerConfig {
  acs: AcsAccess;
  /** Plain http is allowed to loopback only; the configuration has checked that. */
  allowInsecureConnection: boolean;
  sourceIdentity: string | null;
  callerDisplayName: string;
  cognitiveServicesEndpoint: string | null;
  /** Origin that the service reaches; known once the server listens. */
  publicUrl: () => string;
  cloud: 'public' | 'gcch' | 'dod';
  /** Whether keys are listened for at all. */
  listenForKeys: boolean;
  /** Whether people are told to press them: only once keys are known to arrive (DTMF_ACKNOWLEDGE). */
  askForKeys: () => Promise<boolean>;
}

const ATTEMPT_TIMEOUT_MS = 8_000;
/** A hang-up that is refused (a key that was changed): the call lives, and it stays owed. */
const HANG_UP_REFUSED_PAUSE_MS = 5_000;
/** Pauses between attempts when the service does not say how long to wait. */
const PAUSES_MS = [300, 1_000, 2_000, 4_000];

/** Places and steers calls through Azure Communication Services Call Automation. */
export function createDialer(parts: {
  config: DialerConfig;
  sql: Sql;
  clock: Clock;
  log: Logger;
  checkpoint?: Checkpoint;
}): Telephony {
  const { config, sql, clock, log, checkpoint = noCheckpoint } = parts;
  // `createCall` is retried by ourselves, under the stored id; the other requests by the SDK.
  const common = {
    allowInsecureConnection: config.allowInsecureConnection,
    additionalPolicies: [{ policy: timeLimitPolicy, position: 'perCall' as const }],
  };
  const client = newClient(common);
  // `play` has no repeatability: sent twice it is heard twice. Whether it arrived is told by its event (PlayStarted).
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

  /** Runs a request with a time limit of our own. */
  async function limited<T>(what: string, send: () => Promise<T>, limitMs = ATTEMPT_TIMEOUT_MS): Promise<T> {
    checkpoint(`before ${what}`);
    const answer = await withTimeLimit(limitMs, clock, send);
    checkpoint(`after ${what}`);
    return answer;
  }

  /**
   * Sends until there is an answer that stays, or until the time is over. What a repeated request is told of the state
   * of things ("not found", "conflict") is no answer: the first may have been carried out.
   *
   * @param isRepeated it may have been sent by a process before this one
   * @param leftMs how much time is left
   * @returns the answer, or the last failure; `retry` when the time is over
   * @throws what the database throws
   */
  async function persistently<T>(
    what: string,
    { call, isRepeated, leftMs }: { call: Call; isRepeated: boolean; leftMs: () => number },
    send: () => Promise<T>,
  ): Promise<{ kind: 'answered'; answer: T } | Failure> {
    for (let attempt = 0; ; attempt++) {
      try {
        return { kind: 'answered', answer: await send() };
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        const read = readFailure(error, clock.now());
        if (read.kind === 'accepted') return read;
        const isOpen = (isRepeated || attempt > 0) && tellsOnlyState(read.result);
        const failure = isOpen ? { kind: 'retry' as const, retryAfterMs: null, result: read.result } : read;
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
        await sender.createCall(invite(dial.call.target), callbackUrl(dial), {
          operationContext: dial.call.id,
          ...(cognitiveServicesEndpoint ? { callIntelligenceOptions: { cognitiveServicesEndpoint } } : {}),
        }),
    );
  }

  /** A request after the call is there: refused for good, not known, or thrown to be tried again. */
  async function request(what: string, call: Call, send: () => Promise<unknown>): Promise<RequestOutcome> {
    try {
      await limited(what, send);
      return { kind: 'accepted' };
    } catch (error) {
      const failure = readFailure(error, clock.now());
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
      const failure = readFailure(error, clock.now());
      return failure.kind === 'refused' && failure.result.code === 404 ? 'gone' : 'unknown';
    }
  }

  return {
    probe,

    async dial(dial: Dial): Promise<DialOutcome> {
      const { call, firstSent, isRepeated } = dial;
      const leftMs = repeatableFor(firstSent, clock);
      const source = await persistently('createIdentity', { call, isRepeated: false, leftMs }, dialingClient);
      if (source.kind !== 'answered') {
        // Without an identity createCall cannot have been sent, also not by a process before this one.
        const result = 'result' in source ? source.result : noIdentity;
        return { kind: 'refused', result: { ...result, code: result.code || noIdentity.code } };
      }
      const sent = await persistently('createCall', { call, isRepeated, leftMs }, async () => {
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

    async speak(call: Call, callConnectionId: string, context: SpeechContext): Promise<RequestOutcome> {
      if (!config.cognitiveServicesEndpoint) return { kind: 'refused', result: noSpeech };
      const { text, locale, voice } = speech(call, context, await config.askForKeys());
      const source = voice
        ? { kind: 'textSource' as const, text, voiceName: voice }
        : { kind: 'textSource' as const, text, sourceLocale: locale };
      const media = speaking.getCallConnection(callConnectionId).getCallMedia();
      const interruptCallMediaOperation = context === 'acknowledged' || context === 'takenOver';
      return await request(
        'play',
        call,
        async () =>
          await media.playToAll([source], { operationContext: context, interruptCallMediaOperation }),
      );
    },

    async listen(call: Call, callConnectionId: string): Promise<RequestOutcome> {
      if (!config.listenForKeys) return { kind: 'refused', result: noKeys };
      const media = client.getCallConnection(callConnectionId).getCallMedia();
      return await request(
        'listen',
        call,
        async () =>
          await media.startContinuousDtmfRecognition(identifier(call.target), { operationContext: call.id }),
      );
    },

    async transfer(call: Call, callConnectionId: string, to: Target): Promise<RequestOutcome> {
      const connection = client.getCallConnection(callConnectionId);
      if (to.kind !== 'teamsUser') return { kind: 'refused', result: notTransferable };
      return await request(
        'transfer',
        call,
        async () => await connection.transferCallToParticipant(teamsUser(to), { operationContext: call.id }),
      );
    },

    async hangUp(callConnectionId: string): Promise<void> {
      try {
        await limited('hangUp', async () => await client.getCallConnection(callConnectionId).hangUp(true));
      } catch (error) {
        const failure = readFailure(error, clock.now());
        if (failure.kind === 'accepted') return;
        const isOpen = failure.kind === 'refused' && tellsOnlyState(failure.result);
        if (isOpen && (await probe(callConnectionId)) === 'gone') return;
        const later = failure.kind === 'retry' ? failure.retryAfterMs : HANG_UP_REFUSED_PAUSE_MS;
        throw new TryAgainLater(later ?? 1_000, { cause: error });
      }
    },
  };

  function invite(target: Target): CallInvite {
    const sourceDisplayName = config.callerDisplayName;
    switch (target.kind) {
      case 'teamsUser':
        return { targetParticipant: teamsUser(target), sourceDisplayName };
      case 'voiceApp':
        return { targetParticipant: teamsApp(target), sourceDisplayName };
      case 'communicationUser':
        return { targetParticipant: { communicationUserId: target.id }, sourceDisplayName };
    }
  }

  function callbackUrl(dial: Dial): string {
    return `${config.publicUrl()}/api/callbacks/${dial.call.id}/${dial.callbackSecret}`;
  }

  function identifier(target: Target): CommunicationIdentifier {
    switch (target.kind) {
      case 'teamsUser':
        return teamsUser(target);
      case 'voiceApp':
        return teamsApp(target);
      case 'communicationUser':
        return { communicationUserId: target.id };
    }
  }

  function teamsUser(target: Target): MicrosoftTeamsUserIdentifier {
    return { microsoftTeamsUserId: target.id, cloud: config.cloud };
  }

  function teamsApp(target: Target): MicrosoftTeamsAppIdentifier {
    return { teamsAppId: target.id, cloud: config.cloud };
  }
}

/** What a line of the log names a call by: Ringdown's id, and the one that the service's support asks for. */
function idsOf({ id, correlationId }: Call): { callId: string; correlationId: string | null } {
  return { callId: id, correlationId };
}

/** No HTTP status: the service was not asked. */
const noSpeech: ServiceResult = {
  code: 0,
  subCode: 8567,
  message: 'COGNITIVE_SERVICES_ENDPOINT is not set',
};
const noIdentity: ServiceResult = { code: 503, subCode: 0, message: 'no identity to call from' };
const noKeys: ServiceResult = { code: 0, subCode: 0, message: 'DTMF_ACKNOWLEDGE is off' };
const notTransferable: ServiceResult = {
  code: 400,
  subCode: 0,
  message: 'only a Teams user can be transferred to',
};
