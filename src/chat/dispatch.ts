import type { TurnContext } from 'botbuilder';
import type { Logger } from 'pino';
import type { Requester } from '../calls/call.ts';
import { inTime, type Clock } from '../clock.ts';
import { apartFromRequests } from '../database/lanes.ts';
import type { Crowd } from '../database/crowd.ts';
import type { Database } from '../database/open.ts';
import { RingdownError } from '../errors.ts';
import { textsFor } from '../texts/texts.ts';
import type { CallAuthor } from './calls/callAuthor.ts';
import { showHelp } from './commands/smallTalk.ts';
import type { Welcomes } from './commands/welcomes.ts';
import { judge } from './connector/connectorAnswers.ts';
import type { PersonalChats } from './connector/conversationStore.ts';
import type { AnswerRetries } from './connector/answerRetries.ts';
import type { Pace } from './connector/pace.ts';
import { placeOf } from './connector/place.ts';
import { ConnectorFault } from './connector/connectorFault.ts';
import type { Command } from './language/command.ts';
import { changesNothing } from './language/questions.ts';
import type { People } from './people/people.ts';
import type { CallPermissions } from './people/permissions.ts';
import type { Readers } from './people/readers.ts';
import type { Incoming } from './turn/activity.ts';
import type { Edits } from './turn/edits.ts';
import { apologyFor, type Apology } from './turn/failures.ts';
import type { Handlers } from './turn/handlers.ts';
import { conversationKey, requesterOf, type TrustConfig } from './turn/identity.ts';
import type { Membership } from './turn/membership.ts';
import type { Presses } from './turn/presses.ts';
import { giveReply, type Reply } from './turn/replies.ts';
import { ChatTurn } from './turn/turn.ts';
import { readWish, type Wish } from './turn/wish.ts';

interface Parts {
  trust: TrustConfig;
  /** Names of the voice apps in ringdown.yaml as it is now. */
  voiceApps: () => readonly string[];
  permissions: Pick<CallPermissions, 'namesGuest' | 'checkAsker'>;
  membership: Pick<Membership, 'check'>;
  people: Pick<People, 'lookAhead'>;
  readers: Pick<Readers, 'languageOf'>;
  edits: Pick<Edits, 'inTurn'>;
  handlers: Pick<Handlers, 'run' | 'has'>;
  presses: Pick<Presses, 'press'>;
  callAuthor: Pick<CallAuthor, 'answer'>;
  welcomes: Pick<Welcomes, 'greet' | 'removed'>;
  retries: Pick<AnswerRetries, 'add'>;
  pace: Pace;
  chats: Pick<PersonalChats, 'remember'>;
  database: Database;
  crowd: Pick<Crowd, 'enter'>;
  clock: Clock;
  log: Logger;
}

/** What the steps know about an activity. */
interface Progress {
  readonly context: TurnContext;
  readonly incoming: Incoming;
  readonly turn: ChatTurn;
  readonly wish: Wish;
  /** The sender is a Teams user of a tenant that may not use this bot. */
  readonly isForeign: boolean;
  reply: Reply | null;
}

/** Calls `next` to continue; otherwise processing ends here. */
type Step = (progress: Progress, next: () => Promise<void>) => Promise<void>;

/** How long to wait for the database to say whether a refusal was sent before. */
const REFUSAL_WAIT_MS = 2_000;

/** Only for people who may place calls. (`who is` checks this itself, because its refusal names the person.) */
const asksAboutPeople: ReadonlySet<Command['kind']> = new Set(['onCall', 'status', 'history']);

/**
 * Takes every activity through the same steps: `read` first, then the list in the constructor from top to bottom.
 *
 * No step drops redeliveries. Instead, handlers ask `ChatTurn.isFirstDelivery` right before anything that must not
 * happen twice, in the same transaction if there is one. Dropping a redelivery early would lose an activity whose first
 * process died before it acted.
 */
export class Dispatch {
  readonly #parts: Parts;
  readonly #steps: readonly Step[];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#steps = [
      this.#rememberChat,
      this.#endWithoutWish,
      this.#tellWhatWentWrong,
      this.#refuseForeigners,
      this.#goInTurn,
      this.#lookAhead,
      this.#keepGuestsOut,
      this.#protectPeople,
      this.#actOncePerMessage,
      this.#handle,
      this.#answer,
    ];
  }

  /**
   * Processes an activity. Tells the asker about errors, and logs them.
   *
   * @throws RingdownError unavailable if the asker could not be told either; nothing was done, so the service may retry
   */
  async take(context: TurnContext, incoming: Incoming): Promise<void> {
    const progress = await this.#read(context, incoming);
    const from = async (at: number): Promise<void> => {
      await this.#steps[at]?.(progress, async () => await from(at + 1));
    };
    await from(0);
  }

  /** Reads who is writing and what they ask for. */
  async #read(context: TurnContext, incoming: Incoming): Promise<Progress> {
    const { trust, voiceApps, permissions, readers, database, crowd, clock, pace, retries } = this.#parts;
    const { somebody } = textsFor(incoming.locale).chat;
    const who = requesterOf(incoming, trust, somebody, permissions.namesGuest.bind(permissions));
    const isForeign = who === 'foreignTenant';
    // A placeholder that is used only to send the refusal.
    const asker: Requester = isForeign ? { kind: 'chat', key: '', name: somebody } : who;
    const texts = textsFor(await readers.languageOf(asker, incoming.locale));
    const wish = readWish(incoming, { voiceApps: voiceApps(), locale: texts.format.locale });
    const nothing = wish.kind === 'command' && changesNothing(wish.command);
    const turn = new ChatTurn(context, {
      incoming,
      asker,
      texts,
      database,
      crowd,
      clock,
      pace,
      retries,
      changesNothing: nothing,
    });
    return { context, incoming, turn, wish, isForeign, reply: null };
  }

  /** Stores where to write to this person later, meanwhile. If that fails, the activity continues. */
  readonly #rememberChat: Step = async ({ context, incoming, turn, isForeign }, next) => {
    const { objectId } = turn.asker;
    // A message extension reports the conversation that the asker is looking at, not the one with the bot.
    const isElsewhere = incoming.invokeName?.startsWith('composeExtension/') === true;
    if (!isForeign && objectId !== undefined && incoming.conversation.kind === 'personal' && !isElsewhere) {
      const { chats, clock, log } = this.#parts;
      const { tenantId, locale = null } = incoming;
      const place = placeOf(context, false);
      const chat = { objectId, tenantId, place, conversationKey: conversationKey(incoming), locale };
      const kept = chats.remember(chat, new Date(clock.now())).catch((error: unknown) => {
        log.warn({ err: error }, 'where somebody can be written to was not kept');
      });
      try {
        await next();
      } finally {
        await kept;
      }
    } else await next();
  };

  readonly #endWithoutWish: Step = async ({ incoming, wish, isForeign }, next) => {
    if (wish.kind === 'nothing') return;
    // Teams reports an installation twice, so refusing one of the two is enough.
    const isSilent = incoming.type === 'installationUpdate' || wish.kind === 'farewell';
    if (isForeign && isSilent) return;
    await next();
  };

  readonly #tellWhatWentWrong: Step = async (progress, next) => {
    try {
      await next();
    } catch (error) {
      await this.#apologise(progress, error);
    }
  };

  readonly #refuseForeigners: Step = async (progress, next) => {
    if (!progress.isForeign) return await next();
    await this.#refuse(progress, { words: progress.turn.texts.errors.notInThisTenant });
  };

  readonly #goInTurn: Step = async ({ turn, wish }, next) => {
    if (wish.kind === 'command' && wish.command.kind === 'call') await turn.inCrowd(next);
    else await next();
  };

  /** Starts looking up the callee while the next step checks whether the asker is a guest. */
  readonly #lookAhead: Step = async ({ turn, wish }, next) => {
    if (wish.kind === 'command' && wish.command.kind === 'call') {
      this.#parts.people.lookAhead(turn, wish.command.person);
    }
    await next();
  };

  readonly #keepGuestsOut: Step = async ({ turn, wish }, next) => {
    if (wish.kind === 'command' || wish.kind === 'press' || wish.kind === 'author') {
      await this.#parts.membership.check(turn, wish);
    }
    await next();
  };

  readonly #protectPeople: Step = async ({ turn, wish }, next) => {
    if (wish.kind === 'command' && asksAboutPeople.has(wish.command.kind)) {
      await this.#parts.permissions.checkAsker(turn.asker, null);
    }
    await next();
  };

  readonly #actOncePerMessage: Step = async ({ turn, wish }, next) => {
    if (wish.kind === 'command') await this.#parts.edits.inTurn(turn, wish.command, next);
    else await next();
  };

  readonly #handle: Step = async (progress, next) => {
    const { turn, wish } = progress;
    const { welcomes, handlers, presses, callAuthor } = this.#parts;
    switch (wish.kind) {
      case 'welcome':
        await welcomes.greet(turn);
        break;
      case 'farewell':
        await welcomes.removed(turn.incoming);
        break;
      case 'command':
        if (!(await handlers.run(turn, wish.command)) && (await turn.isFirstDelivery())) {
          await showHelp(turn, handlers, turn.texts.chat.unknown);
        }
        break;
      case 'press':
        progress.reply = { press: await presses.press(turn, wish.press) };
        break;
      case 'author':
        progress.reply = { dialog: await callAuthor.answer(turn, wish.name) };
        break;
      case 'nothing':
    }
    await next();
  };

  readonly #answer: Step = async ({ context, turn, wish, reply }) => {
    if (reply) await giveReply(context, turn, wish, reply);
  };

  async #apologise(progress: Progress, error: unknown): Promise<void> {
    const { database, log } = this.#parts;
    const { incoming, turn } = progress;
    const about = { activityId: incoming.id, channelId: incoming.channelId };
    if (error instanceof ConnectorFault) {
      // The chat service does not take messages for the asker, so an apology would fail too.
      log.warn({ err: error, ...about }, 'an answer could not be sent');
      return;
    }
    turn.undone();
    try {
      await this.#refuse(progress, await apologyFor(error, { texts: turn.texts, database, log, about }));
    } catch (cause) {
      log.warn({ err: cause, ...about }, 'an apology could not be sent');
      // The bot was removed from the conversation.
      if (cause instanceof ConnectorFault && judge(cause, 'message').kind !== 'again') return;
      // Report it by the HTTP status. The service redelivers the activity, and Ringdown tries to tell the asker again.
      await turn.forgetDelivery();
      throw new RingdownError('unavailable', { cause });
    }
  }

  /** Says why nothing is done; only once, unless the database cannot say whether it was said before. */
  async #refuse({ context, turn, wish }: Progress, { words, unsure }: Apology): Promise<void> {
    const answer = { say: unsure ?? words };
    if (wish.kind === 'press') return await giveReply(context, turn, wish, { press: answer });
    if (wish.kind === 'author') return await giveReply(context, turn, wish, { dialog: answer });
    // Refusals bypass the request queue: they are quick and end the work for this activity.
    const mayRefuse = apartFromRequests(async () => await turn.mayRefuse()).catch(() => null);
    const refuses = await (unsure === undefined ? mayRefuse : inTime(mayRefuse, REFUSAL_WAIT_MS, () => null));
    if (refuses === false) return;
    await turn.say(refuses === null ? (unsure ?? words) : words);
    if (refuses) await apartFromRequests(async () => await turn.refusalTold());
  }
}
