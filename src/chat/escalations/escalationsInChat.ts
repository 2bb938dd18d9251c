import type { Logger } from 'pino';
import type { CallService } from '../../calls/callService.ts';
import type { Clock } from '../../clock.ts';
import type { Jobs } from '../../database/jobRunner.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import type { LinkToConsole } from '../../config/consoleLink.ts';
import type { Callees } from '../../escalations/callees.ts';
import { coversNow } from '../../schedules/coverStore.ts';
import type { Escalation } from '../../escalations/escalation.ts';
import type { TellPeople } from '../../escalations/escalationEffects.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import type { DutyPlan, Targets } from '../../escalations/targets.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import type { Choices } from '../choices/choices.ts';
import { CardDeliveries } from './cardDeliveries.ts';
import { cardsOf } from '../cards/cardStore.ts';
import { inShort } from '../../texts/escalationState.ts';
import { DutyCommands } from './dutyCommands.ts';
import { EscalationActs } from '../../escalations/escalationActs.ts';
import { countUncovered } from '../../alerts/coverage.ts';
import { knownTo } from '../../alerts/known.ts';
import { EscalationCards, escalationSubject, personOf, wantEscalationCards } from './escalationCards.ts';
import { EscalationCommands } from './escalationCommands.ts';
import { EscalationPresses } from './escalationPresses.ts';
import { actWords } from '../../texts/actWords.ts';
import { EscalationRights, type AcknowledgePermissions } from '../../escalations/escalationRights.ts';
import { EscalationsHere } from './escalationsHere.ts';
import type { Registers } from '../turn/registers.ts';
import type { Messenger } from '../connector/messenger.ts';
import type { People } from '../people/people.ts';
import type { Readers } from '../people/readers.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** What escalations in chat need from other rooms. */
export interface EscalationParts {
  service: EscalationService;
  targets: Pick<Targets, 'ofStep' | 'turnEnds' | 'calendarAge'>;
  callees: Callees;
  /** What ringdown.yaml and the calendars say now. */
  plan: () => DutyPlan;
}

interface Parts extends EscalationParts {
  directory: Directory;
  permissions: CallPermissions & AcknowledgePermissions;
  phones: { isOn: boolean };
  /** ringdown.yaml as it is now. */
  ringdown: () => RingdownYaml;
  calls: CallService;
  people: People;
  choices: Choices;
  messenger: Messenger;
  readers: Readers;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  canSpeak: boolean;
  linkToConsole: LinkToConsole;
}

const MOST_LISTED = 20;

/** Wires the parts for escalations in chat. The bot uses them only through this class. */
export class EscalationsInChat {
  readonly cards: EscalationCards;
  readonly tellPeople: TellPeople;
  readonly choose: EscalationCommands['choose'];
  readonly here: EscalationsHere;
  readonly rights: EscalationRights;
  readonly acts: EscalationActs;
  readonly #parts: Parts;
  readonly #commands: EscalationCommands;
  readonly #deliveries: CardDeliveries;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { service: escalations, database, transact, clock, log, canSpeak, ringdown } = parts;
    const { people, choices, messenger, readers, directory, permissions, callees, linkToConsole } = parts;
    const rights = new EscalationRights({
      escalations,
      directory,
      permissions,
      clock,
      plan: parts.plan,
      wasSentCard: async (id, objectId) => {
        const shown = await cardsOf(database.sql, escalationSubject(id));
        return shown.some(({ audience }) => personOf(audience) === objectId.toLowerCase());
      },
      covering: async (policy) =>
        (await coversNow(database.sql, policy, clock.now())).map(({ person }) => person.id),
    });
    const cards = new EscalationCards({
      escalations,
      database,
      transact,
      clock,
      log,
      canSpeak,
      linkToConsole,
    });
    const acts = new EscalationActs({
      escalations,
      rights,
      knownTo: async (...known) => await knownTo(database.sql, ...known),
      countUncovered: async (...among) => await countUncovered(database.sql, ...among),
      clock,
    });
    const here = new EscalationsHere({ escalations, rights, database, clock });
    const commands = new EscalationCommands({
      escalations,
      callees,
      cards,
      acts,
      here,
      people,
      choices,
      permissions,
      ringdown,
      phones: parts.phones,
      transact,
      clock,
    });
    const deliveries = new CardDeliveries({
      escalations,
      cards,
      messenger,
      readers,
      directory,
      database,
      transact,
      clock,
      log,
    });
    this.cards = cards;
    this.tellPeople = deliveries.tellPeople;
    this.choose = commands.choose.bind(commands);
    this.here = here;
    this.rights = rights;
    this.acts = acts;
    this.#commands = commands;
    this.#deliveries = deliveries;
  }

  register(registers: Registers): void {
    const { service: escalations, targets, directory, permissions } = this.#parts;
    const { database, transact, clock, ringdown } = this.#parts;
    this.#commands.register(registers);
    new EscalationPresses({ escalations, cards: this.cards, acts: this.acts }).register(registers);
    new DutyCommands({ targets, directory, permissions, database, transact, clock, ringdown }).register(
      registers,
    );
  }

  registerJobs(jobs: Pick<Jobs, 'handle'>): void {
    const { service, calls } = this.#parts;
    jobs.handle('escalation.cardFor', this.#deliveries.job);
    jobs.handle('escalation.cardAgain', this.#deliveries.again);
    service.listen(this.#deliveries.listener);
    calls.listen(this.#deliveries.calls);
    calls.listen({
      changed: (work, { purpose }) => {
        if (purpose.kind === 'escalate') wantEscalationCards(work, purpose.escalationId);
      },
    });
  }

  /** Lines for `status`. */
  async running(turn: ChatTurn): Promise<string[]> {
    const { service, clock } = this.#parts;
    const { texts } = turn;
    const running = await this.here.running(turn, MOST_LISTED);
    return await Promise.all(
      running.map(async (one) =>
        texts.chat.escalations.status({
          summary: one.summary,
          state: inShort(one, await service.callsOf(one.id), texts),
          duration: texts.format.duration((clock.now() - Date.parse(one.createdAt)) / 1000),
          test: one.test,
        }),
      ),
    );
  }

  /** The open escalations that the asker started, for `hang up` and `cancel`. */
  async started(turn: ChatTurn): Promise<Escalation[]> {
    return await this.here.startedBy(turn);
  }

  async stop(turn: ChatTurn, escalation: Escalation): Promise<string> {
    const { asker, conversationKey } = turn;
    const outcome = await this.acts.act({ asker, conversationKey, way: 'chat' }, 'stop', escalation);
    return actWords(outcome, turn.texts);
  }
}
