import assert from 'node:assert/strict';
import type { RefusalReason, RefusalWords } from '../../src/permissions/refusal.ts';
import { refusalText, retryIn } from '../../src/permissions/refusalText.ts';
import { textsFor } from '../../src/texts/texts.ts';

const texts = textsFor('en');
const administrator = 'Your administrator decides who may call whom.';
const refusal = (reason: RefusalReason, more: Partial<RefusalWords> = {}): string =>
  refusalText(
    {
      reason,
      callee: 'Adele Vance',
      ask: [],
      seconds: null,
      until: null,
      timeZone: 'Europe/Berlin',
      ...more,
    },
    texts,
  );

describe('The words of a refusal', () => {
  const cases: [title: string, words: string, expected: string][] = [
    [
      'refer to the administrator',
      refusal('caller'),
      `I am not allowed to call Adele Vance for you. ${administrator}`,
    ],
    [
      'name at most three people to ask',
      refusal('callee', { ask: ['Ada', 'Bob', 'Cy', 'Di'] }),
      'I am not allowed to call Adele Vance for you. To change that, ask Ada, Bob, or Cy.',
    ],
    [
      'say when quiet hours end',
      refusal('quietHours', { until: Date.parse('2026-03-02T06:00:00Z') }),
      `Quiet hours are in effect until 7:00 AM (Europe/Berlin), so I did not call Adele Vance. If it cannot wait, escalate it to a policy. ${administrator}`,
    ],
    [
      'say when to try again',
      refusal('perCallee', { seconds: 90 }),
      `Adele Vance has been called a lot in a short time, so I did not call again. Please try again in 2 minutes. ${administrator}`,
    ],
    [
      'name nobody for a question about people',
      refusal('caller', { callee: '' }),
      `I am not allowed to call people for you, so I cannot show that. ${administrator}`,
    ],
  ];
  for (const [title, words, expected] of cases)
    it(title, () => assert.equal(words.replace(/\u202F/g, ' '), expected));

  it('give the time until a retry, never too short', () => {
    assert.equal(retryIn(90, texts), '2 minutes');
    assert.equal(retryIn(60, texts), '1 minute');
    assert.equal(retryIn(59.2, texts), '1 minute');
    assert.equal(retryIn(0.2, texts), '1 second');
    assert.equal(retryIn(null, texts), null);
  });
});
