import type { Clock } from '../clock.ts';
import { TryAgainLater } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';
import type { Directory } from '../directory/directory.ts';
import { textsFor, type Texts } from '../texts/texts.ts';
import { chatWith } from './conversationStore.ts';
import { adaptiveCard, type Rendered } from './cards/elements.ts';
import type { Messenger } from './messenger.ts';

interface Parts {
  messenger: Pick<Messenger, 'toPerson'>;
  directory: Pick<Directory, 'find'>;
  database: Pick<Database, 'sql'>;
  clock: Pick<Clock, 'now'>;
}

/** What may pass is waited for so long. */
const PATIENCE_MS = 60_000;

/**
 * Writes plain words to people in Teams, who have not asked: operators. People are as ringdown.yaml names them.
 *
 * @returns who of them was told
 * @throws TryAgainLater if nobody was, and it may succeed later
 */
export function tellInWords({ messenger, directory, database, clock }: Parts) {
  return async (
    people: readonly string[],
    text: (texts: Texts) => string,
  ): Promise<{ name: string; told: boolean }[]> => {
    const told: { name: string; told: boolean }[] = [];
    const later: TryAgainLater[] = [];
    for (const name of people) {
      try {
        const found = await directory.find({ text: name }, null);
        const known = found.kind === 'one' && found.person.kind === 'user' ? found.person.id : null;
        const until = clock.now() + PATIENCE_MS;
        const words = known === null ? null : worded(text(await textsOf(database.sql, known)));
        const outcome = known && words ? await messenger.toPerson(known, words, until) : null;
        told.push({ name, told: outcome?.kind === 'sent' });
      } catch (error) {
        if (!(error instanceof TryAgainLater)) throw error;
        // The others are not to wait for it, nor to read it twice.
        later.push(error);
        told.push({ name, told: false });
      }
    }
    const [first] = later;
    if (first && told.every((one) => !one.told)) throw first;
    return told;
  };
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
