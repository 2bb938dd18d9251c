import type { OperationName } from '../operations.ts';

/** A request that the emulator has handled. `status` is null if the connection was cut. */
export interface RequestRecord {
  at: number;
  method: string;
  path: string;
  operation: OperationName;
  status: number | null;
  /** The kind of fault that affected it, or null. */
  fault: string | null;
}

/** A complete request and answer, for tests that compare them with an API description. */
export interface Exchange {
  operation: OperationName;
  request: { method: string; target: string; headers: Record<string, string>; body: Buffer };
  answer: { status: number; headers: Record<string, string>; body: Buffer | null };
  /** Whether a fault produced the answer. */
  spoiled: boolean;
}

/** Requests to the emulator, oldest first. */
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
