import assert from 'node:assert/strict';
import { apologyFor } from '../../../src/chat/turn/failures.ts';
import { CommitUnknown, TurnTimeout } from '../../../src/database/transactionErrors.ts';
import { RingdownError, type ErrorCode } from '../../../src/errors.ts';
import { textsFor } from '../../../src/texts/texts.ts';
import { openEmbedded } from '../../support/databases.ts';
import { recordingLog } from '../../support/log.ts';

describe('The answer after an error', function () {
  const texts = textsFor('en');

  it('says that no call was placed if the database is unavailable', async () => {
    const database = await openEmbedded();
    await database.close();
    const { log, lines } = recordingLog();
    const fault = await database.sql
      .selectFrom('calls')
      .selectAll()
      .execute()
      .catch((error: unknown) => error);
    const { words } = await apologyFor(fault, { texts, database, log, about: { activityId: '1' } });
    assert.equal(words, texts.errors.databaseAway);
    assert.equal(lines.length, 1);
  });

  it('says so if only one query found no connection, and says "I do not know" after a commit without an answer', async () => {
    const database = await openEmbedded();
    try {
      const { log } = recordingLog();
      const about = { texts, database, log, about: {} };
      const starved = new Error('timeout exceeded when trying to connect');
      const away = { words: texts.errors.databaseAway, unsure: texts.errors.databaseAwayNow };
      assert.deepEqual(await apologyFor(starved, about), away);
      assert.deepEqual(await apologyFor(new TurnTimeout(), about), away);
      const { words, unsure } = await apologyFor(new CommitUnknown(starved), about);
      assert.deepEqual([words, unsure], [texts.errors.notKnown, texts.errors.notKnown]);
    } finally {
      await database.close();
    }
  });

  it('has its own words for each refusal', async () => {
    const database = await openEmbedded();
    try {
      const table: readonly [code: ErrorCode, extra: Record<string, unknown>, words: string][] = [
        ['not_allowed', { callee: 'Adele' }, texts.errors.notAllowed({ callee: 'Adele' })],
        ['not_allowed', {}, texts.errors.notAllowed({ callee: 'Somebody' })],
        ['rate_limited', { retryInSeconds: 90 }, texts.errors.rateLimited({ retry: '2 minutes' })],
        ['rate_limited', {}, texts.errors.rateLimited({ retry: null })],
        ['directory_unavailable', {}, texts.errors.directoryUnavailable],
        ['speech_not_configured', { callee: 'Adele' }, texts.errors.speechNotConfigured({ callee: 'Adele' })],
        ['speech_not_configured', { isTest: true }, texts.errors.testNeedsSpeech],
        ['connect_needs_teams', { callee: 'Adele' }, texts.errors.connectNeedsTeams({ callee: 'Adele' })],
        [
          'connect_needs_teams',
          { callee: 'Adele', speech: false },
          texts.errors.neitherConnectedNorSpoken({ callee: 'Adele' }),
        ],
        [
          'connect_needs_teams',
          { callee: 'Adele', alone: true },
          texts.talk.chat.aloneOrSpeak({ callee: 'Adele' }),
        ],
        [
          'connect_needs_teams',
          { callee: 'Adele', alone: true, speech: false },
          texts.talk.chat.alone({ callee: 'Adele' }),
        ],
        ['unavailable', {}, texts.errors.databaseAway],
      ];
      const { log } = recordingLog();
      for (const [code, extra, words] of table) {
        const cause = new TypeError('https://user:password@graph.example/');
        const { words: said } = await apologyFor(new RingdownError(code, { extra, cause }), {
          texts,
          database,
          log,
          about: {},
        });
        assert.equal(said, words, code);
      }
      const detail = 'Adele has said: no calls.';
      for (const code of ['not_allowed', 'target_not_callable', 'target_not_found'] as const) {
        const about = { texts: textsFor('de'), database, log, about: {} };
        const { words: said } = await apologyFor(new RingdownError(code, { detail }), about);
        assert.doesNotMatch(said, /Adele has said/, 'what programs read is not told');
      }
    } finally {
      await database.close();
    }
  });
});
