import { afterTest } from '../afterTest.ts';
import { ask, type Answer, type Asked } from '../http/api/api.ts';
import type { World } from '../world.ts';

/** A page of the console that somebody has open. */
export interface Page {
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  /** Opens a stream. It closes with the test. */
  stream(view: string, id?: string): Promise<Lines>;
}

/** @param token as a browser sends it; a person of the emulator by name, where one chooses who one is */
export function page(world: World, token: string, headers: Record<string, string> = {}): Page {
  const key = token.includes('.') ? token : `as:${idOf(world, token)}`;
  const send = async (method: 'GET' | 'POST', path: string, asked: Asked): Promise<Answer> =>
    await ask(world, method, `/console/api/${path}`, { key, headers, ...asked });
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
  readonly #lines: AsyncGenerator<unknown, null>;

  constructor(response: Response, over: AbortController) {
    this.status = response.status;
    this.#over = over;
    this.#lines = linesOf(response);
  }

  /** The next line; null at the end. */
  async next(): Promise<unknown> {
    return (await this.#lines.next()).value;
  }

  close(): void {
    this.#over.abort();
  }
}

async function* linesOf({ body }: Response): AsyncGenerator<unknown, null> {
  let rest = '';
  const decoder = new TextDecoder();
  const chunks: AsyncIterable<Uint8Array> | null = body;
  for await (const chunk of chunks ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed: unknown = JSON.parse(line);
      yield parsed;
    }
  }
  return null;
}
