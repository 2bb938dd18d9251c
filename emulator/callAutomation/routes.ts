import { empty, json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { param } from '../http/router.ts';
import type { EmulatorRequest, Handler, Route } from '../http/router.ts';
import type { OperationName } from '../operations.ts';
import { ContinuousDtmf, CreateCall, Play, Recognize, Transfer, readBody } from './bodies.ts';
import type { LiveCall } from './call.ts';
import type { Calls } from './calls.ts';
import type { Dtmf } from './dtmf.ts';
import { invalidArgument, notEmulated, participantNotFound, unsupportedApiVersion } from './errors.ts';
import { apiVersion } from './events.ts';
import type { Identifier } from './identifiers.ts';
import type { Outbound } from './outbound.ts';
import { participantsOf } from './participants.ts';
import { playOperation } from './play.ts';
import type { MediaParts } from './play.ts';
import { propertiesOf } from './properties.ts';
import { recognizeOperation } from './recognize.ts';
import type { Repeatability } from './repeatability.ts';
import { checkSignature } from './signature.ts';
import type { SignatureCheck } from './signature.ts';
import { transfer } from './transfer.ts';

export interface CallAutomationParts {
  calls: Calls;
  outbound: Outbound;
  dtmf: Dtmf;
  media: MediaParts & { dtmf: Dtmf };
  repeatability: Repeatability;
  signature: SignatureCheck;
}

const root = '/calling/callConnections';
const one = `${root}/{callConnectionId}`;

/** Operations of the swagger that no client has needed yet. They answer 501. */
const notServed: [method: string, path: string][] = [
  ['POST', `${root}:answer`],
  ['POST', `${root}:redirect`],
  ['POST', `${root}:reject`],
  ['POST', `${root}:connect`],
  ['POST', `${one}/participants:add`],
  ['POST', `${one}/participants:remove`],
  ['POST', `${one}/participants:mute`],
  ['POST', `${one}/participants:cancelAddParticipant`],
  ['POST', `${one}/participants:moveHere`],
  ['POST', `${one}:sendDtmfTones`],
  ['POST', `${one}:hold`],
  ['POST', `${one}:unhold`],
  ['POST', `${one}:startTranscription`],
  ['POST', `${one}:stopTranscription`],
  ['POST', `${one}:updateTranscription`],
  ['POST', `${one}:startMediaStreaming`],
  ['POST', `${one}:stopMediaStreaming`],
  ['POST', '/calling/recordings'],
  ['GET', '/calling/recordings/{recordingId}'],
  ['DELETE', '/calling/recordings/{recordingId}'],
  ['POST', '/calling/recordings/{recordingId}:pause'],
  ['POST', '/calling/recordings/{recordingId}:resume'],
];

export function callAutomationRoutes(parts: CallAutomationParts): Route[] {
  const { calls, outbound, dtmf, media, repeatability, signature } = parts;

  /** Every request must be signed and use the emulated API version. */
  const checked =
    (handle: Handler): Handler =>
    (request) => {
      checkSignature(request, signature);
      if (request.url.searchParams.get('api-version') !== apiVersion)
        throw unsupportedApiVersion(request.url.href);
      return handle(request);
    };
  const route = (method: string, path: string, operation: OperationName, handle: Handler): Route => ({
    method,
    path,
    operation,
    handle: checked(handle),
  });
  const repeatable =
    (execute: (request: EmulatorRequest, requestId: string | null) => Answer): Handler =>
    (request) =>
      repeatability.once(request, async (requestId) => execute(request, requestId));
  const callId = (request: EmulatorRequest): string => param(request, 'callConnectionId');

  return [
    ...notServed.map(([method, path]) =>
      route(method, path, 'notEmulated', (request) => {
        throw notEmulated(`${request.method} ${path}`);
      }),
    ),
    route(
      'POST',
      root,
      'createCall',
      repeatable((request, requestId) => {
        const call = outbound.place(readBody(request, CreateCall), requestId);
        const { correlationId } = call.record;
        return json(201, propertiesOf(call), { 'x-microsoft-skype-chain-id': correlationId });
      }),
    ),
    route(
      'POST',
      `${one}:terminate`,
      'terminateCall',
      repeatable((request) => {
        outbound.end(calls.live(callId(request)));
        return empty(204);
      }),
    ),
    route(
      'POST',
      `${one}:transferToParticipant`,
      'transferToParticipant',
      repeatable((request) => {
        const body = readBody(request, Transfer);
        const call = calls.established(callId(request));
        if (body.transferee) expectOnCall(call, body.transferee);
        transfer(media, call, body.targetParticipant, contextOf(body));
        return json(202, withContext(body.operationContext));
      }),
    ),
    route('POST', `${one}:play`, 'play', (request) => {
      const body = readBody(request, Play);
      const call = calls.established(callId(request));
      for (const listener of body.playTo ?? []) expectOnCall(call, listener);
      const loop = body.playOptions?.loop ?? false;
      const operation = playOperation(media, call, body.playSources, loop, contextOf(body));
      call.media.run(operation, body.interruptCallMediaOperation ?? false);
      return empty(202);
    }),
    route('POST', `${one}:recognize`, 'recognize', (request) => {
      const body = readBody(request, Recognize);
      const call = calls.established(callId(request));
      expectOnCall(call, body.recognizeOptions.targetParticipant);
      const operation = recognizeOperation(media, call, body, contextOf(body));
      call.media.run(operation, body.interruptCallMediaOperation ?? false);
      return empty(202);
    }),
    route('POST', `${one}:cancelAllMediaOperations`, 'cancelAllMediaOperations', (request) => {
      calls.established(callId(request)).media.cancelAll();
      return empty(202);
    }),
    route('POST', `${one}:startContinuousDtmfRecognition`, 'startContinuousDtmfRecognition', (request) => {
      const body = readBody(request, ContinuousDtmf);
      const call = calls.established(callId(request));
      expectOnCall(call, body.targetParticipant);
      dtmf.startContinuous(call, body.operationContext ?? null, body.operationCallbackUri);
      return empty(200);
    }),
    route('POST', `${one}:stopContinuousDtmfRecognition`, 'stopContinuousDtmfRecognition', (request) => {
      const body = readBody(request, ContinuousDtmf);
      const call = calls.established(callId(request));
      dtmf.stopContinuous(call, body.operationContext ?? null, body.operationCallbackUri);
      return empty(200);
    }),
    route('GET', `${one}/participants`, 'listParticipants', (request) =>
      json(200, { value: participantsOf(calls.live(callId(request))) }),
    ),
    route('GET', `${one}/participants/{participantRawId}`, 'getParticipant', (request) => {
      const participants = participantsOf(calls.live(callId(request)));
      const wanted = param(request, 'participantRawId');
      const found = participants.find(({ identifier }) => identifier.rawId === wanted);
      if (!found) throw participantNotFound();
      return json(200, found);
    }),
    route('GET', one, 'getCall', (request) => json(200, propertiesOf(calls.live(callId(request))))),
    route('DELETE', one, 'hangUpCall', (request) => {
      outbound.end(calls.live(callId(request)));
      return empty(204);
    }),
  ];
}

interface WithContext {
  operationContext?: string | undefined;
  operationCallbackUri?: string | undefined;
}

function contextOf({ operationContext, operationCallbackUri }: WithContext): {
  operationContext: string | null;
  callbackUri: string | undefined;
} {
  return { operationContext: operationContext ?? null, callbackUri: operationCallbackUri };
}

function withContext(operationContext: string | undefined): object {
  return operationContext === undefined ? {} : { operationContext };
}

/** @throws Refusal 400 */
function expectOnCall(call: LiveCall, who: Identifier): void {
  if (participantsOf(call).some(({ identifier }) => identifier.rawId === who.rawId)) return;
  throw invalidArgument('targetParticipant', `${who.rawId} is not a participant of the call.`);
}
