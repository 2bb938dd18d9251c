import type { Logger } from 'pino';
import type { CallService } from '../calls/callService.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { LinkToConsole } from '../config/consoleLink.ts';
import type { Database } from '../database/open.ts';
import type { Transact } from '../database/transaction.ts';
import type { Directory } from '../directory/directory.ts';
import type { AppInstaller } from '../directory/teamsApps.ts';
import type { TellPeople } from '../escalations/escalationEffects.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { ChosenLanguages } from '../languages/chosenLanguages.ts';
import type { ServiceConnections } from '../directory/serviceConnections.ts';
import { CallAuthor } from './calls/callAuthor.ts';
import { CallCards, type TalkLinks } from './calls/callCards.ts';
import { CallCommands } from './calls/callCommands.ts';
import { CallPresses } from './calls/callPresses.ts';
import { CalleeChoices } from './calls/calleeChoices.ts';
import { registerCaptureNotices } from './calls/captureNotices.ts';
import { Disturbances } from './calls/disturbances.ts';
import { Placing } from './calls/placing.ts';
import { RunningCalls } from './calls/runningCalls.ts';
import { registerCards, type CardObserver } from './cards/cardUpdates.ts';
import { registerChoicePresses } from './choices/choicePresses.ts';
import { Choices } from './choices/choices.ts';
import { registerCalendars, type Calendars } from './commands/calendarCommands.ts';
import { History } from './commands/history.ts';
import { registerIncomplete } from './commands/incomplete.ts';
import { registerLanguage } from './commands/languageCommands.ts';
import { registerOptOuts } from './commands/optOutCommands.ts';
import { registerPause, type PauseSwitch } from './commands/pauseCommands.ts';
import { PrivacyCommands, type Privacy } from './commands/privacyCommands.ts';
import { registerSmallTalk } from './commands/smallTalk.ts';
import { Welcomes } from './commands/welcomes.ts';
import { WhoIs } from './commands/whoIs.ts';
import { ChatAdapter } from './connector/adapter.ts';
import { Failing } from './connector/connectorAnswers.ts';
import { MessageEndpoint } from './connector/endpoint.ts';
import { AnswerRetries } from './connector/answerRetries.ts';
import { PersonalChats } from './connector/conversationStore.ts';
import { Messenger } from './connector/messenger.ts';
import { registerNotices, tellInWords } from './connector/notices.ts';
import { Pace } from './connector/pace.ts';
import { isAllowedServiceUrl } from './connector/serviceUrls.ts';
import { Dispatch } from './dispatch.ts';
import type { AcknowledgePermissions } from '../escalations/escalationRights.ts';
import { EscalationsInChat, type EscalationParts } from './escalations/escalationsInChat.ts';
import { ExchangesInChat } from './exchanges/exchangesInChat.ts';
import { Looks } from './people/looks.ts';
import { People } from './people/people.ts';
import type { CallPermissions } from './people/permissions.ts';
import { Readers } from './people/readers.ts';
import { Edits } from './turn/edits.ts';
import { Handlers } from './turn/handlers.ts';
import { Membership } from './turn/membership.ts';
import { Presses } from './turn/presses.ts';
import type { Registers } from './turn/registers.ts';

/** What the chat needs of the configuration. */
export type ChatConfig = Pick<Config, 'bot' | 'cloud' | 'teamsServiceUrl'> & {
  acs: Pick<Config['acs'], 'resourceId' | 'cognitiveServicesEndpoint' | 'phoneNumber'>;
};

export interface BotParts {
  config: ChatConfig;
  /** ringdown.yaml as it is now. */
  ringdown: () => RingdownYaml;
  calls: CallService;
  escalations: EscalationParts;
  directory: Directory;
  permissions: CallPermissions & AcknowledgePermissions;
  pause: PauseSwitch;
  privacy: Privacy;
  calendars: Calendars;
  languages: ChosenLanguages;
  talk: TalkLinks;
  linkToConsole: LinkToConsole;
  cardObserver: CardObserver;
  /** Installs the app for callees who do not have it; null if none is configured. */
  installer: AppInstaller | null;
  connections: ServiceConnections;
  database: Database;
  transact: Transact;
  jobs: Pick<Jobs, 'handle' | 'finish' | 'isTakenOver' | 'crowd'>;
  clock: Clock;
  log: Logger;
}

export interface Bot {
  /** `POST /api/messages` */
  readonly endpoint: MessageEndpoint;
  /** Call once, before the job engine starts. */
  registerJobs(): void;
  /** Tells people in Teams that nobody acknowledged. */
  readonly tellPeople: TellPeople;
  /** Who may act on escalations, and what follows. */
  readonly escalations: Pick<EscalationsInChat, 'rights' | 'acts'>;
  /** Writes plain text to people in Teams, unasked. */
  readonly tellInWords: ReturnType<typeof tellInWords>;
}

/** Wires the rooms of the chat. */
export function createBot(parts: BotParts): Bot {
  const { config, ringdown, calls, directory, permissions, pause, privacy, languages, talk } = parts;
  const { linkToConsole } = parts;
  const { database, transact, jobs, clock, log } = parts;
  const { bot: trust, cloud } = config;
  const canSpeak = config.acs.cognitiveServicesEndpoint !== undefined;
  const phones = { isOn: config.acs.phoneNumber !== undefined };
  const timeZone = (): string => ringdown().timeZone;

  // The chat service.
  const adapter = new ChatAdapter(trust, cloud, parts);
  const pace = new Pace(clock);
  const way = {
    adapter,
    pace,
    failing: new Failing(),
    allowed: (serviceUrl: string) =>
      isAllowedServiceUrl(serviceUrl, { cloud, anonymous: trust.allowAnonymous }),
    clock,
    log,
  };
  const chats = new PersonalChats(database.sql);
  const messenger = new Messenger({
    ...way,
    database,
    chats,
    bot: trust,
    defaultServiceUrl: config.teamsServiceUrl ?? cloud.serviceUrl,
    installer: parts.installer,
  });
  const retries = new AnswerRetries({ ...way, transact });
  const readers = new Readers({ sql: database.sql, languages, standard: () => ringdown().language });
  const notices = { messenger, readers, directory, transact, clock, log };

  // Turns.
  const people = new People({ calls, directory, permissions });
  const looks = new Looks({ directory, clock });
  const handlers = new Handlers();
  const choices = new Choices({ database, clock });
  const presses = new Presses({ database });
  const registers: Registers = { handlers, choices, presses };

  // Calls.
  const { resourceId: acsResourceId } = config.acs;
  const { teamsUrl } = cloud;
  const cards = new CallCards({
    calls,
    directory,
    database,
    transact,
    clock,
    log,
    canSpeak,
    acsResourceId,
    teamsUrl,
    talk,
    linkToConsole,
  });
  const placing = new Placing({ calls, cards, permissions, transact, canSpeak, talk });
  const disturbances = new Disturbances({ calls, directory, placing, choices, transact, cloud });
  const calleeChoices = new CalleeChoices({ people, placing, disturbances, choices, transact });
  const callAuthor = new CallAuthor({
    calls,
    people,
    looks,
    placing,
    database,
    transact,
    clock,
    canSpeak,
  });

  // Escalations.
  const escalations = new EscalationsInChat({
    ...parts.escalations,
    directory,
    permissions,
    phones,
    ringdown,
    calls,
    people,
    choices,
    messenger,
    readers,
    database,
    transact,
    clock,
    log,
    canSpeak,
    linkToConsole,
  });

  const exchanges = new ExchangesInChat({
    directory,
    permissions,
    ringdown,
    plan: parts.escalations.plan,
    people,
    looks,
    choices,
    messenger,
    readers,
    database,
    transact,
    clock,
    log,
  });

  // Commands, buttons and questions.
  choices.register(registers);
  registerChoicePresses(registers, { database, showCall: async (card) => await cards.show(card) });
  new CallCommands({ people, looks, placing, choices, calleeChoices, disturbances, cloud, phones }).register(
    registers,
  );
  calleeChoices.register(registers);
  disturbances.register(registers);
  new CallPresses({ calls, cards, placing, talk }).register(registers);
  new RunningCalls({ calls, choices, transact, clock, escalations, pause, timeZone }).register(registers);
  escalations.register(registers);
  exchanges.register(registers);
  const { here } = escalations;
  const { service } = parts.escalations;
  new History({ calls, placing, database, escalations: service, here, timeZone }).register(registers);
  new WhoIs({ people, looks, permissions }).register(registers);
  new PrivacyCommands({ privacy, choices, database }).register(registers);
  registerCalendars(registers, { calendars: parts.calendars, directory });
  registerOptOuts(registers, { permissions });
  registerLanguage(registers, { languages, readers });
  registerPause(registers, { pause, directory, ringdown });
  registerIncomplete(registers, { permissions, ringdown });
  registerSmallTalk(registers);
  const welcomes = new Welcomes({
    ...way,
    readers,
    database,
    transact,
    can: (kind) => handlers.has(kind),
  });

  const dispatch = new Dispatch({
    trust,
    voiceApps: () => Object.keys(ringdown().voiceApps),
    permissions,
    membership: new Membership(permissions, trust),
    people,
    readers,
    edits: new Edits({ database }),
    handlers,
    presses,
    callAuthor,
    welcomes,
    retries,
    pace,
    chats,
    database,
    crowd: jobs.crowd,
    clock,
    log,
  });

  return {
    endpoint: new MessageEndpoint({
      adapter,
      allowAnonymous: trust.allowAnonymous,
      allowed: way.allowed,
      take: async (context, incoming) => await dispatch.take(context, incoming),
    }),
    tellInWords: tellInWords(notices),
    tellPeople: escalations.tellPeople,
    escalations,

    registerJobs() {
      escalations.registerJobs(jobs);
      exchanges.registerJobs(jobs);
      welcomes.registerJobs(jobs);
      retries.registerJobs(jobs);
      registerNotices(jobs, notices);
      registerCaptureNotices({ ...way, calls, database, jobs });
      registerCards({
        ...way,
        jobs,
        database,
        transact,
        look: async (subject) => (await cards.look(subject)) ?? (await escalations.cards.look(subject)),
        show: async (card) =>
          (await escalations.cards.show(card)) ??
          (await exchanges.cards.show(card)) ??
          (await cards.show(card)),
        observer: parts.cardObserver,
        // Only one process uses an embedded database, so every turn that began before this start is over.
        turnsSince: database.kind === 'pglite' ? clock.now() : Number.NEGATIVE_INFINITY,
      });
      cards.listen();
    },
  };
}
