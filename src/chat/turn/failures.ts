import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { inTime } from '../../clock.ts';
import { isDatabaseAway } from '../../database/away.ts';
import { CommitUnknown } from '../../database/transactionErrors.ts';
import type { Database } from '../../database/open.ts';
import { RingdownError } from '../../errors.ts';
import { NotPermitted } from '../../permissions/refusal.ts';
import { refusalText, retryIn } from '../../permissions/refusalText.ts';
import type { Texts } from '../../texts/texts.ts';

/** A database that does not answer one query in this time counts as unavailable. */
const PROBE_MS = 2_000;

export interface Apology {
  words: string;
  /** What to say instead if the database cannot say whether an earlier delivery was granted. */
  unsure?: string;
}

/**
 * What to say to the person after an error: a sentence from the texts, or a short apology with a reference to the log.
 * Never the error's own message, which is English and written for developers.
 */
export async function apologyFor(
  error: unknown,
  parts: { texts: Texts; database: Database; log: Logger; about: Record<string, string | null> },
): Promise<Apology> {
  const { texts, database, log, about } = parts;
  if (error instanceof RingdownError && error.code !== 'internal') {
    log.info({ code: error.code, err: error.cause, ...about }, 'refused in chat');
    return { words: refusal(error, texts) };
  }
  if (error instanceof CommitUnknown) {
    log.warn(
      { err: error, ...about },
      'the database is unavailable; it is unknown whether the request was carried out',
    );
    return { words: texts.errors.notKnown, unsure: texts.errors.notKnown };
  }
  if (isDatabaseAway(error) || !(await answers(database))) {
    log.warn({ err: error, ...about }, 'the database is unavailable; nothing was done');
    return { words: texts.errors.databaseAway, unsure: texts.errors.databaseAwayNow };
  }
  const reference = randomBytes(4).toString('hex').toUpperCase();
  log.error({ err: error, reference, ...about }, 'a chat turn failed');
  return { words: texts.errors.withReference({ reference }) };
}

function refusal(error: RingdownError, texts: Texts): string {
  if (error instanceof NotPermitted) return refusalText(error.words, texts);
  const { callee: named, retryInSeconds } = error.extra ?? {};
  const callee = typeof named === 'string' && named !== '' ? named : texts.chat.somebody;
  switch (error.code) {
    case 'not_allowed':
    case 'forbidden':
      return texts.errors.notAllowed({ callee });
    case 'target_not_callable':
      return texts.errors.notCallable.unknown({ callee });
    case 'rate_limited':
      return texts.errors.rateLimited({
        retry: retryIn(typeof retryInSeconds === 'number' ? retryInSeconds : null, texts),
      });
    case 'directory_unavailable':
      return texts.errors.directoryUnavailable;
    case 'speech_not_configured':
      return error.extra?.['isTest'] === true
        ? texts.errors.testNeedsSpeech
        : texts.errors.speechNotConfigured({ callee });
    case 'connect_needs_teams':
      return notConnected(callee, error.extra ?? {}, texts);
    case 'unavailable':
      return texts.errors.databaseAway;
    default:
      return texts.chat.unknown;
  }
}

/** Why an asker outside Teams is not connected, and what they can do. */
function notConnected(
  callee: string,
  { alone, speech }: Readonly<Record<string, unknown>>,
  { errors, talk }: Texts,
): string {
  const canSpeak = speech !== false;
  if (alone === true) return canSpeak ? talk.chat.aloneOrSpeak({ callee }) : talk.chat.alone({ callee });
  return canSpeak ? errors.connectNeedsTeams({ callee }) : errors.neitherConnectedNorSpoken({ callee });
}

async function answers(database: Database): Promise<boolean> {
  const asked = sql`SELECT 1`.execute(database.sql).then(
    () => true,
    () => false,
  );
  return await inTime(asked, PROBE_MS, () => false);
}
