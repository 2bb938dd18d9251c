import type { Target } from '../../calls/call.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Work } from '../../database/transaction.ts';
import type { Granted } from '../calls/placing.ts';
import { choiceCard } from '../cards/renderers/choiceCard.ts';
import type { PersonLook, Rendered } from '../cards/renderers/elements.ts';
import type { Handlers } from '../turn/handlers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import {
  insertChoice,
  latestChoice,
  loadChoice,
  lockChoice,
  markChosen,
  markOtherChosen,
  type Choice,
  type ChoiceOption,
} from './choiceStore.ts';

/** A number that was typed or pressed, the object id of a picked person, or a message to speak. */
export type Chosen = number | { picked: string | null } | { message: string };

/** The result: a sentence, a card that replaces the question, or a call whose card replaces it. */
export type ChoiceAnswer = { say: string } | { card: Rendered } | Granted;

/** Marks a question as answered, in the transaction of what follows. @returns false if it was answered before */
export type Claim = (work: Work) => Promise<boolean>;

/** An answer to an open question. */
export interface Answer {
  readonly turn: ChatTurn;
  readonly choice: Choice;
  readonly chosen: Chosen;
  /** The message with the question, if one of its buttons was pressed. The card of a call replaces it. */
  readonly activityId: string | null;
}

/** What a subject does with the answers to its questions. */
export interface ChoiceSubject {
  take(answer: Answer): Promise<ChoiceAnswer>;
  /** What to say if the question was answered before, with `chosen`. */
  taken(turn: ChatTurn, choice: Choice, chosen: number): string;
}

interface Parts {
  database: Pick<Database, 'sql'>;
  clock: Pick<Clock, 'now'>;
}

/** How long an open question waits for its answer. */
const CHOICE_LASTS_MS = 10 * 60_000;

/** Questions with numbered answers. People press a button or type the number. Each subject registers its handler. */
export class Choices {
  readonly #parts: Parts;
  readonly #subjects = new Map<Choice['what'], ChoiceSubject>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  on(what: Choice['what'], subject: ChoiceSubject): void {
    this.#subjects.set(what, subject);
  }

  register({ handlers }: { handlers: Handlers }): void {
    handlers.on('choice', async (turn, { number }) => await this.#chooseByNumber(turn, number));
  }

  /** Stores a question to the asker. @returns the id for its buttons */
  async open(
    turn: ChatTurn,
    question: Pick<Choice, 'what' | 'options' | 'message'>,
    sql = this.#parts.database.sql,
  ): Promise<string> {
    return await insertChoice(sql, {
      ...question,
      askerKey: turn.asker.key,
      conversationKey: turn.conversationKey,
      createdAt: new Date(this.#parts.clock.now()),
    });
  }

  /** Asks which one is meant. */
  async ask(
    turn: ChatTurn,
    question: string,
    choice: Pick<Choice, 'what' | 'options' | 'message'>,
    looks: readonly PersonLook[],
  ): Promise<void> {
    await turn.show(await this.render(turn, question, choice, looks));
  }

  /** Stores a question, in a transaction if one is given, and renders it. */
  async render(
    turn: ChatTurn,
    question: string,
    choice: Pick<Choice, 'what' | 'options' | 'message'>,
    looks: readonly PersonLook[],
    sql?: Database['sql'],
  ): Promise<Rendered> {
    const choiceId = await this.open(turn, choice, sql);
    const picker = choice.what === 'call' && turn.incoming.channelId === 'msteams';
    return choiceCard({ choiceId, question, people: looks, picker }, turn.texts);
  }

  /** Answers a question by button. */
  async choose(turn: ChatTurn, choiceId: string, chosen: Chosen): Promise<ChoiceAnswer> {
    const { texts } = turn;
    const choice = await loadChoice(this.#parts.database.sql, choiceId);
    if (!choice) return { say: texts.chat.cardIsGone };
    if (choice.askerKey !== turn.asker.key) return { say: texts.chat.calls.onlyTheAsker };
    return await this.#take({ turn, choice, chosen, activityId: turn.incoming.replyToId });
  }

  async #chooseByNumber(turn: ChatTurn, number: number): Promise<void> {
    const choice = await latestChoice(this.#parts.database.sql, turn.asker.key, turn.conversationKey);
    if (!choice) return await turn.sayOnce(turn.texts.chat.choices.nothing);
    const taken = await this.#take({ turn, choice, chosen: number, activityId: null });
    if ('say' in taken) return await turn.sayOnce(taken.say);
    // Only the first delivery gets the card; a redelivery gets a sentence.
    if ('card' in taken) await turn.show(taken.card);
    else await tellIfRunning(turn, taken);
  }

  /** Hands an answer to its subject, unless the question was answered before or has expired. */
  async #take(given: Answer): Promise<ChoiceAnswer> {
    const { turn, choice } = given;
    const { texts } = turn;
    const subject = this.#subjects.get(choice.what);
    if (!subject) return { say: texts.chat.cardIsGone };
    if (choice.chosen !== null) return { say: subject.taken(turn, choice, choice.chosen) };
    if (this.#parts.clock.now() - choice.createdAt.getTime() > CHOICE_LASTS_MS) {
      return { say: texts.chat.choices.expired };
    }
    return await subject.take(given);
  }
}

/** The chosen option, or what to say if there is none. */
export function optionOf({ turn, choice, chosen }: Answer): { option: ChoiceOption } | { say: string } {
  const { texts } = turn;
  if (typeof chosen !== 'number') {
    return {
      say: 'picked' in chosen ? texts.chat.people.picker.nobodyPicked : texts.chat.cardIsGone,
    };
  }
  const option = choice.options[chosen - 1];
  return option ? { option } : { say: texts.chat.choices.outOfRange({ count: choice.options.length }) };
}

/** The chosen number; 0 if the answer is not a number. */
export function numberOf({ chosen }: Pick<Answer, 'chosen'>): number {
  return typeof chosen === 'number' ? chosen : 0;
}

/** Marks this number as chosen. If several answers arrive at the same time, one succeeds. */
export function claiming({ turn, choice }: Pick<Answer, 'turn' | 'choice'>, number: number): Claim {
  return claim(turn, choice, async ({ sql }) => await markChosen(sql, choice.id, number));
}

/** Like `claiming`, for a person who was not among the options. */
export function claimingFor({ turn, choice }: Pick<Answer, 'turn' | 'choice'>, target: Target): Claim {
  return claim(turn, choice, async ({ sql }) => await markOtherChosen(sql, choice, target));
}

function claim(turn: ChatTurn, { id }: Choice, mark: (work: Work) => Promise<void>): Claim {
  return async (work) => {
    const locked = await lockChoice(work.sql, id);
    if (!locked || locked.chosen !== null || !(await turn.isFirstDelivery(work.sql))) return false;
    await mark(work);
    return true;
  };
}

/** "You have already chosen Adele." */
export function alreadyChosen({ texts }: ChatTurn, { options }: Choice, chosen: number): string {
  const option = options[chosen - 1];
  const name = option && ('target' in option ? option.target.displayName : option.name);
  return texts.chat.choices.alreadyChosen({ callee: name ?? texts.chat.somebody });
}

/** Says that the call is already running, if it has a card here. */
export async function tellIfRunning(turn: ChatTurn, granted: Granted | null): Promise<void> {
  if (granted?.how !== 'running' || granted.cardId !== null) return;
  await turn.sayOnce(turn.texts.chat.calls.alreadyCalling({ callee: granted.call.target.displayName }));
}
