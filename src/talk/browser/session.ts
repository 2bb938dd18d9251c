import type { JoinAnswer, Report, ReportAnswer } from '../pageModel.ts';

/** The server refused a request. `because` is a key of the texts if there is one. */
export class Refused extends Error {
  readonly status: number;
  readonly because: string;

  constructor(status: number, because: string) {
    super(because);
    this.status = status;
    this.because = because;
  }
}

/** A secret of 256 bits that exists only in the memory of this page. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The page's requests to the server. */
export class Session {
  readonly #secret = newSecret();
  readonly #link: string;

  /** @param link the path of the page */
  constructor(link: string) {
    this.#link = link;
  }

  /** Uses the link. If the answer was lost, asking again gives the same answer. @throws Refused */
  async join(): Promise<JoinAnswer> {
    return await this.#post<JoinAnswer>(`${this.#link}/join`, { session: this.#secret });
  }

  /** @throws Refused, or TypeError if the server cannot be reached */
  async report(report: Report): Promise<ReportAnswer> {
    return await this.#post<ReportAnswer>('/talk/session/report', report);
  }

  /** Sends the last report while the page is being closed, without waiting for the answer. */
  leave(report: Report): void {
    void this.#send('/talk/session/report', report, true).catch(() => undefined);
  }

  async #post<Answer>(path: string, body: object): Promise<Answer> {
    const answer = await this.#send(path, body, false);
    const content = (await answer.json().catch(() => null)) as (Answer & { because?: unknown }) | null;
    if (answer.ok && content) return content;
    const because = content?.because;
    throw new Refused(answer.status, typeof because === 'string' ? because : 'unavailable');
  }

  async #send(path: string, body: object, keepalive: boolean): Promise<Response> {
    return await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      keepalive,
      ...(keepalive ? {} : { signal: AbortSignal.timeout(15_000) }),
    });
  }
}
