/** `resultInformation` of an event. */
export interface Result {
  code: number;
  subCode: number;
  message: string;
}

function result(code: number, subCode: number, message: string): Result {
  return { code, subCode, message: message === '' ? '' : `${message} DiagCode: ${code}#${subCode}.@` };
}

/**
 * The results that the emulator sends, by event. Codes come from the documented tables and from practitioners'
 * measurements (README.md also says what is unconfirmed). The wording is the emulator's own, except where recorded.
 */
export const results = {
  ok: { code: 200, subCode: 0, message: '' },
  /** Recorded from the real service. */
  endedByApi: {
    code: 200,
    subCode: 7000,
    message:
      'Call was ended by Azure Communication Service Call Automation API or a server bot. DiagCode: 0#7000.@',
  },
  transferred: result(200, 7015, 'Call ended after it was transferred.'),
  calleeHungUp: result(200, 0, 'The callee has ended the call.'),
  callerHungUp: result(0, 0, 'The caller has ended the call.'),
  callerGone: result(490, 4502, 'The device of the caller has gone.'),
  cancelledByCaller: result(487, 0, 'Call cancelled by the caller before it was answered.'),
  declined: result(487, 10024, 'Call declined by all callee endpoints.'),
  unanswered: result(487, 10004, 'Nobody accepted or rejected the call in time.'),
  busy: result(486, 560486, 'Callee is busy.'),
  unreachable: result(480, 10078, 'Callee endpoint is not registered or not reachable.'),
  noEndpoint: result(480, 10037, 'Callee has no endpoint registered.'),
  numberUnknown: result(404, 560404, 'Phone number not found.'),
  telephoneUnavailable: result(480, 560480, 'Called user is temporarily unavailable, or did not answer.'),
  telephoneDeclined: result(603, 560603, 'Call declined by the recipient.'),
  telephoneHungUp: result(0, 560000, 'Normal PSTN call end.'),
  noSourceNumber: result(403, 510403, 'Call blocked: no number of the resource was given to call from.'),
  notEnabled: result(
    403,
    10391,
    'The call was forbidden: no source identity, or the user is not voice enabled.',
  ),
  sourceInvalid: result(403, 7507, 'Call source identity invalid.'),
  mediaCancelled: { code: 400, subCode: 8508, message: 'Action failed, the operation was cancelled.' },
  cognitiveServices: {
    code: 400,
    subCode: 8565,
    message: 'Action failed due to a bad request to Cognitive Services. Check your input parameters.',
  },
  maxDigits: { code: 200, subCode: 8531, message: 'Action completed, max digits received.' },
  stopTone: { code: 200, subCode: 8514, message: 'Action completed, stop tone detected.' },
  choiceMatched: { code: 200, subCode: 8533, message: 'Action completed, DTMF option matched.' },
  initialSilence: { code: 400, subCode: 8510, message: 'Action failed, initial silence timeout reached.' },
  interDigitTimeout: {
    code: 400,
    subCode: 8532,
    message: 'Action failed, inter-digit silence timeout reached.',
  },
} satisfies Record<string, Result>;

/** A result that a test or a person's script requests. */
export function scriptedResult({ code, subCode }: { code: number; subCode: number }): Result {
  return result(code, subCode, 'The emulator was told to give this result.');
}
