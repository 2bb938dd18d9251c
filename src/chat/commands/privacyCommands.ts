import type { Database } from '../../database/open.ts';
import { RingdownError } from '../../errors.ts';
import type { Forgotten } from '../../privacy/dataRequests.ts';
import type { StillNeeded } from '../../privacy/person.ts';
import { forgetCard } from '../cards/renderers/forgetCard.ts';
import { numberOf, type Answer, type Choices } from '../choices/choices.ts';
import { lockChoice, markChosen } from '../choices/choiceStore.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** The port to a person's data. */
export interface Privacy {
  stillNeeded(id: string): Promise<StillNeeded | null>;
  /** @throws RingdownError wrong_state */
  forget(id: string): Promise<Forgotten>;
}

interface Parts {
  privacy: Privacy;
  choices: Choices;
  database: Database;
}

/** The numbers of the answers to the question before `forget me`. */
const forgetAnswers = { forget: 1, keep: 2 } as const;

/** `forget me`: refuses while a call or an escalation needs the person, asks before deleting, and says what was done. */
export class PrivacyCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers, choices }: Registers): void {
    choices.on('forget', {
      take: async (answer) => ({ say: await this.#decide(answer) }),
      taken: ({ texts }) => texts.chat.privacy.kept,
    });
    handlers.on('forgetMe', async (turn) => await this.#ask(turn));
  }

  async #ask(turn: ChatTurn): Promise<void> {
    const { asker, texts } = turn;
    const { privacy, choices } = this.#parts;
    if (!(await turn.isFirstDelivery())) return;
    const needed = await privacy.stillNeeded(asker.objectId ?? asker.key);
    if (needed) return await turn.say(texts.chat.privacy.notNow[needed]);
    const choiceId = await choices.open(turn, { what: 'forget', options: [], message: null });
    await turn.show(forgetCard(choiceId, texts));
  }

  /** Takes the answer. Forgetting deletes the question too. @returns what to say */
  async #decide(answer: Answer): Promise<string> {
    const { choice, turn } = answer;
    const { asker, texts } = turn;
    const number = numberOf(answer);
    const { privacy } = texts.chat;
    if (number === forgetAnswers.keep) {
      await this.#parts.database.sql.transaction().execute(async (sql) => {
        if ((await lockChoice(sql, choice.id))?.chosen === null) await markChosen(sql, choice.id, number);
      });
      return privacy.kept;
    }
    if (number !== forgetAnswers.forget) {
      return texts.chat.choices.outOfRange({ count: Object.keys(forgetAnswers).length });
    }
    try {
      const { optOutKept } = await this.#parts.privacy.forget(asker.objectId ?? asker.key);
      return privacy.done({ optOutKept });
    } catch (error) {
      if (!(error instanceof RingdownError) || error.code !== 'wrong_state') throw error;
      return privacy.notNow[error.extra?.['because'] === 'onCall' ? 'onCall' : 'escalation'];
    }
  }
}
