import type { Logger } from 'pino';
import type { CallService, EventsOfCall, IncomingEvent, Taken } from './callService.ts';
import { Together } from './together.ts';

/** The events of the service on their way to the database: of many calls that come at once, together. */
export class EventIntake {
  readonly #together: Together<EventsOfCall, Taken>;

  constructor({ calls, log }: { calls: Pick<CallService, 'takeEvents' | 'takeTogether'>; log: Logger }) {
    this.#together = new Together({
      together: async (requests) => await calls.takeTogether(requests),
      alone: async ({ callId, secret, events }) => await calls.takeEvents(callId, secret, events),
      what: 'events',
      log,
    });
  }

  /**
   * Takes events of the service for a call: see `CallService.takeEvents`.
   *
   * @throws TurnTimeout if it was not begun with within five seconds; the database's error if they cannot be stored.
   * Then none of these events is stored
   */
  async takeEvents(callId: string, secret: string, events: readonly IncomingEvent[]): Promise<Taken> {
    return await this.#together.take({ callId, secret, events });
  }
}
