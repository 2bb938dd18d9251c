import type { Changes } from '../changes.ts';
import type { OperationName } from '../operations.ts';

/** The kind of failure. `malformed` and `noId` change the answer, so the operation has already been executed. */
export type FaultKind =
  | {
      kind: 'status';
      status: number;
      retryAfter?: number | string;
      headers?: Record<string, string>;
      body?: unknown;
    }
  | { kind: 'reset' }
  | { kind: 'slow'; ms: number }
  | { kind: 'malformed' }
  | { kind: 'noId' };

export type Fault = FaultKind & {
  /** An operation by name, all of one service (`graph.*`, `connector.*`), or all that clients use (`*`). */
  operation: OperationName | 'graph.*' | 'connector.*' | '*';
  /** How many requests it affects. Default 1, or any number if `probability` is given. */
  times?: number;
  /**
   * `before`: nothing has been executed. `after`: the operation has been executed, and the answer is lost or changed.
   * Default `before`.
   */
  when?: 'before' | 'after';
  /** Share of the requests that it affects, 0..1. */
  probability?: number;
};

export interface PlannedFault {
  readonly fault: Fault;
  /** How many more requests it may affect. */
  readonly left: number;
  remove(): void;
}

interface Entry {
  fault: Fault;
  left: number;
}

/** Faults that tests inject into requests. The first that matches a request is used. */
export class FaultPlan {
  readonly #random: () => number;
  readonly #changes: Changes;
  #entries: Entry[] = [];

  constructor(random: () => number, changes: Changes) {
    this.#random = random;
    this.#changes = changes;
  }

  add(fault: Fault): PlannedFault {
    const entry: Entry = { fault, left: fault.times ?? (fault.probability === undefined ? 1 : Infinity) };
    this.#entries.push(entry);
    return {
      fault,
      get left() {
        return entry.left;
      },
      remove: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  clear(): void {
    this.#entries = [];
  }

  get pending(): Fault[] {
    return this.#entries.filter((entry) => entry.left > 0).map((entry) => entry.fault);
  }

  /** The fault for this request, counted down by one; null if there is none. */
  take(operation: OperationName): Fault | null {
    for (const entry of this.#entries) {
      if (entry.left <= 0 || !fits(entry.fault.operation, operation)) continue;
      const { probability } = entry.fault;
      if (probability !== undefined && this.#random() >= probability) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#entries = this.#entries.filter((other) => other !== entry);
      this.#changes.tell({ type: 'fault', operation, kind: entry.fault.kind });
      return entry.fault;
    }
    return null;
  }
}

const neverHitByAll: readonly OperationName[] = ['control', 'unknown'];

function fits(pattern: Fault['operation'], operation: OperationName): boolean {
  if (pattern === operation) return true;
  if (pattern === '*') return !neverHitByAll.includes(operation);
  return pattern.endsWith('.*') && operation.startsWith(pattern.slice(0, -1));
}

/** Whether the operation is executed before the fault takes effect. */
export function isAfter(fault: Fault): boolean {
  return fault.when === 'after' || fault.kind === 'malformed' || fault.kind === 'noId';
}
