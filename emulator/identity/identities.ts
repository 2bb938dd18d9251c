import { randomUUID } from 'node:crypto';

/**
 * Communication users of the resource. An id of this resource that the emulator has not seen counts as valid too, so
 * that an application which keeps its identity survives a restart of the emulator; one that was deleted does not.
 */
export class Identities {
  readonly #prefix: string;
  readonly #created = new Set<string>();
  readonly #deleted = new Set<string>();

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

  list(): string[] {
    return [...this.#created];
  }
}
