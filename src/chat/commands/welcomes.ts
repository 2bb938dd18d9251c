import type { Clock } from '../../clock.ts';
import type { Jobs } from '../../database/jobRunner.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import { textsFor } from '../../texts/texts.ts';
import type { Incoming } from '../turn/activity.ts';
import { forgetActivity, takeActivityAgain } from '../turn/activityStore.ts';
import { placeSchema } from '../connector/place.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { welcomeCard } from '../cards/renderers/welcomeCard.ts';
import { conversationKey } from '../turn/identity.ts';
import { messageOf } from '../connector/messages.ts';
import { sendOnce, type SendParts } from '../connector/sendOnce.ts';
import type { Readers } from '../people/readers.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts extends SendParts {
  readers: Pick<Readers, 'knownOf' | 'languageOf'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  /** Whether this installation supports a kind of command. */
  can: (kind: string) => boolean;
}

const JOB = 'chat.welcome';
/** Teams reports an installation twice, at about the same time. */
const WAIT_FOR_LANGUAGE_MS = 3_000;
/** Two reports within this time are about the same installation, unless the app was removed in between. */
const SAME_INSTALLATION_MS = 600_000;
/** A later greeting is of no use. */
const USEFUL_MS = 600_000;

/**
 * Greets conversations that the bot was added to. Teams reports that by `conversationUpdate`, which lacks the user's
 * language, and by `installationUpdate`, which has it. They come in any order, and a reinstalled app sends only the
 * second. A report with a language is answered at once; one without waits a little for the other. Each installation is
 * greeted once.
 */
export class Welcomes {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Greets after the bot was added. */
  async greet(turn: ChatTurn): Promise<void> {
    const { readers, transact, clock } = this.#parts;
    const { incoming, asker, place, conversationKey: key } = turn;
    const at = clock.now();
    const known = await readers.knownOf(asker, incoming.locale);
    if (known === undefined && incoming.channelId === 'msteams') {
      const data = { place: JSON.stringify(place), key, at };
      await transact(async (work) => {
        if (!(await turn.isFirstDelivery(work.sql))) return;
        work.enqueue({ name: JOB, data: asker.objectId ? { ...data, objectId: asker.objectId } : data });
      });
      return;
    }
    const locale = await readers.languageOf(asker, known);
    if (!(await turn.isFirstDelivery()) || !(await this.#take(key, at))) return;
    try {
      await turn.show(this.#card(locale, turn.shared));
    } catch (error) {
      await this.#forget(key).catch(() => undefined);
      throw error;
    }
  }

  /** Called when the bot was removed, so that it greets again when it is added again. */
  async removed(incoming: Incoming): Promise<void> {
    const key = conversationKey(incoming);
    await this.#forget(key).catch((error: unknown) => {
      // At worst, the next greeting is missing.
      this.#parts.log.warn({ err: error, conversation: key }, 'the removal of the bot could not be stored');
    });
  }

  registerJobs(jobs: Pick<Jobs, 'handle'>): void {
    const { clock } = this.#parts;
    jobs.handle(JOB, {
      run: async ({ key, at, objectId, place: kept }) => {
        const wait = at + WAIT_FOR_LANGUAGE_MS - clock.now();
        if (wait > 0) throw new TryAgainLater(wait);
        const place = placeSchema.parse(JSON.parse(kept));
        const reader = objectId === undefined ? { key: '' } : { key: objectId, objectId };
        const locale = await this.#parts.readers.languageOf(reader, undefined);
        await sendOnce(this.#parts, {
          id: taken(key),
          place,
          conversationKey: key,
          message: messageOf(this.#card(locale, place.shared), place.channelId),
          take: async () => await this.#take(key, at),
          forget: async () => await this.#forget(key),
        });
      },
      useful: {
        forMs: USEFUL_MS,
        over: async ({ key }, error) => {
          this.#parts.log.error({ err: error, conversation: key }, 'a conversation was not greeted');
        },
      },
    });
  }

  #card(locale: string | undefined, shared: boolean): Rendered {
    return welcomeCard(textsFor(locale), this.#parts.can, shared);
  }

  /** @param at when the report arrived, epoch milliseconds */
  async #take(key: string, at: number): Promise<boolean> {
    const { database, clock } = this.#parts;
    const since = new Date(at - SAME_INSTALLATION_MS);
    return await takeActivityAgain(database.sql, taken(key), new Date(clock.now()), since);
  }

  async #forget(key: string): Promise<void> {
    await forgetActivity(this.#parts.database.sql, taken(key));
  }
}

function taken(key: string): string {
  return `welcomed|${key}`;
}
