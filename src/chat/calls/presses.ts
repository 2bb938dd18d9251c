import * as z from 'zod';
import type { Call } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { view } from '../../calls/lifecycle.ts';
import { FORGOTTEN } from '../../privacy/anonymise.ts';
import type { Database } from '../../database/open.ts';
import { callIdOf, type CallCards, type TalkLinks } from './callCards.ts';
import type { CallCommands, Chosen } from './callCommands.ts';
import { loadCard } from '../cards/cardStore.ts';
import type { Card } from '../cards/cardStore.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import type { EscalationPresses } from '../escalations/escalationPresses.ts';
import type { History } from '../commands/history.ts';
import { CARD_TYPE } from '../connector/messages.ts';
import { isSame, type Placing } from './placing.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  calls: CallService;
  callCommands: CallCommands;
  cards: CallCards;
  placing: Placing;
  database: Database;
  history: Pick<History, 'press'>;
  escalationPresses?: Pick<EscalationPresses, 'press'>;
  talk: Pick<TalkLinks, 'isOn' | 'renew'>;
}

/** A button that was pressed. `id` is the opaque id on the card. */
export interface Press {
  verb: string;
  id: string;
  /** What was typed into the card. */
  message: string | null;
  /** Who was picked: an object id. */
  person: string | null;
}

/** What a press is answered with: a sentence, or the card that takes the place of the one that was pressed. */
export interface PressAnswer {
  say?: string;
  card?: Rendered | null;
  /** The same for the presser alone, with what is said: where the answer reaches nobody else. */
  personal?: Rendered | null;
}

/** Longest message that is taken from a card's input. */
const LONGEST_MESSAGE = 4_000;

/** Ids of ours hold no control character and no half of a pair, which no database would look for. */
const ownText = z.string().regex(/^[^\p{Cc}\p{Cs}]+$/u);

const data = z.looseObject({
  c: ownText.max(100),
  verb: z.string().max(100).optional(),
  message: z.string().optional(),
  person: ownText.max(500).optional(),
});
const invokeValue = z.looseObject({
  action: z.looseObject({ verb: z.string().min(1).max(100).optional(), data }),
});

/** Reads the press of an Action.Execute (an invoke's value) or Action.Submit (a message's); null if it is none. */
export function readPress(value: unknown): Press | null {
  const invoke = invokeValue.safeParse(value);
  const read = invoke.success ? invoke.data.action.data : data.safeParse(value).data;
  if (!read) return null;
  const verb = (invoke.success ? invoke.data.action.verb : undefined) ?? read.verb;
  return verb === undefined
    ? null
    : { verb, id: read.c, message: read.message ?? null, person: read.person ?? null };
}

/** The body of the answer to an `adaptiveCard/action` invoke. The SDK's own default is 501. */
export function invokeAnswer(answer: PressAnswer, otherwise: string): object {
  const shown = answer.personal ?? answer.card;
  return shown
    ? { statusCode: 200, type: CARD_TYPE, value: shown.card }
    : { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: answer.say ?? otherwise };
}

/** The buttons of our cards. Who may press is decided here, at the press. */
export class Presses {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async press(turn: ChatTurn, press: Press): Promise<PressAnswer> {
    const { chat } = turn.texts;
    const number = /^choose(\d{1,2})$/.exec(press.verb)?.[1];
    if (number !== undefined) return await this.#choose(turn, press.id, Number(number));
    if (press.verb === 'chooseOther') return await this.#choose(turn, press.id, { picked: press.person });

    const ofHistory = await this.#parts.history.press(turn, press);
    if (ofHistory) return ofHistory;

    const card = await loadCard(this.#parts.database.sql, press.id);
    const ofEscalation = card && (await this.#parts.escalationPresses?.press(turn, press.verb, card));
    if (ofEscalation) return ofEscalation;
    // An offer to speak a message is a question: it has no call yet.
    if (!card && press.verb === 'speak') return await this.#speak(turn, press);
    const callId = card && callIdOf(card.subject);
    const call = callId ? await this.#parts.calls.get(callId) : null;
    if (!card || !call) return { say: chat.cardIsGone() };
    switch (press.verb) {
      case 'hangUp':
        return await this.#hangUp(turn, card, call);
      case 'talkLink':
        return await this.#newLink(turn, card, call);
      case 'callAgain': {
        const { purpose } = call;
        // It was not kept: what is not known any more cannot be spoken again.
        if (purpose.kind === 'speak' && purpose.message === '') return { say: chat.messageMissing() };
        return await this.#callAgain(turn, card, call, purpose.kind === 'speak' ? purpose.message : null);
      }
      case 'speak': {
        const typed = typedMessage(press, turn);
        if ('say' in typed) return typed;
        return await this.#speakInstead(turn, card, call, typed.message);
      }
      default:
        // A button of another version of this program: the newest card has those of this one.
        return await this.#refreshed(card, chat.cardIsGone());
    }
  }

  async #hangUp(turn: ChatTurn, card: Card, call: Call): Promise<PressAnswer> {
    const { chat } = turn.texts;
    const byAsker = isAsker(call, turn);
    const isCallee = isSame(call.target, turn.asker.objectId);
    if (!byAsker && !isCallee) return { say: chat.notYours() };
    const callee = call.target.displayName;
    if (view(call).status === 'ended') return await this.#refreshed(card, chat.callIsOver(callee));
    await this.#parts.calls.hangUp(call.id, byAsker ? 'requester' : 'callee', turn.asker.name);
    return await this.#refreshed(card, chat.hangingUp(callee));
  }

  /** For a card that has lost its link: only a hash of it is kept. */
  async #newLink(turn: ChatTurn, card: Card, call: Call): Promise<PressAnswer> {
    const { chat } = turn.texts;
    if (!isAsker(call, turn)) return { say: chat.notYours() };
    const callee = call.target.displayName;
    if (view(call).status !== 'queued') return await this.#refreshed(card, chat.callIsOver(callee));
    if (!this.#parts.talk.isOn) return { say: chat.connectNeedsTeams(callee) };
    await this.#parts.talk.renew(call.id);
    return await this.#refreshed(card, chat.talk.linkMade(callee));
  }

  /** A new call with a card of its own; the old one stays as it ended. Whoever may call may do so. */
  async #callAgain(turn: ChatTurn, card: Card, call: Call, message: string | null): Promise<PressAnswer> {
    const { placing } = this.#parts;
    const { chat } = turn.texts;
    const { target } = call;
    if (target.id === FORGOTTEN) return { say: chat.cardIsGone() };
    const own = { target, message };
    await placing.check(turn, own);
    const granted = await placing.place(turn, { ...own, requestKey: turn.requestKey });
    const isOld = granted?.outcome === 'running' && granted.cardId === null;
    return isOld ? { say: chat.alreadyCalling(target.displayName) } : await this.#refreshed(card, undefined);
  }

  /** A message is spoken instead of what the card offers; a link to the browser page that nobody used goes. */
  async #speakInstead(turn: ChatTurn, card: Card, call: Call, message: string): Promise<PressAnswer> {
    const { calls, placing } = this.#parts;
    if (call.purpose.kind === 'talk' && view(call).status === 'queued' && isAsker(call, turn)) {
      await placing.checkAll(turn, { target: call.target, message });
      await calls.hangUp(call.id, 'requester', turn.asker.name);
    }
    return await this.#callAgain(turn, card, call, message);
  }

  async #speak(turn: ChatTurn, press: Press): Promise<PressAnswer> {
    const typed = typedMessage(press, turn);
    return 'say' in typed ? typed : await this.#choose(turn, press.id, typed);
  }

  async #choose(turn: ChatTurn, choiceId: string, what: Chosen): Promise<PressAnswer> {
    const taken = await this.#parts.callCommands.choose(turn, choiceId, what);
    if ('say' in taken || 'card' in taken) return taken;
    if (taken.cardId === null) return { say: turn.texts.chat.alreadyCalling(taken.call.target.displayName) };
    const card = await loadCard(this.#parts.database.sql, taken.cardId);
    return card ? await this.#refreshed(card, undefined) : {};
  }

  async #refreshed(card: Card, say: string | undefined): Promise<PressAnswer> {
    const shown = await this.#parts.cards.show(card);
    return { ...(say === undefined ? {} : { say }), card: shown?.rendered ?? null };
  }
}

function typedMessage(press: Press, { texts }: ChatTurn): { message: string } | { say: string } {
  const message = press.message?.trim() ?? '';
  if (message === '') return { say: texts.chat.messageMissing() };
  return message.length > LONGEST_MESSAGE ? { say: texts.chat.tooLong(LONGEST_MESSAGE) } : { message };
}

function isAsker({ requestedBy }: Call, { asker }: ChatTurn): boolean {
  return requestedBy.kind === 'chat' && requestedBy.key === asker.key;
}
