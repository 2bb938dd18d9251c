import type { Logger } from 'pino';
import { inTime } from '../clock.ts';
import { isDatabaseAway } from '../database/away.ts';
import { Gathering } from '../database/gathering.ts';
import type { CallService, EventsOfCall, IncomingEvent, Taken } from './callService.ts';

/** Requests of one transaction at most: each may have half a megabyte. */
const TOGETHER = 50;
/** What takes longer waits for a lock that somebody else holds. The next do not wait for it. */
const STALLED_MS = 100;

interface Waiting extends EventsOfCall {
  outcome: PromiseWithResolvers<Taken>;
}

/**
 * The events of the service on their way to the database. What comes while a transaction of events is under way is
 * taken together in the next one, of whatever calls it is; a single one costs what it costs alone. Nobody is answered
 * before the transaction that has their events is committed.
 */
export class EventIntake {
  readonly #calls: Pick<CallService, 'takeEvents' | 'takeTogether'>;
  readonly #log: Logger;
  readonly #gathering: Gathering<Waiting>;

  constructor({ calls, log }: { calls: Pick<CallService, 'takeEvents' | 'takeTogether'>; log: Logger }) {
    this.#calls = calls;
    this.#log = log;
    this.#gathering = new Gathering(
      async (requests) => await inTime(this.#take(requests), STALLED_MS, () => undefined),
      TOGETHER,
    );
  }

  /**
   * Takes events of the service for a call: see `CallService.takeEvents`.
   *
   * @throws TurnTimeout if it was not begun with within five seconds; the database's error if they cannot be stored.
   * Then none of these events is stored
   */
  async takeEvents(callId: string, secret: string, events: readonly IncomingEvent[]): Promise<Taken> {
    const outcome = Promise.withResolvers<Taken>();
    const request = { callId, secret, events, outcome };
    const [taken] = await Promise.all([outcome.promise, this.#gathering.write(request)]);
    return taken;
  }

  /** Never throws: each request has its own outcome. */
  async #take(requests: readonly Waiting[]): Promise<void> {
    const alone = requests.length > 1 ? await this.#together(requests) : requests;
    await Promise.all(alone.map(async (request) => await this.#alone(request)));
  }

  /** @returns those that are to be taken alone */
  async #together(requests: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      const outcomes = await this.#calls.takeTogether(requests);
      return requests.filter(({ outcome }, nth) => {
        const taken = outcomes[nth];
        if (taken) outcome.resolve(taken);
        return !taken;
      });
    } catch (error) {
      if (!isDatabaseAway(error)) {
        // One that cannot be stored must not keep the others.
        this.#log.warn({ err: error, requests: requests.length }, 'events could not be taken together');
        return requests;
      }
      for (const { outcome } of requests) outcome.reject(error);
      return [];
    }
  }

  async #alone({ callId, secret, events, outcome }: Waiting): Promise<void> {
    await this.#calls.takeEvents(callId, secret, events).then(outcome.resolve, outcome.reject);
  }
}
