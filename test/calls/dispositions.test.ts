import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Cause, Disposition, EndedBy } from '../../src/calls/call.ts';
import { callAgain } from '../../src/calls/callAgain.ts';
import { meaningOf } from '../../src/calls/dispositions.ts';
import { adviceFor } from '../../src/texts/advice.ts';
import { whyEnded } from '../../src/texts/callEnding.ts';
import { textsFor } from '../../src/texts/texts.ts';

type Row = [code: number, subCode: number, disposition: Disposition, cause: Cause];

/** Every code of reference/acs.md 4.4, by the event that lists it there. */
const listed: Record<string, Row[]> = {
  CreateCallFailed: [
    [401, 10009, 'not_allowed', 'unauthenticated'],
    [403, 510403, 'not_allowed', 'blockedAsSpam'],
    [403, 560403, 'not_allowed', 'forbidden'],
    [403, 7504, 'not_allowed', 'insufficientPermission'],
    [403, 7507, 'not_allowed', 'sourceIdentityInvalid'],
    [400, 8523, 'failed', 'invalidArgument'],
    [400, 8567, 'failed', 'speechNotLinked'],
    [404, 8522, 'failed', 'notFound'],
    [404, 4500, 'failed', 'notFound'],
    [405, 8520, 'failed', 'unsupported'],
    [405, 8522, 'failed', 'unsupported'],
    [409, 8519, 'failed', 'conflict'],
    [412, 8583, 'failed', 'conflict'],
    [480, 10078, 'unreachable', 'notRegistered'],
    [480, 560480, 'no_answer', 'noAnswer'],
    [487, 540487, 'cancelled', 'cancelledByRequester'],
  ],
  CallDisconnected: [
    [200, 0, 'cancelled', 'cancelledByRequester'],
    [200, 4521, 'failed', 'lostContact'],
    [200, 5000, 'cancelled', 'cancelledByRequester'],
    [200, 5010, 'failed', 'noConfirmation'],
    [200, 5013, 'no_answer', 'noAnswer'],
    [200, 7000, 'cancelled', 'cancelledByRequester'],
    [200, 7015, 'connected_to_caller', 'connectedToCaller'],
    [487, 0, 'cancelled', 'cancelledByRequester'],
    [487, 10003, 'failed', 'acceptedElsewhere'],
    [487, 10024, 'declined', 'declined'],
    [500, 10045, 'failed', 'serviceFault'],
    [503, 560503, 'failed', 'serviceFault'],
    [400, 8559, 'failed', 'conflict'],
  ],
  ConnectFailed: [
    [408, 10057, 'failed', 'setupFailed'],
    [429, 10110, 'failed', 'maxDuration'],
    [480, 10076, 'unreachable', 'registeredButOffline'],
    [484, 560484, 'unreachable', 'numberNotFound'],
  ],
  AnswerFailed: [
    [401, 71005, 'not_allowed', 'unauthenticated'],
    [404, 404, 'failed', 'notFound'],
    [408, 4506, 'failed', 'setupFailed'],
    [495, 4507, 'not_allowed', 'unauthenticated'],
    [430, 10315, 'unreachable', 'registeredButOffline'],
    [430, 10317, 'unreachable', 'registeredButOffline'],
    [480, 10077, 'unreachable', 'registeredButOffline'],
    [487, 10004, 'no_answer', 'noAnswer'],
    [487, 4501, 'cancelled', 'cancelledByRequester'],
    [490, 4502, 'failed', 'setupFailed'],
    [496, 7, 'failed', 'setupFailed'],
    [400, 8500, 'failed', 'conflict'],
    [400, 8501, 'failed', 'conflict'],
    [400, 8528, 'failed', 'conflict'],
    [400, 8585, 'failed', 'conflict'],
  ],
  'generic call-end': [
    [603, 0, 'declined', 'declined'],
    [0, 5003, 'declined', 'declined'],
    [0, 560000, 'failed', 'noConfirmation'],
    [486, 560486, 'busy', 'busy'],
    [480, 10037, 'unreachable', 'notRegistered'],
    [410, 301004, 'failed', 'setupFailed'],
    [410, 301005, 'failed', 'setupFailed'],
    [403, 5828, 'not_allowed', 'forbidden'],
    [403, 5829, 'not_allowed', 'forbidden'],
    [403, 5830, 'not_allowed', 'forbidden'],
  ],
  '7xxx': [
    [403, 7500, 'not_allowed', 'unauthenticated'],
    [401, 7501, 'not_allowed', 'unauthenticated'],
    [403, 7502, 'not_allowed', 'insufficientPermission'],
    [403, 7505, 'not_allowed', 'tenantMismatch'],
    [403, 7506, 'not_allowed', 'unauthenticated'],
    [403, 7508, 'not_allowed', 'sourceIdentityInvalid'],
    [401, 7509, 'not_allowed', 'unauthenticated'],
    [401, 7510, 'not_allowed', 'unauthenticated'],
    [403, 7600, 'not_allowed', 'insufficientPermission'],
    [403, 7601, 'not_allowed', 'sourceIdentityInvalid'],
    [403, 7602, 'failed', 'invalidArgument'],
    [403, 7603, 'not_allowed', 'sourceIdentityInvalid'],
    [403, 7604, 'not_allowed', 'unauthorisedInterop'],
    [403, 7605, 'not_allowed', 'unauthorisedInterop'],
    [403, 7606, 'failed', 'speechNotLinked'],
  ],
  '85xx': [
    [400, 8508, 'cancelled', 'cancelledByRequester'],
    [400, 8510, 'failed', 'noConfirmation'],
    [500, 8511, 'failed', 'messageNotSpoken'],
    [500, 8512, 'failed', 'messageNotSpoken'],
    [200, 8514, 'failed', 'noConfirmation'],
    [429, 8516, 'failed', 'throttled'],
    [429, 8529, 'failed', 'throttled'],
    [429, 8530, 'failed', 'throttled'],
    [200, 8531, 'failed', 'noConfirmation'],
    [400, 8532, 'failed', 'noConfirmation'],
    [200, 8533, 'failed', 'noConfirmation'],
    [400, 8534, 'failed', 'noConfirmation'],
    [400, 8535, 'failed', 'messageNotSpoken'],
    [400, 8536, 'failed', 'messageNotSpoken'],
    [603, 8538, 'declined', 'declined'],
    [486, 8539, 'busy', 'busy'],
    [480, 8541, 'unreachable', 'notRegistered'],
    [200, 8545, 'failed', 'noConfirmation'],
    [400, 8547, 'failed', 'noConfirmation'],
    [400, 8563, 'failed', 'noConfirmation'],
    [400, 8565, 'failed', 'speechNotLinked'],
    [401, 8565, 'failed', 'speechNotLinked'],
    [403, 8565, 'failed', 'speechNotLinked'],
    [408, 8565, 'failed', 'speechNotLinked'],
    [429, 8565, 'failed', 'speechThrottled'],
    [500, 8572, 'failed', 'messageNotSpoken'],
    [400, 8581, 'failed', 'messageNotSpoken'],
    [400, 8582, 'failed', 'messageNotSpoken'],
    [400, 8583, 'failed', 'conflict'],
    [400, 8584, 'failed', 'messageNotSpoken'],
    [500, 8603, 'failed', 'messageNotSpoken'],
    [500, 9001, 'failed', 'serviceFault'],
    [500, 9002, 'failed', 'serviceFault'],
    [500, 9003, 'cancelled', 'cancelledByRequester'],
    [500, 9998, 'failed', 'serviceFault'],
    [500, 9999, 'failed', 'serviceFault'],
  ],
  'measured with Teams users': [
    [403, 10124, 'not_allowed', 'federationNotAllowed'],
    [403, 10391, 'not_allowed', 'enterpriseVoiceOrSource'],
    [412, 10119, 'not_allowed', 'personalAccount'],
  ],
};

const UNLISTED = 424242;
const byClass: Row[] = [
  [400, UNLISTED, 'failed', 'invalidArgument'],
  [401, UNLISTED, 'not_allowed', 'unauthenticated'],
  [403, UNLISTED, 'not_allowed', 'forbidden'],
  [403, 0, 'not_allowed', 'forbidden'],
  [404, UNLISTED, 'failed', 'notFound'],
  [405, UNLISTED, 'failed', 'unsupported'],
  [408, UNLISTED, 'failed', 'setupFailed'],
  [409, UNLISTED, 'failed', 'conflict'],
  [410, UNLISTED, 'failed', 'setupFailed'],
  [412, UNLISTED, 'failed', 'conflict'],
  [429, UNLISTED, 'failed', 'throttled'],
  [430, UNLISTED, 'unreachable', 'registeredButOffline'],
  [480, UNLISTED, 'unreachable', 'notRegistered'],
  [480, 0, 'unreachable', 'notRegistered'],
  [486, UNLISTED, 'busy', 'busy'],
  [487, UNLISTED, 'cancelled', 'cancelledByRequester'],
  [490, UNLISTED, 'failed', 'setupFailed'],
  [500, UNLISTED, 'failed', 'serviceFault'],
  [500, 500001, 'failed', 'serviceFault'],
  [504, UNLISTED, 'failed', 'serviceFault'],
  [599, UNLISTED, 'failed', 'serviceFault'],
  [603, UNLISTED, 'declined', 'declined'],
  [200, UNLISTED, 'failed', 'noConfirmation'],
  [299, UNLISTED, 'failed', 'noConfirmation'],
  [418, UNLISTED, 'failed', 'unknownFailure'],
  [699, UNLISTED, 'failed', 'unknownFailure'],
  [-1, -1, 'failed', 'unknownFailure'],
];

const origins: EndedBy[] = ['createCallFailed', 'connectFailed', 'disconnected', 'refused'];
const texts = textsFor('en');
const who = { callee: 'Adele Vance', requester: 'Megan Bowen' };

describe('Result codes of a call that was never answered', () => {
  for (const [event, rows] of Object.entries({ ...listed, 'unlisted, by class': byClass })) {
    describe(event, () => {
      for (const [code, subCode, disposition, cause] of rows) {
        it(`${code}/${subCode}: ${cause}`, () => {
          const meaning = meaningOf({ code, subCode }, 'disconnected');
          assert.deepEqual([meaning.disposition, meaning.cause], [disposition, cause]);
        });
      }
    });
  }

  it('have words for each cause, and advice for each fault and refusal', () => {
    const rows: (readonly [number | null, number | null, ...unknown[]])[] = [
      ...Object.values(listed).flat(),
      ...byClass,
      [null, null],
    ];
    for (const [code, subCode] of rows) {
      const { cause, disposition } = meaningOf({ code, subCode }, 'createCallFailed');
      assert.match(whyEnded(cause, who, texts), /\w.*\.$/, cause);
      if (disposition !== 'failed' && disposition !== 'not_allowed') continue;
      const advice = adviceFor(cause, {}, texts);
      assert.ok(advice, `${cause} has no advice`);
      assert.match(advice.docs, /^docs\/setup-teams\.md#[a-z-]+$/);
    }
  });

  it('have one disposition for each cause', () => {
    const dispositions = new Map<Cause, Disposition>();
    for (const [, , disposition, cause] of [...Object.values(listed).flat(), ...byClass]) {
      assert.equal(dispositions.get(cause) ?? disposition, disposition, cause);
      dispositions.set(cause, disposition);
    }
  });

  describe('by their source', () => {
    it('claim neither a cancel nor an answer if they are missing', () => {
      for (const by of ['createCallFailed', 'connectFailed', 'disconnected', 'refused'] as const) {
        const { disposition, cause } = meaningOf({ code: null, subCode: null }, by);
        assert.deepEqual([disposition, cause, callAgain(cause)], ['failed', 'causeNotTold', 'atOnce']);
      }
      assert.equal(meaningOf({ code: 0, subCode: 0 }, 'disconnected').cause, 'cancelledByRequester');
    });

    it('are read by one half if the other is missing', () => {
      assert.equal(meaningOf({ code: null, subCode: 10004 }, 'disconnected').cause, 'noAnswer');
      assert.equal(meaningOf({ code: 603, subCode: null }, 'disconnected').cause, 'declined');
    });

    it('leave the outcome unknown if createCall succeeds with an unreadable answer', () => {
      assert.equal(meaningOf({ code: 201, subCode: 0 }, 'refused').cause, 'outcomeUnknown');
    });

    it('blame the service, not the phone, for 408 as an HTTP status', () => {
      assert.equal(meaningOf({ code: 408, subCode: 0 }, 'refused').cause, 'serviceFault');
    });
  });

  describe('weigh more the more they tell', () => {
    const pairs: [why: string, telling: [number, number], vague: [number | null, number | null]][] = [
      ['declined, then our hang-up', [487, 10024], [200, 7000]],
      ['no answer, then the cancel', [487, 10004], [487, 0]],
      ['offline, then the hang-up', [480, 10076], [200, 7000]],
      ['refused, then ended', [403, 10124], [200, 7000]],
      ['refused by an unlisted rule, then ended', [403, UNLISTED], [200, 7000]],
      ['refused with a reason rather than without', [403, 10124], [403, 0]],
      ['not registered rather than a bare 480', [480, 10078], [480, 0]],
      ['transferred, then ended', [200, 7015], [200, 7000]],
      ['our hang-up, and once more without a result', [200, 7000], [null, null]],
      ['declined, and once more without a result', [603, 0], [null, null]],
      ['a fault rather than nothing', [503, 560503], [200, UNLISTED]],
    ];
    for (const [why, [code, subCode], [vagueCode, vagueSubCode]] of pairs) {
      it(why, () => {
        const telling = meaningOf({ code, subCode }, 'createCallFailed');
        const vague = meaningOf({ code: vagueCode, subCode: vagueSubCode }, 'disconnected');
        assert.ok(telling.weight > vague.weight, `${telling.weight} > ${vague.weight}`);
      });
    }
  });

  it('always have words and a weight of three digits, whatever the numbers and the source', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.double(), fc.integer({ min: 200, max: 700 }), fc.constant(null)),
        fc.oneof(fc.integer(), fc.double(), fc.constant(null)),
        fc.constantFrom(...origins),
        (code, subCode, by) => {
          const { cause, weight } = meaningOf({ code, subCode }, by);
          assert.ok(whyEnded(cause, who, texts).length > 0);
          assert.ok(Number.isInteger(weight) && weight >= 0 && weight <= 999);
        },
      ),
    );
  });
});
