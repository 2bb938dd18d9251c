import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import type { Jobs } from '../../database/jobRunner.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import { ExchangeService } from '../../escalations/exchangeService.ts';
import { RotationDuty } from '../../escalations/rotationDuty.ts';
import type { DutyPlan } from '../../escalations/targets.ts';
import type { Choices } from '../choices/choices.ts';
import type { Messenger } from '../connector/messenger.ts';
import type { Looks } from '../people/looks.ts';
import type { People } from '../people/people.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { Readers } from '../people/readers.ts';
import type { Registers } from '../turn/registers.ts';
import { ExchangeCards } from './exchangeCards.ts';
import { ExchangeCommands } from './exchangeCommands.ts';
import { followUp, registerExchangeJobs } from './exchangeJobs.ts';
import { ExchangePresses } from './exchangePresses.ts';

interface Parts {
  directory: Directory;
  permissions: Pick<CallPermissions, 'checkAsker'>;
  /** ringdown.yaml as it is now. */
  ringdown: () => RingdownYaml;
  /** Who is on duty by that file. */
  plan: () => DutyPlan;
  people: People;
  looks: Looks;
  choices: Choices;
  messenger: Messenger;
  readers: Readers;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
}

/** Wires the parts for exchanges of duty in chat. */
export class ExchangesInChat {
  readonly cards: ExchangeCards;
  readonly #parts: Parts;
  readonly #exchanges: ExchangeService;
  readonly #duty: RotationDuty;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { clock } = parts;
    this.#duty = new RotationDuty(parts);
    this.#exchanges = new ExchangeService({
      ...parts,
      duty: this.#duty,
      changed: (work, exchange) => followUp(work, exchange, clock.now()),
    });
    this.cards = new ExchangeCards(parts);
  }

  register(registers: Registers): void {
    const parts = { ...this.#parts, exchanges: this.#exchanges, cards: this.cards };
    new ExchangeCommands({ ...parts, duty: this.#duty }).register(registers);
    new ExchangePresses(parts).register(registers);
  }

  registerJobs(jobs: Pick<Jobs, 'handle'>): void {
    registerExchangeJobs(jobs, { ...this.#parts, exchanges: this.#exchanges, cards: this.cards });
  }
}
