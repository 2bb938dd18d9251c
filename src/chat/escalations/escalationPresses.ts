import type { EscalationService } from '../../escalations/escalationService.ts';
import type { Card } from '../cards/cardStore.ts';
import type { ActRequest, EscalationActs } from '../../escalations/escalationActs.ts';
import { escalationActs, type EscalationAct } from '../../escalations/possibleActs.ts';
import { actWords } from '../../texts/actWords.ts';
import { escalationIdOf, escalationSubject, type EscalationCards } from './escalationCards.ts';
import type { Press, PressAnswer } from '../turn/press.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  escalations: EscalationService;
  cards: EscalationCards;
  acts: EscalationActs;
}

/** The buttons of an escalation's card. Each is answered with the updated card and a sentence. */
export class EscalationPresses {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ presses }: Registers): void {
    presses.onCard(escalationSubject(''), async (turn, press, card) => await this.#press(turn, press, card));
  }

  async #press(turn: ChatTurn, { verb }: Press, card: Card): Promise<PressAnswer> {
    const { escalations, acts } = this.#parts;
    const id = escalationIdOf(card.subject);
    const escalation = id === null ? null : await escalations.get(id);
    if (!escalation) return { say: turn.texts.chat.cardIsGone };
    // A button from another version of Ringdown. The updated card has the current buttons.
    if (!isVerb(verb)) return await this.#refreshed(card, turn.texts.chat.escalations.tooLate);
    const { asker, conversationKey } = turn;
    const request: ActRequest = { asker, conversationKey, way: 'card', shown: card.covers ?? undefined };
    return await this.#refreshed(card, actWords(await acts.act(request, verb, escalation), turn.texts));
  }

  /** The person who pressed also sees the sentence on the card. */
  async #refreshed(card: Card, say: string): Promise<PressAnswer> {
    const { cards } = this.#parts;
    const [forAll, forOne] = await Promise.all([cards.show(card), cards.show(card, say)]);
    return { say, card: forAll?.rendered ?? null, personal: forOne?.rendered ?? null };
  }
}

function isVerb(verb: string): verb is EscalationAct {
  return escalationActs.some((act) => act === verb);
}
