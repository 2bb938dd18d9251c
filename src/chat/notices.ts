import type { Clock } from '../clock.ts';
import type { Logger } from 'pino';
import { TryAgainLater, type Jobs } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';
import type { Transact } from '../database/work.ts';
import type { Directory } from '../directory/directory.ts';
import { textsFor, type Texts } from '../texts/texts.ts';
import { chatWith } from './conversationStore.ts';
import { adaptiveCard, type Rendered } from './cards/elements.ts';
import type { Messenger } from './messenger.ts';

interface Parts {
  messenger: Pick<Messenger, 'toPerson'>;
  directory: Pick<Directory, 'find'>;
  database: Pick<Database, 'sql'>;
  transact: Transact;
  log: Logger;
  clock: Pick<Clock, 'now'>;
}

/** What may pass is waited for so long. */
const PATIENCE_MS = 60_000;
/** Somebody whom others were told before is told for so long. */
const LONG_PATIENCE_MS = 60 * 60_000;
const JOB = 'chat.notice';

/**
 * Writes plain words to people in Teams, who have not asked: operators. People are as ringdown.yaml names them.
 *
 * @returns who of them was told
 * @throws TryAgainLater if nobody was, and it may succeed later
 */
export function tellInWords({ messenger, directory, database, transact, clock }: Parts) {
  return async (
    people: readonly string[],
    text: (texts: Texts) => string,
  ): Promise<{ name: string; told: boolean }[]> => {
    const told: { name: string; told: boolean }[] = [];
    const later: { error: TryAgainLater; person: string; words: string }[] = [];
    for (const name of people) {
      const found = await directory.find({ text: name }, null);
      const known = found.kind === 'one' && found.person.kind === 'user' ? found.person.id : null;
      if (known === null) {
        told.push({ name, told: false });
        continue;
      }
      const words = text(await textsOf(database.sql, known));
      try {
        const outcome = await messenger.toPerson(known, worded(words), clock.now() + PATIENCE_MS);
        told.push({ name, told: outcome.kind === 'sent' });
      } catch (error) {
        if (!(error instanceof TryAgainLater)) throw error;
        // The others are not to wait for it, nor to read it twice.
        later.push({ error, person: known, words });
        told.push({ name, told: false });
      }
    }
    const [first] = later;
    if (first && told.every((one) => !one.told)) throw first.error;
    const until = clock.now() + LONG_PATIENCE_MS;
    if (first) {
      await transact((work) => {
        for (const { person, words } of later)
          work.enqueue({ name: JOB, data: { person, text: words, until } });
      });
    }
    return told;
  };
}

/** Those who could not be told together with the others. */
export function registerNotices(jobs: Pick<Jobs, 'handle'>, { messenger, log }: Parts): void {
  jobs.handle(JOB, {
    run: async ({ person, text, until }) => {
      const outcome = await messenger.toPerson(String(person), worded(String(text)), Number(until));
      if (outcome.kind === 'refused')
        log.error({ person, reason: outcome.reason }, 'an operator was not told');
    },
    useful: {
      forMs: LONG_PATIENCE_MS,
      over: async ({ person }, error) => {
        log.error({ err: error, person }, 'an operator was not told');
      },
    },
  });
}

/** In the language that somebody's Teams had when they last wrote. */
async function textsOf(sql: Database['sql'], objectId: string): Promise<Texts> {
  return textsFor((await chatWith(sql, objectId))?.locale ?? undefined);
}

/** Text runs are never read as Markdown. */
function worded(text: string): Rendered {
  const body = text.split('\n').map((line, index) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: line, ...(index === 0 ? { weight: 'Bolder' } : {}) }],
    ...(index === 0 ? {} : { spacing: 'Small' }),
  }));
  return adaptiveCard({ body, actions: [], text });
}
