import type { Clock } from '../../clock.ts';
import type { Logger } from 'pino';
import type { Jobs } from '../../database/jobRunner.ts';
import type { Transact } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Readers } from '../people/readers.ts';
import { adaptiveCard, type Rendered } from '../cards/renderers/elements.ts';
import type { Messenger } from './messenger.ts';

interface Parts {
  messenger: Pick<Messenger, 'toPerson'>;
  readers: Pick<Readers, 'textsFor'>;
  directory: Pick<Directory, 'find'>;
  transact: Transact;
  log: Logger;
  clock: Pick<Clock, 'now'>;
}

/** How long to retry while nobody has been told yet. */
const PATIENCE_MS = 60_000;
/** How long to retry for one person after others have been told. */
const LONG_PATIENCE_MS = 60 * 60_000;
const JOB = 'chat.notice';

type Told =
  | { kind: 'told' | 'notTold' }
  /** `later`: what to retry; null if it is not known whom the name means. */
  | { kind: 'failed'; error: unknown; later: { person: string; text: string } | null };

/**
 * Writes plain text to operators in Teams, unasked and to all at the same time. `people` are names from ringdown.yaml.
 *
 * @returns for each name, whether the message was delivered
 * @throws TryAgainLater or the directory's error if nobody was reached and a retry may succeed
 */
export function tellInWords({ messenger, readers, directory, transact, clock, log }: Parts) {
  /** Object ids by name, from the last answers of the directory. */
  const known = new Map<string, string>();

  const idOf = async (name: string): Promise<string | null> => {
    try {
      const found = await directory.find({ text: name }, null);
      const id = found.kind === 'one' && found.person.kind === 'user' ? found.person.id : null;
      if (id === null) known.delete(name);
      else known.set(name, id);
      return id;
    } catch (error) {
      const id = known.get(name);
      if (id !== undefined) return id;
      throw error;
    }
  };

  const tell = async (name: string, text: (texts: Texts) => string): Promise<Told> => {
    let later: { person: string; text: string } | null = null;
    try {
      const person = await idOf(name);
      if (person === null) return { kind: 'notTold' };
      later = { person, text: text(await readers.textsFor(person)) };
      const result = await messenger.toPerson(person, asCard(later.text), clock.now() + PATIENCE_MS);
      return { kind: result.kind === 'sent' ? 'told' : 'notTold' };
    } catch (error) {
      return { kind: 'failed', error, later };
    }
  };

  return async (
    people: readonly string[],
    text: (texts: Texts) => string,
  ): Promise<{ name: string; told: boolean }[]> => {
    const results = await Promise.all(people.map(async (name) => ({ name, ...(await tell(name, text)) })));
    const failed = results.filter((one) => one.kind === 'failed');
    if (failed[0] && !results.some(({ kind }) => kind === 'told')) throw failed[0].error;
    const until = clock.now() + LONG_PATIENCE_MS;
    if (failed.length > 0) {
      await transact((work) => {
        for (const { error, later } of failed) {
          // Only those who were not reached: nobody reads it twice.
          if (later) work.enqueue({ name: JOB, data: { ...later, until } });
          else log.error({ err: error }, 'an operator was not told');
        }
      });
    }
    return results.map(({ name, kind }) => ({ name, told: kind === 'told' }));
  };
}

/** Registers the job that retries for those who were not reached together with the others. */
export function registerNotices(jobs: Pick<Jobs, 'handle'>, { messenger, log }: Parts): void {
  jobs.handle(JOB, {
    run: async ({ person, text, until }) => {
      const result = await messenger.toPerson(person, asCard(text), until);
      if (result.kind === 'refused') log.error({ person, reason: result.reason }, 'an operator was not told');
    },
    useful: {
      forMs: LONG_PATIENCE_MS,
      over: async ({ person }, error) => {
        log.error({ err: error, person }, 'an operator was not told');
      },
    },
  });
}

/** Uses text runs, in which clients read no Markdown. */
export function asCard(text: string): Rendered {
  const body = text.split('\n').map((line, index) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: line, ...(index === 0 ? { weight: 'Bolder' } : {}) }],
    ...(index === 0 ? {} : { spacing: 'Small' }),
  }));
  return adaptiveCard({ body, actions: [], text });
}
