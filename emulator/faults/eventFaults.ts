import { z } from 'zod';

/**
 * Faults of an event in transit. `reorder`: the next event of the call overtakes it. `batch`: it is sent in one
 * request with the next. `unknown`: it is followed by an event of an unknown type.
 */
export const EventFault = z.strictObject({
  kind: z.enum(['duplicate', 'drop', 'delay', 'reorder', 'batch', 'unknown']),
  /** Only events of this type, such as `CallConnected`. */
  type: z.string().optional(),
  callConnectionId: z.string().optional(),
  operationContext: z.string().optional(),
  /** How many events it affects. Default 1, or any number if `probability` is given. */
  times: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  /** For `delay`: milliseconds; default 5000. */
  ms: z.number().min(0).optional(),
});
export type EventFault = z.infer<typeof EventFault>;

export interface EventInQuestion {
  type: string;
  callConnectionId: string;
  /** The id of the call that clients know. */
  operationContext: string | null;
}

interface Entry {
  fault: EventFault;
  left: number;
}

/** Faults that tests inject into events. The first that matches an event is used. */
export class EventFaultPlan {
  readonly #random: () => number;
  #entries: Entry[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Adds a fault. @returns a function that removes it */
  add(fault: EventFault): () => void {
    const entry = { fault, left: fault.times ?? (fault.probability === undefined ? 1 : Infinity) };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#entries = [];
  }

  take(event: EventInQuestion): EventFault | null {
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (entry.left <= 0 || !fits(fault, event)) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      entry.left -= 1;
      return fault;
    }
    return null;
  }
}

function fits(fault: EventFault, event: EventInQuestion): boolean {
  return (
    (fault.type === undefined || fault.type === event.type) &&
    (fault.callConnectionId === undefined || fault.callConnectionId === event.callConnectionId) &&
    (fault.operationContext === undefined || fault.operationContext === event.operationContext)
  );
}
