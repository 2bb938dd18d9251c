import type { Database } from '../../database/open.ts';
import { loadCard, type Card } from '../cards/cardStore.ts';
import type { Press, PressAnswer } from './press.ts';
import type { ChatTurn } from './turn.ts';

type OnPress = (turn: ChatTurn, press: Press) => Promise<PressAnswer>;
type OnCardPress = (turn: ChatTurn, press: Press, card: Card) => Promise<PressAnswer>;

/** The handlers for buttons. Each handler checks whether this person may press the button. */
export class Presses {
  readonly #database: Pick<Database, 'sql'>;
  readonly #verbs: { verbs: RegExp; answer: OnPress }[] = [];
  readonly #cards: { prefix: string; answer: OnCardPress }[] = [];
  readonly #questions = new Map<string, OnPress>();

  constructor({ database }: { database: Pick<Database, 'sql'> }) {
    this.#database = database;
  }

  /** Registers buttons that mean the same on every card. */
  on(verbs: RegExp, answer: OnPress): void {
    this.#verbs.push({ verbs, answer });
  }

  /** Registers all other buttons on cards whose subject starts with `prefix`: `call:…`, `escalation:…`. */
  onCard(prefix: string, answer: OnCardPress): void {
    this.#cards.push({ prefix, answer });
  }

  /** Registers a button on a question, which is not a stored card. */
  onQuestion(verb: string, answer: OnPress): void {
    this.#questions.set(verb, answer);
  }

  async press(turn: ChatTurn, press: Press): Promise<PressAnswer> {
    const ofVerb = this.#verbs.find(({ verbs }) => verbs.test(press.verb));
    if (ofVerb) return await ofVerb.answer(turn, press);
    const card = await loadCard(this.#database.sql, press.id);
    const ofCard = card && this.#cards.find(({ prefix }) => card.subject.startsWith(prefix));
    if (ofCard) return await ofCard.answer(turn, press, card);
    const ofQuestion = card ? undefined : this.#questions.get(press.verb);
    return (await ofQuestion?.(turn, press)) ?? { say: turn.texts.chat.cardIsGone };
  }
}
