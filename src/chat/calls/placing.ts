import type { Call, Purpose, Target } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import type { Placed, Wanted } from '../../calls/placeCall.ts';
import { CommitUnknown } from '../../database/transactionErrors.ts';
import type { Transact, Work } from '../../database/transaction.ts';
import { RingdownError } from '../../errors.ts';
import { subjectOf, type CallCards, type TalkLinks } from './callCards.ts';
import { cardsOf } from '../cards/cardStore.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  calls: CallService;
  cards: CallCards;
  permissions: CallPermissions;
  transact: Transact;
  canSpeak: boolean;
  talk: TalkLinks;
}

export interface Wish {
  target: Target;
  /** The message to speak. If null, the callee is connected to the asker, or the asker talks from the browser. */
  message: string | null;
  /** Identifies the request, so that it is granted once. */
  requestKey: string | null;
  /** The chat message that becomes the card; if there is none, a new one is sent. */
  activityId?: string | null;
}

/** The result of a request: a fresh call with its card, a call that was already running, or a repeated request. */
export interface Granted extends Placed {
  cardId: string | null;
}

/** Places calls that people ask for in chats, each with its card. */
export class Placing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Whether this asker cannot be connected in this conversation, so that only a message can be spoken for them. The link
   * to the browser page is for the asker alone and must not be shown to others.
   */
  mustSpeak({ asker, shared }: ChatTurn, message: string | null): boolean {
    return message === null && asker.objectId === undefined && (!this.#parts.talk.isOn || shared);
  }

  /**
   * Checks what is known before the callee is looked up.
   *
   * @param callee as the asker named them
   * @param isSelf the asker wants to be called themselves, which needs no permission
   * @throws RingdownError connect_needs_teams, speech_not_configured, not_allowed; `extra.callee` is the callee
   */
  async checkAsker(turn: ChatTurn, callee: string, message: string | null, isSelf: boolean): Promise<void> {
    if (!this.#parts.canSpeak) {
      // Even without a message they could not be connected.
      if (this.mustSpeak(turn, null)) throw this.#mustSpeak(callee);
      if (message !== null) throw new RingdownError('speech_not_configured', { extra: { callee } });
    }
    if (!isSelf) await this.#parts.permissions.checkAsker(turn.asker, callee);
  }

  whyNotConnected({ texts }: ChatTurn, callee: string): string {
    return this.#parts.talk.isOn
      ? texts.talk.chat.aloneOrSpeak({ callee })
      : texts.errors.connectNeedsTeams({ callee });
  }

  #mustSpeak(callee: string): RingdownError {
    const { talk, canSpeak } = this.#parts;
    return new RingdownError('connect_needs_teams', {
      extra: { callee, ...(talk.isOn && { alone: true }), ...(canSpeak ? {} : { speech: false }) },
    });
  }

  /**
   * Checks everything, before the asker is asked a question about the call.
   *
   * @throws RingdownError as `check`, and rate_limited
   */
  async checkAll(turn: ChatTurn, wish: Pick<Wish, 'target' | 'message'>): Promise<void> {
    await this.check(turn, wish);
    await this.#parts.permissions.mayCall(turn.asker, wish.target);
  }

  /**
   * Checks whether this call can be placed for this asker, except for opt-outs and rate limits, which `place` checks in
   * its transaction.
   *
   * @throws RingdownError as `checkAsker`
   */
  async check(turn: ChatTurn, { target, message }: Pick<Wish, 'target' | 'message'>): Promise<void> {
    const isSelf = isSame(target, turn.asker.objectId);
    if (this.mustSpeak(turn, message)) throw this.#mustSpeak(target.displayName);
    await this.checkAsker(turn, target.displayName, message, isSelf);
    if (message === null && isSelf && !this.#parts.canSpeak) {
      throw new RingdownError('speech_not_configured', {
        extra: { callee: target.displayName, isTest: true },
      });
    }
    await this.#parts.permissions.mayWish(turn.asker, target);
  }

  /**
   * Stores the call and its card in one transaction, then shows the card. Call `check` first.
   *
   * @param before runs first in a transaction of its own; if it returns false, nothing is placed
   * @returns null if nothing was placed because of `before`, or because this is a redelivery
   * @throws CommitUnknown if it is unknown whether the call was placed, even after a second attempt with the same key
   */
  async place(
    turn: ChatTurn,
    wish: Wish,
    before?: (work: Work) => Promise<boolean>,
  ): Promise<Granted | null> {
    const attempt = async (): Promise<Granted | null> => await this.#store(turn, wish, before);
    const granted = await attempt().catch(async (error: unknown) => {
      turn.undone();
      if (!(error instanceof CommitUnknown) || wish.requestKey === null) throw error;
      // If the first attempt was committed, the second finds its call.
      return await attempt().catch(() => {
        turn.undone();
        throw error;
      });
    });
    if (granted?.cardId && !wish.activityId) {
      await turn.othersFirst();
      await this.#parts.cards.send(turn, granted.cardId, granted.call);
    }
    return granted;
  }

  async #store(
    turn: ChatTurn,
    wish: Wish,
    before?: (work: Work) => Promise<boolean>,
  ): Promise<Granted | null> {
    const { calls, cards, transact } = this.#parts;
    const isNewCard = !wish.activityId;
    // A request is granted or refused once. If people have read that nothing was placed, that stays true.
    const isDelivery = wish.requestKey === turn.requestKey;
    let cardId: string | null = null;
    const wanted: Wanted = {
      target: wish.target,
      requestedBy: turn.asker,
      purpose: purposeOf(turn, wish),
      language: turn.texts.format.locale,
      requestKey: wish.requestKey,
      oncePerRequester: true,
      conversationKey: turn.conversationKey,
      also: {
        ...(isDelivery && turn.deliveryQuestion),
        admit: async (work, delivered) => !isDelivery || (await turn.grant(work, delivered)),
        begins: (callId) => {
          if (isNewCard) cards.leaveToTurn(callId);
        },
        placed: async (work, { call, how }) => {
          cardId = null;
          if (how === 'fresh' && call.purpose.kind === 'talk') this.#parts.talk.linkIn(work, call.id);
          // A call that is already running gets a card here too, unless there is one.
          const hasCard = how === 'running' && (await this.#isShownHere(work, turn, call));
          if (how !== 'repeated' && !hasCard)
            cardId = cards.add(work, turn, call.id, wish.activityId ?? null);
        },
      },
    };
    const placed = before
      ? await transact(async (work) =>
          (await before(work)) ? await calls.placing.placeIn(work, wanted) : null,
        )
      : await calls.placing.place(wanted);
    return placed && { ...placed, cardId };
  }

  async #isShownHere(work: Work, turn: ChatTurn, call: Call): Promise<boolean> {
    const shown = await cardsOf(work.sql, subjectOf(call.id));
    return shown.some((card) => card.conversationKey === turn.conversationKey);
  }
}

/** The purpose of the call that this request asks for. */
export function purposeOf(
  { asker }: ChatTurn,
  { target, message }: Pick<Wish, 'target' | 'message'>,
): Purpose {
  if (message !== null) return { kind: 'speak', message };
  const { objectId, name } = asker;
  // A call cannot be transferred to people outside Teams, so they talk from the browser.
  if (objectId === undefined) return { kind: 'talk' };
  // Being connected to oneself makes no sense, so this is a test call.
  if (isSame(target, objectId)) return { kind: 'test' };
  return { kind: 'connect', to: { kind: 'teamsUser', id: objectId, displayName: name } };
}

export function isSame(target: Target, objectId: string | undefined): boolean {
  return target.kind === 'teamsUser' && target.id.toLowerCase() === objectId?.toLowerCase();
}
