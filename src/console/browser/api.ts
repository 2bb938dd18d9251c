import { createContext, use } from 'react';

/** The views that the server streams. */
export type View = 'now' | 'call' | 'escalation' | 'duty' | 'policies' | 'policy' | 'health';

/** Who is signed in here, and how to prove it. */
export interface Account {
  /**
   * A bearer token.
   *
   * @param renew the server has refused the last one
   * @throws SignInNeeded
   */
  token(renew: boolean): Promise<string>;
}

/** Nobody is signed in, or not any more. */
export class SignInNeeded extends Error {}

/** The server refused a request. The message is for developers; people read {@link faultWords}. */
export class Refusal extends Error {
  readonly status: number;
  /** Names the request in the server's log. */
  readonly reference: string;
  readonly detail: string | null;

  constructor(status: number, reference: string, detail: string | null) {
    super(`the server answered ${status}`);
    this.status = status;
    this.reference = reference;
    this.detail = detail;
  }
}

interface Options {
  body?: object;
  signal?: AbortSignal | undefined;
  renew?: boolean;
}

interface Problem {
  reference?: string;
  detail?: string;
}

/** The console's endpoints below /console/api, as the signed-in person. */
export class Api {
  readonly #account: Account;
  readonly #locale: string;
  readonly #signedOut: () => void;

  /** @param signedOut called when the person has to sign in again */
  constructor(account: Account, locale: string, signedOut: () => void) {
    this.#account = account;
    this.#locale = locale;
    this.#signedOut = signedOut;
  }

  /** @param path below /console/api, such as `/me` */
  async get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return (await (await this.#send('GET', path, { signal })).json()) as Answer;
  }

  async post<Answer>(path: string, body: object = {}): Promise<Answer> {
    return (await (await this.#send('POST', path, { body })).json()) as Answer;
  }

  /** For files such as CSV. */
  async file(path: string): Promise<Blob> {
    return await (await this.#send('GET', path, {})).blob();
  }

  /** @returns lines of JSON, until the server or `signal` ends them */
  async stream(
    view: View,
    id: string | undefined,
    renew: boolean,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const query = new URLSearchParams({ view, ...(id === undefined ? {} : { id }) });
    const { body } = await this.#send('GET', `/stream?${query}`, { signal, renew });
    if (body === null) throw new TypeError('the stream has no body');
    return chunksOf(body);
  }

  async #send(method: 'GET' | 'POST', path: string, options: Options): Promise<Response> {
    try {
      return await this.#attempt(method, path, options);
    } catch (fault) {
      if (fault instanceof SignInNeeded) this.#signedOut();
      throw fault;
    }
  }

  async #attempt(method: 'GET' | 'POST', path: string, options: Options): Promise<Response> {
    const { body, signal, renew = false } = options;
    const token = await this.#account.token(renew);
    const response = await fetch(`/console/api${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Accept-Language': this.#locale,
        'X-Time-Zone': Intl.DateTimeFormat().resolvedOptions().timeZone,
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    });
    if (response.ok) return response;
    if (response.status === 401) {
      if (renew) throw new SignInNeeded();
      return await this.#attempt(method, path, { ...options, renew: true });
    }
    const { reference = '', detail } = (await response.json().catch(() => ({}))) as Problem;
    throw new Refusal(response.status, reference, detail ?? null);
  }
}

/** Safari's streams are not iterable. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = use(ApiContext);
  if (api === null) throw new TypeError('nobody is signed in');
  return api;
}
