import { randomUUID } from 'node:crypto';
import type { Timings } from '../callAutomation/timings.ts';

/**
 * Communication users of the resource. Any id of this resource counts as valid unless it was deleted, so that an
 * application that keeps its identity survives a restart of the emulator.
 */
export class Identities {
  readonly #prefix: string;
  readonly #created = new Set<string>();
  readonly #deleted = new Set<string>();
  /** When its tokens were last revoked. */
  readonly #revoked = new Map<string, number[]>();
  readonly #parts: { now: () => number; timings: Pick<Timings, 'revocationMs'> };

  constructor(resourceId: string, parts: { now: () => number; timings: Pick<Timings, 'revocationMs'> }) {
    this.#prefix = `8:acs:${resourceId}_`;
    this.#parts = parts;
  }

  create(): string {
    const id = `${this.#prefix}${randomUUID()}`;
    this.#created.add(id);
    return id;
  }

  /** Also revokes its tokens. */
  delete(id: string): void {
    this.revoke(id);
    this.#created.delete(id);
    this.#deleted.add(id);
  }

  isValid(id: string): boolean {
    return id.startsWith(this.#prefix) && !this.#deleted.has(id);
  }

  /** Refuses tokens issued so far, once the revocation has reached the whole service. */
  revoke(id: string): void {
    this.#revoked.set(id, [...(this.#revoked.get(id) ?? []), this.#parts.now()]);
  }

  /** How often its tokens were revoked. A token carries the count at its issue. */
  revocations(id: string): number {
    return this.#revoked.get(id)?.length ?? 0;
  }

  /** Whether a token issued after this many revocations is still accepted. */
  takes(id: string, revocations: number): boolean {
    const revokedAt = this.#revoked.get(id)?.[revocations];
    const { now, timings } = this.#parts;
    return (
      id.startsWith(this.#prefix) && (revokedAt === undefined || now() < revokedAt + timings.revocationMs)
    );
  }

  list(): string[] {
    return [...this.#created];
  }
}
