import { guid } from '../../config/guids.ts';
import { createRedaction } from '../logging/redaction.ts';

const GUID = new RegExp(guid, 'gi');
/** Ids of Ringdown and Communication Services. They may contain a GUID. */
const ID = /\b(?:call|esc)_[0-9a-f]{16,}|\b8:[\w-]*acs:[\w-]+|\b[0-9a-f]{32,}\b/gi;
const IP = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;

/**
 * Replaces what must not leave the tenant. The same value always gets the same word, so that a reader can still see
 * what belongs together.
 */
export class Pseudonyms {
  readonly #redact: (text: string) => string;
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #known: string[] = [];

  /** @param secrets values that must not appear in any form */
  constructor(secrets: readonly string[]) {
    this.#redact = createRedaction(secrets);
  }

  /** @param values names of people, hosts and so on; empty ones are ignored */
  add(what: 'person' | 'host' | 'name', values: readonly (string | undefined)[]): void {
    for (const value of values) {
      if (value === undefined || value.trim().length < 2) continue;
      this.#instead(what, value);
      this.#known.push(value);
    }
    // Longest first: replace a full name before a part of it.
    this.#known.sort((a, b) => b.length - a.length);
  }

  plain(text: string): string {
    const named = this.#known.reduce(
      (rest, value) =>
        rest.replaceAll(
          new RegExp(value.replaceAll(/[^\p{L}\p{N}]/gu, '\\$&'), 'gi'),
          this.#instead('name', value),
        ),
      text,
    );
    const withoutIds = [ID, GUID].reduce(
      (rest, pattern) => rest.replaceAll(pattern, (id) => this.#instead('id', id)),
      named,
    );
    return this.#redact(withoutIds.replaceAll(IP, (address) => this.#instead('address', address)));
  }

  #instead(what: string, value: string): string {
    const key = value.toLowerCase();
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    const word = `‹${what} ${count}›`;
    this.#given.set(key, word);
    return word;
  }
}
