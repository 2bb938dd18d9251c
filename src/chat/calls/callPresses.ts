import type { Call } from '../../calls/call.ts';
import { isCallee } from '../../calls/callee.ts';
import type { CallService } from '../../calls/callService.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { FORGOTTEN } from '../../privacy/anonymise.ts';
import type { Card } from '../cards/cardStore.ts';
import { typedMessage, type Press, type PressAnswer } from '../turn/press.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import { callIdOf, subjectOf, type CallCards, type TalkLinks } from './callCards.ts';
import type { Placing } from './placing.ts';

interface Parts {
  calls: CallService;
  cards: CallCards;
  placing: Placing;
  talk: Pick<TalkLinks, 'isOn' | 'renew'>;
}

/** The buttons of a call's card. */
export class CallPresses {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ presses }: Registers): void {
    presses.onCard(subjectOf(''), async (turn, press, card) => await this.#press(turn, press, card));
  }

  async #press(turn: ChatTurn, press: Press, card: Card): Promise<PressAnswer> {
    const { texts } = turn;
    const callId = callIdOf(card.subject);
    const call = callId ? await this.#parts.calls.get(callId) : null;
    if (!call) return { say: texts.chat.cardIsGone };
    switch (press.verb) {
      case 'hangUp':
        return await this.#hangUp(turn, card, call);
      case 'talkLink':
        return await this.#newLink(turn, card, call);
      case 'callAgain': {
        const { purpose } = call;
        // The message was not kept, so it cannot be spoken again.
        if (purpose.kind === 'speak' && purpose.message === '') return { say: texts.chat.messageMissing };
        return await this.#callAgain(turn, card, call, purpose.kind === 'speak' ? purpose.message : null);
      }
      case 'speak': {
        const typed = typedMessage(press, turn);
        if ('say' in typed) return typed;
        return await this.#speakInstead(turn, card, call, typed.message);
      }
      default:
        // A button from another version of Ringdown. The updated card has the current buttons.
        return await this.#refreshed(card, texts.chat.cardIsGone);
    }
  }

  async #hangUp(turn: ChatTurn, card: Card, call: Call): Promise<PressAnswer> {
    const { texts } = turn;
    const byAsker = isAsker(call, turn);
    if (!byAsker && !isCallee(call.target, turn.asker.objectId))
      return { say: texts.chat.calls.onlyTheAsker };
    const callee = call.target.displayName;
    if (view(call).status === 'ended') return await this.#refreshed(card, texts.chat.calls.over({ callee }));
    await this.#parts.calls.hangUp(call.id, byAsker ? 'requester' : 'callee', turn.asker.name);
    return await this.#refreshed(card, texts.chat.calls.hangingUp({ callee }));
  }

  /** Makes a new link for a card that lost its old one: the database has only a hash of it. */
  async #newLink(turn: ChatTurn, card: Card, call: Call): Promise<PressAnswer> {
    const { texts } = turn;
    if (!isAsker(call, turn)) return { say: texts.chat.calls.onlyTheAsker };
    const callee = call.target.displayName;
    if (view(call).status !== 'queued') return await this.#refreshed(card, texts.chat.calls.over({ callee }));
    if (!this.#parts.talk.isOn) return { say: texts.errors.connectNeedsTeams({ callee }) };
    await this.#parts.talk.renew(call.id);
    return await this.#refreshed(card, texts.talk.chat.linkMade({ callee }));
  }

  /** Places a new call with its own card. The old card stays as it is. The usual permissions apply. */
  async #callAgain(turn: ChatTurn, card: Card, call: Call, message: string | null): Promise<PressAnswer> {
    const { texts } = turn;
    const { placing } = this.#parts;
    const { target } = call;
    if (target.id === FORGOTTEN) return { say: texts.chat.cardIsGone };
    const own = { target, message };
    await placing.check(turn, own);
    const granted = await placing.place(turn, { ...own, requestKey: turn.requestKey });
    const isOld = granted?.how === 'running' && granted.cardId === null;
    return isOld
      ? { say: texts.chat.calls.alreadyCalling({ callee: target.displayName }) }
      : await this.#refreshed(card, undefined);
  }

  /** Speaks a message instead of connecting. Ends a browser call that nobody has joined yet. */
  async #speakInstead(turn: ChatTurn, card: Card, call: Call, message: string): Promise<PressAnswer> {
    const { calls, placing } = this.#parts;
    if (call.purpose.kind === 'talk' && view(call).status === 'queued' && isAsker(call, turn)) {
      await placing.checkAll(turn, { target: call.target, message });
      await calls.hangUp(call.id, 'requester', turn.asker.name);
    }
    return await this.#callAgain(turn, card, call, message);
  }

  async #refreshed(card: Card, say: string | undefined): Promise<PressAnswer> {
    const shown = await this.#parts.cards.show(card);
    return { ...(say === undefined ? {} : { say }), card: shown?.rendered ?? null };
  }
}

function isAsker({ requestedBy }: Call, { asker }: ChatTurn): boolean {
  return requestedBy.kind === 'chat' && requestedBy.key === asker.key;
}
