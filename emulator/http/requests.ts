import type { OperationName } from '../operations.ts';

/** A request that the emulator has answered; `status` is null when the connection was cut instead. */
export interface RequestRecord {
  at: number;
  method: string;
  path: string;
  operation: OperationName;
  status: number | null;
  /** The kind of fault that hit it, or null. */
  fault: string | null;
}

/** One request and its answer in full, for tests that hold them against a description of the API. */
export interface Exchange {
  operation: OperationName;
  request: { method: string; target: string; headers: Record<string, string>; body: Buffer };
  answer: { status: number; headers: Record<string, string>; body: Buffer | null };
  /** True when a fault made the answer. */
  spoiled: boolean;
}

/** What was asked of the emulator, oldest first. */
export class Requests {
  readonly #records: RequestRecord[] = [];

  add(record: RequestRecord): void {
    this.#records.push(record);
  }

  list(operation?: OperationName): RequestRecord[] {
    return this.#records.filter((record) => operation === undefined || record.operation === operation);
  }

  count(operation: OperationName): number {
    return this.list(operation).length;
  }

  counts(): Partial<Record<OperationName, number>> {
    const counts: Partial<Record<OperationName, number>> = {};
    for (const { operation } of this.#records) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  }

  clear(): void {
    this.#records.length = 0;
  }
}
