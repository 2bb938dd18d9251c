import type { TurnContext } from 'botbuilder';
import type { Logger } from 'pino';
import type { Requester } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { inTime, type Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Jobs } from '../database/jobs.ts';
import { apartFromRequests } from '../database/lanes.ts';
import type { Database } from '../database/open.ts';
import type { Transact } from '../database/work.ts';
import type { Directory } from '../directory/directory.ts';
import type { AppInstaller } from '../directory/teamsApps.ts';
import type { VoiceApps } from '../directory/voiceApps.ts';
import type { TellPeople } from '../escalations/escalationEffects.ts';
import { RingdownError } from '../errors.ts';
import { isForwarded } from '../config/publicAddress.ts';
import type { ServiceConnections } from '../directory/serviceConnections.ts';
import { textsFor } from '../texts/texts.ts';
import { readActivity, type Incoming } from './activity.ts';
import { ChatAdapter } from './adapter.ts';
import { registerCaptureNotices } from './captureNotices.ts';
import { CallAuthor, dialogBody, type DialogAnswer } from './callAuthor.ts';
import { CallCards, type TalkLinks } from './callCards.ts';
import { CallCommands } from './callCommands.ts';
import { parseCommand, type Command } from './commands.ts';
import { Failing, judge } from './connectorAnswers.ts';
import { placeOf, registerCards, type CardObserver, type Show } from './conversations.ts';
import { rememberChat } from './conversationStore.ts';
import { EscalationsInChat, type EscalationParts } from './escalationsInChat.ts';
import { apologyFor, type Apology } from './failures.ts';
import { Edits } from './edits.ts';
import { Handlers } from './handlers.ts';
import { History } from './history.ts';
import { conversationKey, requesterOf } from './identity.ts';
import { Membership } from './membership.ts';
import { readMentions } from './mentions.ts';
import { Messenger } from './messenger.ts';
import { registerNotices, tellInWords } from './notices.ts';
import { Pace } from './pace.ts';
import { PrivacyCommands, type Privacy } from './privacyCommands.ts';
import { registerOptOuts } from './optOutCommands.ts';
import { pausedLine, registerPause, type PauseSwitch } from './pauseCommands.ts';
import { People } from './people.ts';
import type { CallPermissions } from './permissions.ts';
import { Placing } from './placing.ts';
import { changesNothing } from './questions.ts';
import { invokeAnswer, Presses, readPress, type Press, type PressAnswer } from './presses.ts';
import { RunningCalls } from './runningCalls.ts';
import { LeftAnswers } from './leftAnswers.ts';
import { Looks } from './looks.ts';
import { WhoIs } from './whoIs.ts';
import { isAllowedServiceUrl } from './serviceUrls.ts';
import { registerSmallTalk, showHelp } from './smallTalk.ts';
import { ConnectorFault } from './transport.ts';
import { ChatTurn } from './turn.ts';
import { Welcomes } from './welcomes.ts';

/** A database that is busy or away is not waited for longer to learn whether a refusal was told before. */
const REFUSAL_WAIT_MS = 2_000;

/** What the chat needs of the configuration. */
export type ChatConfig = Pick<Config, 'bot' | 'cloud'> & {
  acs: Pick<Config['acs'], 'resourceId' | 'cognitiveServicesEndpoint'>;
  ringdown: Pick<Config['ringdown'], 'voiceApps'>;
};

export interface BotParts {
  config: ChatConfig;
  calls: CallService;
  directory: Pick<Directory, 'find' | 'photo' | 'presence'>;
  permissions: CallPermissions;
  /** Voice applications of ringdown.yaml as it is now; those it began with if not given. */
  voiceApps?: () => VoiceApps;
  database: Database;
  transact: Transact;
  jobs: Pick<Jobs, 'handle' | 'finish'>;
  clock: Clock;
  log: Logger;
  /** Without them nothing of escalations is known in chats. */
  escalations?: EscalationParts;
  /** Without it nobody can pause in chats. */
  pause?: PauseSwitch;
  /** Without it nobody can be forgotten. */
  privacy?: Privacy;
  talk: TalkLinks;
  cardObserver?: CardObserver;
  /** Installs the app for callees who do not have it; null if none is configured. */
  installer?: AppInstaller | null;
  /** Its own to the chat service if not given. */
  connections?: ServiceConnections;
  /** Where chats in Teams are begun before anybody there has written; by cloud if not given. */
  serviceUrl?: string | undefined;
}

/** As much of an HTTP request as the bot reads. `body` is the parsed JSON. */
export interface ChatRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body?: unknown;
}

export interface ChatResponse {
  send(status: number, body?: unknown): unknown;
}

export interface Bot {
  /**
   * `POST /api/messages`.
   *
   * @throws RingdownError bad_request, unauthorized, forbidden, unavailable: then nothing was sent
   */
  process(req: ChatRequest, res: ChatResponse): Promise<void>;
  /**
   * Checks who sends, before the body is read.
   *
   * @throws RingdownError unauthorized, forbidden, unavailable
   */
  admit(req: Pick<ChatRequest, 'headers'>): Promise<void>;
  /** To be called once, before the job engine starts. */
  registerJobs(): void;
  /** Where other rooms register the commands that they carry out. */
  readonly handlers: Handlers;
  /** Tells people in Teams that nobody acknowledged. */
  readonly tellPeople: TellPeople;
  /** Writes plain words to people in Teams who have not asked. */
  readonly tellInWords: ReturnType<typeof tellInWords>;
}

export function createBot(parts: BotParts): Bot {
  const { config, calls, directory, permissions, database, transact, jobs, clock, log } = parts;
  const canSpeak = config.acs.cognitiveServicesEndpoint !== undefined;
  const adapter = new ChatAdapter(config.bot, config.cloud, parts);
  const pace = new Pace(clock);
  const failing = new Failing();
  const allowed = (serviceUrl: string): boolean =>
    isAllowedServiceUrl(serviceUrl, { cloud: config.cloud, anonymous: config.bot.allowAnonymous });

  const cards = new CallCards({
    ...{ calls, directory, database, transact, clock, log, canSpeak },
    acsResourceId: config.acs.resourceId,
    teamsUrl: config.cloud.teamsUrl,
    talk: parts.talk,
  });
  const placing = new Placing({ calls, cards, permissions, transact, canSpeak, talk: parts.talk });
  const people = new People({ calls, directory, permissions });
  const looks = new Looks({ directory, clock });
  const forgetting = parts.privacy
    ? new PrivacyCommands({ privacy: parts.privacy, database, clock })
    : undefined;
  const callCommands = new CallCommands({
    decideForgetting: forgetting ? async (...answer) => await forgetting.decide(...answer) : undefined,
    ...{ calls, directory, people, looks, placing, database, transact, clock },
    cloud: config.cloud,
    chooseEscalation: async (turn, verb, id, shown) =>
      (await inChat?.choose(turn, verb, id, shown)) ?? turn.texts.chat.cardIsGone(),
  });
  const messenger = new Messenger({
    ...{ adapter, database, clock, log, pace, failing, allowed, bot: config.bot },
    defaultServiceUrl: parts.serviceUrl ?? config.cloud.serviceUrl,
    installer: parts.installer ?? null,
  });
  const inChat = parts.escalations
    ? new EscalationsInChat({
        ...parts.escalations,
        ...{ calls, people, callCommands, messenger, database, transact, clock, log, canSpeak },
      })
    : undefined;
  const history = new History({
    ...{ calls, placing, database },
    escalations:
      parts.escalations && inChat ? { service: parts.escalations.service, here: inChat.here } : null,
    timeZone: () => parts.escalations?.ringdown().timeZone ?? 'UTC',
  });
  const callAuthor = new CallAuthor({
    ...{ calls, people, looks, placing, database, transact, clock, canSpeak },
  });
  const presses = new Presses({
    ...{ calls, callCommands, cards, placing, database, history },
    talk: parts.talk,
    ...(inChat ? { escalationPresses: inChat.presses } : {}),
  });
  const handlers = new Handlers();
  const membership = new Membership(permissions, config.bot);
  const edits = new Edits({ database });
  registerSmallTalk(handlers);
  history.register(handlers);
  callCommands.register(handlers);
  new WhoIs({ people, looks, permissions }).register(handlers);
  registerOptOuts(handlers, { permissions });
  forgetting?.register(handlers);
  const { pause } = parts;
  if (pause) registerPause(handlers, { pause, directory });
  new RunningCalls({
    ...{ calls, callCommands, clock, escalations: inChat },
    pausedLine: async (turn) => {
      const state = await pause?.state();
      return pause && state?.paused ? pausedLine(turn, state, pause.ringdown().timeZone) : null;
    },
  }).register(handlers);
  inChat?.register(handlers);

  const welcomes = new Welcomes({
    ...{ adapter, database, transact, clock, log, pace, failing, allowed },
    can: (kind) => handlers.has(kind),
  });

  const notices = { messenger, directory, database, transact, clock, log };
  const left = new LeftAnswers({ adapter, transact, clock, log, pace, failing, allowed });

  const voiceApps = parts.voiceApps ?? ((): VoiceApps => config.ringdown.voiceApps);

  /**
   * One activity, from its arrival to the last answer. What goes wrong is told and logged here.
   *
   * @throws RingdownError unavailable if it could not be told either: nothing was done, and it may be sent again
   */
  async function take(context: TurnContext, incoming: Incoming): Promise<void> {
    const texts = textsFor(incoming.locale);
    const { somebody } = texts.chat;
    const requester = requesterOf(incoming, config.bot, somebody, permissions.namesGuest.bind(permissions));
    if (requester !== 'foreignTenant') await remember(context, incoming, requester);
    const wanted = wish(incoming);
    if (wanted === null) return;
    // Teams tells of an installation twice: whom Ringdown is not for reads that once.
    const isSilent = incoming.type === 'installationUpdate' || wanted.kind === 'farewell';
    if (requester === 'foreignTenant' && isSilent) return;
    // Nothing is done for this stand-in; it only lets the answer be given.
    const asker: Requester =
      requester === 'foreignTenant' ? { kind: 'chat', key: '', name: somebody } : requester;
    const nothing = wanted.kind === 'command' && changesNothing(wanted.command);
    const parties = { incoming, asker, texts, database, clock, pace, left };
    const turn = new ChatTurn(context, { ...parties, changesNothing: nothing });
    try {
      if (requester === 'foreignTenant')
        await refuse(context, turn, wanted, { words: texts.chat.notInThisTenant() });
      else await carryOut(context, turn, wanted);
    } catch (error) {
      await apologise(context, turn, wanted, error);
    }
  }

  /** Keeps where somebody can be written to later. What was asked does not depend on it. */
  async function remember(context: TurnContext, incoming: Incoming, { objectId }: Requester): Promise<void> {
    if (objectId === undefined || incoming.conversation.kind !== 'personal') return;
    // The conversation of a message extension is any that the asker looks at, not the one with the bot.
    if (incoming.invokeName?.startsWith('composeExtension/')) return;
    const { tenantId, locale = null } = incoming;
    const place = placeOf(context, false);
    const chat = { objectId, tenantId, place, conversationKey: conversationKey(incoming), locale };
    try {
      await rememberChat(database.sql, chat, new Date(clock.now()));
    } catch (error) {
      log.warn({ err: error }, 'where somebody can be written to was not kept');
    }
  }

  async function carryOut(context: TurnContext, turn: ChatTurn, wanted: Wanted): Promise<void> {
    switch (wanted.kind) {
      case 'welcome':
        await welcomes.greet(turn);
        return;
      case 'farewell':
        await welcomes.removed(turn.incoming);
        return;
      case 'command':
        if (wanted.command.kind === 'call') people.lookAhead(turn, wanted.command.person);
        await membership.check(turn, wanted);
        if (asksAboutPeople.has(wanted.command.kind) && handlers.has(wanted.command.kind)) {
          await permissions.checkAsker(turn.asker, null);
        }
        await edits.inTurn(turn, wanted.command, async () => {
          if (await handlers.run(turn, wanted.command)) return;
          if (await turn.isFirstDelivery()) await showHelp(turn, handlers, turn.texts.chat.unknown());
        });
        return;
      case 'press':
        await membership.check(turn, wanted);
        await answerPress(context, turn, wanted, await presses.press(turn, wanted.press));
        return;
      case 'author':
        await membership.check(turn, wanted);
        await answerDialog(context, await callAuthor.answer(turn, wanted.name));
    }
  }

  async function apologise(
    context: TurnContext,
    turn: ChatTurn,
    wanted: Wanted,
    error: unknown,
  ): Promise<void> {
    const { incoming, texts } = turn;
    const about = { activityId: incoming.id, channelId: incoming.channelId };
    if (error instanceof ConnectorFault) {
      // It is the way to the person that is broken: there is nobody to tell.
      log.warn({ err: error, ...about }, 'an answer could not be sent');
      return;
    }
    turn.undone();
    try {
      await refuse(context, turn, wanted, await apologyFor(error, { texts, database, log, about }));
    } catch (cause) {
      log.warn({ err: cause, ...about }, 'an apology could not be sent');
      // Taken out of the conversation: nobody is there to be told.
      if (cause instanceof ConnectorFault && judge(cause, 'message').kind !== 'again') return;
      // The answer to the delivery is all that is left to tell it with. Sent again, it is told again.
      await turn.forgetDelivery();
      throw new RingdownError('unavailable', { cause });
    }
  }

  /** Says why nothing is done; once, as far as the database can tell. */
  async function refuse(
    context: TurnContext,
    turn: ChatTurn,
    wanted: Wanted,
    { words, unsure }: Apology,
  ): Promise<void> {
    if (wanted.kind === 'press') return await answerPress(context, turn, wanted, { say: unsure ?? words });
    if (wanted.kind === 'author') return await answerDialog(context, { say: unsure ?? words });
    // A refusal goes before what others want: with it all is over.
    const mayRefuse = apartFromRequests(async () => await turn.mayRefuse()).catch(() => null);
    const refuses = await (unsure === undefined ? mayRefuse : inTime(mayRefuse, REFUSAL_WAIT_MS, () => null));
    if (refuses === false) return;
    await turn.say(refuses === null ? (unsure ?? words) : words);
    if (refuses) await apartFromRequests(async () => await turn.refusalTold());
  }

  function wish(incoming: Incoming): Wanted | null {
    switch (incoming.type) {
      case 'message':
        return messageWish(incoming);
      case 'messageUpdate':
        return incoming.isEdit ? messageWish(incoming) : null;
      case 'invoke': {
        const name = incoming.invokeName ?? '';
        if (name === 'composeExtension/fetchTask' || name === 'composeExtension/submitAction') {
          return { kind: 'author', name };
        }
        if (name !== 'adaptiveCard/action') return null;
        const press = readPress(incoming.value);
        // A press that cannot be read is answered like one on a card that is gone.
        return {
          kind: 'press',
          press: press ?? { verb: '', id: '', message: null, person: null },
          isInvoke: true,
        };
      }
      case 'conversationUpdate':
        if (incoming.membersRemoved.includes(incoming.botId)) return { kind: 'farewell' };
        return incoming.membersAdded.includes(incoming.botId) ? { kind: 'welcome' } : null;
      case 'installationUpdate':
        if (incoming.action === 'remove') return { kind: 'farewell' };
        return incoming.action === 'add' ? { kind: 'welcome' } : null;
      default:
        return null;
    }
  }

  function messageWish(incoming: Incoming): Wanted | null {
    const { text, entities, attachments, botId } = incoming;
    const press = text.trim() === '' && !incoming.isEdit ? readPress(incoming.value) : null;
    if (press) return { kind: 'press', press, isInvoke: false };
    const utterance = readMentions({ text, entities, attachments, recipient: { id: botId } });
    if (incoming.conversation.kind === 'group' && !utterance.mentionsBot) return null;
    if (utterance.tooLong) return { kind: 'command', command: { kind: 'tooLong' } };
    const command = parseCommand(utterance.text, utterance.mentions, {
      voiceApps: Object.keys(voiceApps()),
    });
    // Nothing but the bot's name: somebody calls it.
    const isCalled = command.kind === 'empty' && utterance.mentionsBot;
    return { kind: 'command', command: isCalled ? { kind: 'greeting' } : command };
  }

  return {
    handlers,
    tellInWords: tellInWords(notices),
    tellPeople: inChat?.tellPeople ?? (async (_, names) => names.map((name) => ({ name, told: false }))),

    async admit(req) {
      // In anonymous mode messages come from this machine only; a proxy would bring them from elsewhere.
      if (config.bot.allowAnonymous && isForwarded(req.headers)) throw new RingdownError('forbidden');
      try {
        await adapter.check(header(req, 'authorization'));
      } catch (cause) {
        throw notAuthenticated(cause);
      }
    },

    async process(req, res) {
      const { activity, incoming } = readActivity(req.body);
      if (!allowed(incoming.serviceUrl)) {
        throw new RingdownError('forbidden', {
          detail: 'The service address is not one of the Bot Framework.',
        });
      }
      let authenticated = false;
      const turn = async (context: TurnContext): Promise<void> => {
        authenticated = true;
        await take(context, incoming);
      };
      try {
        const answer = await adapter.receive(header(req, 'authorization'), activity, turn);
        res.send(answer?.status ?? 200, answer?.body);
      } catch (cause) {
        if (authenticated) throw cause;
        throw notAuthenticated(cause);
      }
    },

    registerJobs() {
      const show: Show = async (card) => (await inChat?.cards.show(card)) ?? (await cards.show(card));
      inChat?.registerJobs(jobs);
      welcomes.registerJobs(jobs);
      left.registerJobs(jobs);
      registerNotices(jobs, notices);
      registerCaptureNotices({ adapter, calls, database, jobs, clock, log, pace, failing, allowed });
      registerCards({
        ...{ jobs, adapter, database, transact, clock, log, pace, failing, show, allowed },
        observer: parts.cardObserver,
        // Only one process uses an embedded database, so every turn that began before this start is over.
        turnsSince: database.kind === 'pglite' ? clock.now() : Number.NEGATIVE_INFINITY,
      });
      calls.listen({
        changed: (work, call) => {
          if (call.requestedBy.kind === 'chat') cards.want(work, call.id);
        },
      });
    },
  };
}

/** What only those may see who may have people called. (`who is` says whom it was about.) */
const asksAboutPeople: ReadonlySet<Command['kind']> = new Set(['onCall', 'status', 'history']);

type Wanted =
  /** The bot was added, or taken out. */
  | { kind: 'welcome' | 'farewell' }
  | { kind: 'command'; command: Command }
  /** `isInvoke`: the answer goes into the HTTP response; otherwise it is a message. */
  | { kind: 'press'; press: Press; isInvoke: boolean }
  /** The message extension. */
  | { kind: 'author'; name: string };

async function answerDialog(context: TurnContext, answer: DialogAnswer): Promise<void> {
  await context.sendActivity({
    type: 'invokeResponse',
    value: { status: 200, body: dialogBody(answer) },
  });
}

async function answerPress(
  context: TurnContext,
  turn: ChatTurn,
  { isInvoke }: { isInvoke: boolean },
  answer: PressAnswer,
): Promise<void> {
  if (isInvoke) {
    const body = invokeAnswer(answer, turn.texts.chat.cardIsGone());
    await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body } });
    return;
  }
  const { replyToId } = turn.incoming;
  if (answer.card && replyToId && turn.showsCards) await turn.replace(replyToId, answer.card);
  if (answer.say !== undefined) await turn.say(answer.say);
}

function header({ headers }: ChatRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Of a token that is broken, or not signed by the service's key: of the library that the SDK reads tokens with. */
const FORGED: ReadonlySet<string> = new Set(['JsonWebTokenError', 'NotBeforeError', 'TokenExpiredError']);

/** The SDK's own class for it is not exported. */
function notAuthenticated(cause: unknown): RingdownError {
  const isRefused = cause instanceof Error && ('statusCode' in cause || FORGED.has(cause.name));
  return new RingdownError(isRefused ? 'unauthorized' : 'unavailable', { cause });
}
