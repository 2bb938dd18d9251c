import * as z from 'zod';
import type { CallService } from '../../calls/callService.ts';
import type { PlaceCall } from '../../calls/placeCall.ts';
import type { Clock } from '../../clock.ts';
import { isGuid } from '../../config/guids.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import { toTarget } from '../../directory/callable.ts';
import { subjectOf, wantCards } from './callCards.ts';
import { newCards, newCardId, TURN_GRACE_MS } from '../cards/cardStore.ts';
import { insertChoice, loadChoice, lockChoice, markChosen } from '../choices/choiceStore.ts';
import { authorCard } from '../cards/renderers/authorCard.ts';
import { chatWith } from '../connector/conversationStore.ts';
import type { Looks } from '../people/looks.ts';
import type { People } from '../people/people.ts';
import { purposeOf, type Placing } from './placing.ts';
import type { DialogAnswer } from '../turn/replies.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  calls: CallService;
  people: People;
  looks: Looks;
  placing: Placing;
  database: Database;
  transact: Transact;
  clock: Clock;
  canSpeak: boolean;
}

/** Sent when the message extension is opened on a message. */
const openedSchema = z.looseObject({
  commandId: z.literal('callAuthor'),
  messagePayload: z.looseObject({
    from: z.looseObject({
      user: z.looseObject({ id: z.string().max(200), displayName: z.string().max(500).nullish() }).nullish(),
    }),
  }),
});
/** Sent when its dialog is submitted. */
const sentSchema = z.looseObject({
  commandId: z.literal('callAuthor'),
  data: z.looseObject({ c: z.string().max(100), message: z.string().max(4_000).nullish() }),
});

/** A dialog that has been open for longer must be opened again. */
const DIALOG_LASTS_MS = 10 * 60_000;
const TITLE_LENGTH = 60;

/**
 * The message extension "Call the author of this message". The same permissions apply as in chat. The call's card goes
 * to the asker's chat with the bot, because the bot may not be in the conversation of the message.
 */
export class CallAuthor {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param name name of the invoke: `composeExtension/fetchTask` or `composeExtension/submitAction`
   * @throws RingdownError as Placing.check
   */
  async answer(turn: ChatTurn, name: string): Promise<DialogAnswer> {
    return name === 'composeExtension/fetchTask' ? await this.#opened(turn) : await this.#sent(turn);
  }

  async #opened(turn: ChatTurn): Promise<DialogAnswer> {
    const { people, looks, placing, database, clock, canSpeak } = this.#parts;
    const { texts } = turn;
    const user = openedSchema.safeParse(turn.incoming.value).data?.messagePayload.from.user;
    // Messages from apps and from the system have no author to call.
    if (!user || !isGuid(user.id)) return { say: texts.chat.people.author.nobody };
    const named = user.displayName?.trim() || texts.chat.somebody;
    if (user.id.toLowerCase() === turn.asker.objectId?.toLowerCase())
      return { say: texts.chat.people.author.own };
    await placing.checkAsker(turn, named, null, false);
    const found = await people.find(turn, { by: 'text', text: user.id });
    if (found?.kind !== 'one')
      return { say: texts.chat.people.nobodyFits({ query: named, suggestions: null }) };
    const { person, callable } = found;
    if (!callable.callable) {
      return { say: texts.errors.notCallable[callable.reason]({ callee: person.displayName }) };
    }
    const choiceId = await insertChoice(database.sql, {
      what: 'call',
      options: [{ target: toTarget(person) }],
      message: null,
      askerKey: turn.asker.key,
      // A number typed in that conversation must not answer this.
      conversationKey: `dialog|${turn.conversationKey}`,
      createdAt: new Date(clock.now()),
    });
    const [look = { name: person.displayName, about: null, photo: null }] = await looks.of(turn, [person]);
    const { card } = authorCard({ choiceId, person: look, canSpeak }, texts);
    return {
      title: texts.format.cut(texts.chat.people.author.title({ callee: person.displayName }), TITLE_LENGTH),
      card,
    };
  }

  async #sent(turn: ChatTurn): Promise<DialogAnswer> {
    const { placing, database, clock } = this.#parts;
    const { texts } = turn;
    const sent = sentSchema.safeParse(turn.incoming.value).data?.data;
    const choice = sent && (await loadChoice(database.sql, sent.c));
    const [option] = choice?.options ?? [];
    if (!choice || !option || !('target' in option) || option.target === undefined) {
      return { say: texts.chat.cardIsGone };
    }
    if (choice.askerKey !== turn.asker.key) return { say: texts.chat.calls.onlyTheAsker };
    const { target } = option;
    if (choice.chosen !== null)
      return { say: texts.chat.people.author.calling({ callee: target.displayName }) };
    if (clock.now() - choice.createdAt.getTime() > DIALOG_LASTS_MS)
      return { say: texts.chat.choices.expired };
    const message = sent?.message?.trim() || null;
    const wish = { target, message };
    await placing.check(turn, wish);
    await this.#place(turn, choice.id, wish);
    return { say: texts.chat.people.author.calling({ callee: target.displayName }) };
  }

  /** Places the call, with a card in the asker's chat with the bot if that is known. */
  async #place(turn: ChatTurn, choiceId: string, wish: Parameters<typeof purposeOf>[1]): Promise<void> {
    const { calls, database, transact, clock } = this.#parts;
    const { asker } = turn;
    const chat = asker.objectId === undefined ? null : await chatWith(database.sql, asker.objectId);
    await transact(async (work) => {
      const locked = await lockChoice(work.sql, choiceId);
      if (!locked || locked.chosen !== null) return;
      await markChosen(work.sql, choiceId, 1);
      const request: PlaceCall = {
        target: wish.target,
        requestedBy: asker,
        purpose: purposeOf(turn, wish),
        language: turn.texts.format.locale,
        requestKey: choiceId,
        oncePerRequester: true,
        ...(chat ? { conversationKey: chat.conversationKey } : {}),
      };
      const { call, how } = await calls.placing.placeIn(work, request);
      if (how !== 'fresh') return;
      if (chat) {
        const card = {
          id: newCardId(),
          subject: subjectOf(call.id),
          place: chat.place,
          conversationKey: chat.conversationKey,
          locale: turn.texts.format.locale,
          activityId: null,
          // No turn sends this card, so the job need not wait for one.
          createdAt: new Date(clock.now() - TURN_GRACE_MS),
        };
        newCards.add(work, [card]);
        wantCards(work, call.id);
      }
    });
  }
}
