import { Refusal, json } from '../http/answer.ts';

/**
 * Errors that Call Automation answers synchronously, one factory each. Shape: swagger Common,
 * `CommunicationErrorResponse`. Codes: the 85xx reference (see README.md), which also says where the HTTP status, or
 * whether the error is synchronous, is unconfirmed.
 */
function refusal(status: number, code: string, message: string, target?: string): Refusal {
  const error = target === undefined ? { code, message } : { code, message, target };
  return new Refusal(message, json(status, { error }));
}

export function denied(message: string): Refusal {
  return refusal(401, 'Denied', message);
}

export function unsupportedApiVersion(uri: string): Refusal {
  return refusal(
    404,
    'ResourceNotFound',
    `No HTTP resource was found that matches the request URI '${uri}'.`,
  );
}

export function unsupportedMediaType(): Refusal {
  return refusal(
    415,
    'UnsupportedMediaType',
    'The Content-Type of a request with a body must be application/json.',
  );
}

export function invalidJson(): Refusal {
  return refusal(400, '8523', 'Invalid argument: the body is not JSON.');
}

export function invalidArgument(target: string, message: string): Refusal {
  return refusal(400, '8523', `Invalid argument: ${message}`, target);
}

export function callNotFound(): Refusal {
  return refusal(404, '8522', 'Call not found.');
}

export function participantNotFound(): Refusal {
  return refusal(404, '8522', 'Participant not found.');
}

export function notEstablished(): Refusal {
  return refusal(409, '8501', 'Action is invalid when call is not in Established state.');
}

export function alreadyTransferring(): Refusal {
  return refusal(409, '8519', 'Another transfer of this call is in progress.');
}

export function continuousDtmfState(message: string): Refusal {
  return refusal(412, '8583', message);
}

/** The swagger has the operation, but the emulator does not implement it. */
export function notEmulated(what: string): Refusal {
  return refusal(501, 'NotEmulated', `The emulator does not support ${what}.`);
}
