import { Readable } from 'node:stream';
import { jsonLines } from '../../../src/console/browser/lines.ts';
import { afterTest } from '../afterTest.ts';
import { ask, type Answer, type Asked } from '../http/api/api.ts';
import type { World } from '../world.ts';

/** A page of the console that somebody has open. */
export interface Page {
  /** @param path below /console/api */
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  /** Opens a stream. It closes with the test. */
  stream(view: string, id?: string): Promise<Lines>;
}

/** @param token as a browser sends it; in anonymous mode, the name of a person of the emulator */
export function page(world: World, token: string, headers: Record<string, string> = {}): Page {
  const key = token.includes('.') ? token : `as:${idOf(world, token)}`;
  const send = async (method: 'GET' | 'POST', path: string, asked: Asked): Promise<Answer> =>
    await ask(world, method, `/console/api${path}`, { key, headers, ...asked });
  return {
    get: async (path) => await send('GET', path, {}),
    post: async (path, body) => await send('POST', path, body === undefined ? {} : { body }),
    async stream(view, id = '') {
      const over = new AbortController();
      const response = await fetch(
        `${world.url}/console/api/stream?view=${view}${id && `&id=${encodeURIComponent(id)}`}`,
        { headers: { authorization: `Bearer ${key}`, ...headers }, signal: over.signal },
      );
      const lines = new Lines(response, over);
      afterTest(() => lines.close());
      return lines;
    },
  };
}

/** The object id of a person of the emulator. */
export function idOf({ emulator }: World, name: string): string {
  const person = emulator.people.find(name);
  if (!person) throw new Error(`the emulator has nobody called ${name}`);
  return person.id.toLowerCase();
}

/** The lines of a stream. */
export class Lines {
  readonly status: number;
  readonly #over: AbortController;
  readonly #lines: AsyncGenerator<unknown, void>;

  constructor(response: Response, over: AbortController) {
    this.status = response.status;
    this.#over = over;
    this.#lines = jsonLines(response.body ?? Readable.from([]));
  }

  /** The next line; null at the end. */
  async next(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    return done ? null : value;
  }

  close(): void {
    this.#over.abort();
  }
}
