import type { Clock } from '../clock.ts';
import { TryAgainLater } from '../database/jobs.ts';
import type { Directory } from '../directory/directory.ts';
import { adaptiveCard, type Rendered } from './cards/elements.ts';
import type { Messenger } from './messenger.ts';

interface Parts {
  messenger: Pick<Messenger, 'toPerson'>;
  directory: Pick<Directory, 'find'>;
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
export function tellInWords({ messenger, directory, clock }: Parts) {
  return async (people: readonly string[], text: string): Promise<{ name: string; told: boolean }[]> => {
    const told: { name: string; told: boolean }[] = [];
    const later: TryAgainLater[] = [];
    for (const name of people) {
      try {
        const found = await directory.find({ text: name }, null);
        const known = found.kind === 'one' && found.person.kind === 'user' ? found.person.id : null;
        const until = clock.now() + PATIENCE_MS;
        const outcome = known === null ? null : await messenger.toPerson(known, worded(text), until);
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

/** Text runs are never read as Markdown. */
function worded(text: string): Rendered {
  const body = text.split('\n').map((line, index) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: line, ...(index === 0 ? { weight: 'Bolder' } : {}) }],
    ...(index === 0 ? {} : { spacing: 'Small' }),
  }));
  return adaptiveCard({ body, actions: [], text });
}
