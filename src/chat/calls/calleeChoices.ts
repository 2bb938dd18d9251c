import type { Target } from '../../calls/call.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import { toTarget } from '../../directory/callable.ts';
import { classify } from '../../directory/textQuery.ts';
import { wordFor } from '../../texts/entryData.ts';
import { offerCard } from '../cards/renderers/offerCard.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import {
  alreadyChosen,
  claiming,
  claimingFor,
  numberOf,
  optionOf,
  type Answer,
  type Choices,
  type Claim,
  type ChoiceAnswer,
} from '../choices/choices.ts';
import type { People } from '../people/people.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import type { Disturbances } from './disturbances.ts';
import type { Placing } from './placing.ts';

interface Parts {
  people: People;
  placing: Placing;
  disturbances: Disturbances;
  choices: Choices;
  transact: Transact;
}

/** The answers to "Who do you mean?" and to the offer to speak a message. */
export class CalleeChoices {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ choices }: Registers): void {
    choices.on('call', { take: async (answer) => await this.#take(answer), taken: alreadyChosen });
  }

  /**
   * Offers an asker who cannot be connected to speak a message.
   *
   * @param sql the transaction to store the question in, if there is one
   */
  async offer(turn: ChatTurn, target: Target, sql?: Database['sql']): Promise<Rendered> {
    const { choices, placing } = this.#parts;
    const choiceId = await choices.open(turn, { what: 'call', options: [{ target }], message: null }, sql);
    return offerCard({ choiceId, why: placing.whyNotConnected(turn, target.displayName) }, turn.texts);
  }

  async #take(answer: Answer): Promise<ChoiceAnswer> {
    const { turn, choice, chosen } = answer;
    const { texts } = turn;
    if (typeof chosen !== 'number') {
      return 'picked' in chosen
        ? await this.#takePicked(answer, chosen.picked)
        : await this.#takeOffer(answer, chosen.message);
    }
    const found = optionOf(answer);
    if ('say' in found) return found;
    if (!('target' in found.option)) return { say: texts.chat.cardIsGone };
    const { target, notCallable } = found.option;
    if (notCallable) {
      const words = texts.errors.notCallable;
      // The choice may come from another version.
      const why = wordFor(words, notCallable) ?? words.unknown;
      return { say: why({ callee: target.displayName }) };
    }
    return await this.#call(answer, target, choice.message, claiming(answer, numberOf(answer)));
  }

  /** Takes the message that was typed into the offer. */
  async #takeOffer(answer: Answer, message: string): Promise<ChoiceAnswer> {
    const [option, ...more] = answer.choice.options;
    if (!option || !('target' in option) || more.length > 0) {
      return { say: answer.turn.texts.chat.cardIsGone };
    }
    return await this.#call(answer, option.target, message, claiming(answer, 1));
  }

  /** "Somebody else": looks up the picked person again, because a client may send any id. */
  async #takePicked(answer: Answer, picked: string | null): Promise<ChoiceAnswer> {
    const { turn, choice } = answer;
    const { texts } = turn;
    const id = classify(picked ?? '');
    if (id.kind !== 'objectId') return { say: texts.chat.people.picker.nobodyPicked };
    const found = await this.#parts.people.find(turn, { by: 'text', text: id.id });
    if (found?.kind !== 'one')
      return { say: texts.chat.people.nobodyFits({ query: id.id, suggestions: null }) };
    const { person, callable } = found;
    if (!callable.callable) {
      return { say: texts.errors.notCallable[callable.reason]({ callee: person.displayName }) };
    }
    const target = toTarget(person);
    return await this.#call(answer, target, choice.message, claimingFor(answer, target));
  }

  /** Calls the chosen person. Asks first if they should not be disturbed. */
  async #call(
    { turn, choice, activityId }: Answer,
    target: Target,
    message: string | null,
    claim: Claim,
  ): Promise<ChoiceAnswer> {
    const { placing, disturbances, transact } = this.#parts;
    const over = { say: turn.texts.chat.choices.alreadyChosen({ callee: target.displayName }) };
    const wish = { target, message, requestKey: choice.id, activityId };
    if (placing.mustSpeak(turn, message)) {
      await placing.checkAll(turn, { target, message: '' });
      const card = await transact(async (work) =>
        (await claim(work)) ? await this.offer(turn, target, work.sql) : null,
      );
      return card ? { card } : over;
    }
    await placing.check(turn, wish);
    const because = await disturbances.why(turn, target);
    if (because) {
      await placing.checkAll(turn, wish);
      const card = await transact(async (work) =>
        (await claim(work)) ? await disturbances.ask(turn, { target, message, because }, work.sql) : null,
      );
      return card ? { card } : over;
    }
    return (await placing.place(turn, wish, claim)) ?? over;
  }
}
