import assert from 'node:assert/strict';
import { Failing, judge, pauseOf, type Verdict } from '../../../src/chat/connector/connectorAnswers.ts';
import { textsFor } from '../../../src/texts/texts.ts';

type Kind = Verdict['kind'];
type Row = [status: number | null, code: string | null, change: Kind, card: Kind, message: Kind];

/** The verdict for each answer, by what was sent. */
const table: readonly Row[] = [
  // Certainly not carried out: always retried.
  [412, 'PreconditionFailed', 'again', 'again', 'again'],
  [429, 'Throttled', 'again', 'again', 'again'],
  [429, null, 'again', 'again', 'again'],
  [401, 'BotNotRegistered', 'again', 'again', 'again'],
  // Possibly carried out: retried if that does no harm.
  [408, null, 'again', 'maybeSent', 'again'],
  [500, 'ServiceError', 'again', 'maybeSent', 'again'],
  [502, 'ServiceError', 'again', 'maybeSent', 'again'],
  [503, null, 'again', 'maybeSent', 'again'],
  [504, null, 'again', 'maybeSent', 'again'],
  [599, null, 'again', 'maybeSent', 'again'],
  // No longer exists.
  [404, 'ActivityNotFoundInConversation', 'gone', 'gone', 'gone'],
  [404, 'ConversationNotFound', 'gone', 'gone', 'gone'],
  [410, null, 'gone', 'gone', 'gone'],
  // A retry will not help.
  [400, 'BadSyntax', 'refused', 'refused', 'refused'],
  [403, 'ConversationBlockedByUser', 'refused', 'refused', 'refused'],
  [403, null, 'refused', 'refused', 'refused'],
  [405, null, 'refused', 'refused', 'refused'],
  [413, 'MessageSizeTooBig', 'refused', 'refused', 'refused'],
];

describe('Answers of the chat service', () => {
  for (const [status, code, ...verdicts] of table) {
    it(`${status} ${code ?? ''}: ${[...new Set(verdicts)].join(' or ')}`, () => {
      const fault = { status, code, arrived: true };
      assert.deepEqual(
        (['change', 'card', 'message'] as const).map((sending) => judge(fault, sending).kind),
        verdicts,
      );
    });
  }

  it('a request without an answer may have been carried out, unless it never reached the service', () => {
    const kinds = (arrived: boolean): Kind[] =>
      (['change', 'card', 'message'] as const).map(
        (sending) => judge({ status: null, code: null, arrived }, sending).kind,
      );
    assert.deepEqual(kinds(true), ['again', 'maybeSent', 'again']);
    assert.deepEqual(kinds(false), ['again', 'again', 'again']);
  });

  const reasons: readonly [code: string | null, reason: string, words: RegExp][] = [
    ['ConversationBlockedByUser', 'blocked', /the bot is blocked/],
    ['MessageWritesBlocked', 'blocked', /the bot is blocked/],
    ['BotDisabledByAdmin', 'disabledByAdmin', /administrator has blocked the app/],
    ['BotNotInConversationRoster', 'notInConversation', /not part of that conversation/],
    ['InvalidBotApiHost', 'wrongServiceUrl', /TEAMS_SERVICE_URL/],
    ['ForbiddenOperationException', 'appNotInstalled', /not installed/],
    ['constructor', 'appNotInstalled', /not installed/],
    [null, 'appNotInstalled', /not installed/],
  ];
  for (const [code, reason, words] of reasons) {
    it(`403 ${code ?? 'without a code'} is reported as: ${reason}`, () => {
      const verdict = judge({ status: 403, code, arrived: true }, 'message');
      assert.deepEqual(verdict, { kind: 'refused', reason });
      assert.ok(verdict.kind === 'refused');
      assert.match(textsFor('en').cards.escalation.notDelivered[verdict.reason], words);
      assert.notEqual(textsFor('de').cards.escalation.notDelivered[verdict.reason], '');
    });
  }

  it('is retried soon, then less and less often, and never sooner than it asks', () => {
    const pauses = (retryAfterMs: number | null): number[] =>
      [0, 1_000, 10_000, 60_000, 3_600_000].map((failingFor) => pauseOf({ retryAfterMs }, failingFor));
    assert.deepEqual(pauses(null), [1_000, 1_000, 5_000, 30_000, 60_000]);
    assert.deepEqual(pauses(7_000), [7_000, 7_000, 7_000, 30_000, 60_000]);
  });

  it('counts from the first failure until a request succeeds', () => {
    const failing = new Failing();
    assert.deepEqual([failing.failed('card', 1_000), failing.failed('card', 9_000)], [0, 8_000]);
    assert.equal(failing.failed('another', 9_000), 0);
    failing.over('card');
    assert.equal(failing.failed('card', 20_000), 0);
    assert.equal(failing.failed('card', 20_000 + 3_600_000), 0, 'another process has sent it meanwhile');
  });
});
