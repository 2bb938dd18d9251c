import { randomUUID } from 'node:crypto';

/**
 * Communication users of the resource. An id of this resource that the emulator has not seen counts as valid too, so
 * that an application which keeps its identity survives a restart of the emulator; one that was deleted does not.
 */
export class Identities {
  readonly #prefix: string;
  readonly #created = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #revocations = new Map<string, number>();

  constructor(resourceId: string) {
    this.#prefix = `8:acs:${resourceId}_`;
  }

  create(): string {
    const id = `${this.#prefix}${randomUUID()}`;
    this.#created.add(id);
    return id;
  }

  delete(id: string): void {
    this.#created.delete(id);
    this.#deleted.add(id);
  }

  isValid(id: string): boolean {
    return id.startsWith(this.#prefix) && !this.#deleted.has(id);
  }

  /** Tokens of before are worth nothing any more. */
  revoke(id: string): void {
    this.#revocations.set(id, this.revocations(id) + 1);
  }

  /** How often its tokens were revoked: a token says when it was made in these. */
  revocations(id: string): number {
    return this.#revocations.get(id) ?? 0;
  }

  list(): string[] {
    return [...this.#created];
  }
}
