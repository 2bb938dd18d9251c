import type { Outcome, ExchangeService } from '../../escalations/exchangeService.ts';
import { exchangeIdOf, exchangeSubject, type Exchange } from '../../schedules/exchange.ts';
import { RETURN_WEEKS } from '../../schedules/exchangedSpans.ts';
import type { Card } from '../cards/cardStore.ts';
import { statusWords } from '../cards/renderers/exchangeCard.ts';
import type { ExchangeVerb } from '../cards/renderers/elements.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { Press, PressAnswer } from '../turn/press.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import type { ExchangeCards } from './exchangeCards.ts';

interface Parts {
  exchanges: ExchangeService;
  cards: ExchangeCards;
  permissions: Pick<CallPermissions, 'checkAsker'>;
}

/** Who may press each button. */
const sides = {
  exchangeYes: 'asked',
  exchangeNo: 'asked',
  exchangeWithdraw: 'asker',
  exchangeAsk: 'asker',
} as const satisfies Record<ExchangeVerb, 'asker' | 'asked'>;

/** The buttons of an offer: yes, no, withdraw. Each is answered with the updated card. */
export class ExchangePresses {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ presses }: Registers): void {
    presses.onCard(exchangeSubject(''), async (turn, press, card) => await this.#press(turn, press, card));
  }

  async #press(turn: ChatTurn, { verb }: Press, card: Card): Promise<PressAnswer> {
    const { exchanges, cards, permissions } = this.#parts;
    const { asker: who, texts } = turn;
    const id = exchangeIdOf(card.subject);
    const exchange = id === null ? null : await exchanges.get(id);
    if (!exchange) return { say: texts.chat.cardIsGone };
    // A button from another version of Ringdown. The updated card has the current buttons.
    if (!isVerb(verb)) return { card: (await cards.show(card))?.rendered ?? null };
    const side = sides[verb];
    if (who.objectId === undefined || who.objectId.toLowerCase() !== exchange[side].id.toLowerCase()) {
      const { swap } = texts.chat.escalations;
      return {
        say:
          side === 'asked'
            ? swap.onlyAsked({ name: exchange.asked.displayName })
            : texts.chat.calls.onlyTheAsker,
      };
    }
    if (verb === 'exchangeYes' || verb === 'exchangeAsk') await permissions.checkAsker(who, null);
    const outcome = await this.#act(verb, exchange);
    const shown = await cards.show(card);
    if (!outcome || !shown) return { say: texts.chat.cardIsGone };
    const viewer = card.place.shared ? 'everybody' : side;
    const say = statusWords({ exchange: outcome.exchange, viewer, weeks: RETURN_WEEKS }, texts);
    return { say, card: shown.rendered };
  }

  async #act(verb: ExchangeVerb, { id }: Exchange): Promise<Outcome | null> {
    const { exchanges } = this.#parts;
    switch (verb) {
      case 'exchangeYes':
        return await exchanges.accept(id);
      case 'exchangeNo':
        return await exchanges.happens(id, { kind: 'decline' });
      case 'exchangeWithdraw':
        return await exchanges.happens(id, { kind: 'withdraw' });
      case 'exchangeAsk':
        return await exchanges.happens(id, { kind: 'confirm' });
    }
  }
}

function isVerb(verb: string): verb is ExchangeVerb {
  return Object.hasOwn(sides, verb);
}
