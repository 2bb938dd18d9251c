import { LRUCache } from 'lru-cache';
import type { Call } from './call.ts';
import type { StoredCall } from './callStore.ts';
import { hasEnded } from './lifecycle/lifecycle.ts';

/** How many calls at most. Each takes some 3 KB. */
const KEPT = 2_000;

/**
 * The open calls that this process has saved, as they were then. Another transaction may have changed one since, so what
 * is made from it is saved only if the version is still the same.
 */
export class CallMemory {
  readonly #calls = new LRUCache<string, StoredCall>({ max: KEPT });

  /** @returns those that it has, by their ids */
  among(ids: Iterable<string>): Map<string, StoredCall> {
    return new Map(
      [...ids].flatMap((id) => {
        const stored = this.#calls.get(id);
        return stored ? [[id, stored] as const] : [];
      }),
    );
  }

  /** Remembers a call whose transaction has committed. */
  keep(stored: StoredCall): void {
    const { call } = stored;
    const known = this.#calls.get(call.id);
    if (known && known.call.version > call.version) return;
    if (hasEnded(call)) this.#calls.delete(call.id);
    else this.#calls.set(call.id, stored);
  }

  /** The same for a call whose secrets are not at hand: only if it is known. */
  renew(call: Call): void {
    const known = this.#calls.get(call.id);
    if (known) this.keep({ ...known, call });
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#calls.delete(id);
  }
}
