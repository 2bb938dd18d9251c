import { randomUUID } from 'node:crypto';
import type { Timings } from '../callAutomation/timings.ts';

/**
 * Communication users of the resource. An id of this resource that the emulator has not seen counts as valid too, so
 * that an application which keeps its identity survives a restart of the emulator; one that was deleted does not.
 */
export class Identities {
  readonly #prefix: string;
  readonly #created = new Set<string>();
  readonly #deleted = new Set<string>();
  /** When its tokens were revoked. */
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

  /** Its tokens are revoked by that. */
  delete(id: string): void {
    this.revoke(id);
    this.#created.delete(id);
    this.#deleted.add(id);
  }

  isValid(id: string): boolean {
    return id.startsWith(this.#prefix) && !this.#deleted.has(id);
  }

  /** Tokens of before are refused, once the revocation has reached all of the service. */
  revoke(id: string): void {
    this.#revoked.set(id, [...(this.#revoked.get(id) ?? []), this.#parts.now()]);
  }

  /** How often its tokens were revoked: a token says how often that was when it was made. */
  revocations(id: string): number {
    return this.#revoked.get(id)?.length ?? 0;
  }

  /** Whether a token that was made after so many revocations is still taken. */
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
