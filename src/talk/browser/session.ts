import type { JoinAnswer, Report, ReportAnswer } from '../pageModel.ts';

/** Why the server does not do what was asked; `because` is a key of the texts where there is one. */
export class Refused extends Error {
  readonly status: number;
  readonly because: string;

  constructor(status: number, because: string) {
    super(because);
    this.status = status;
    this.because = because;
  }
}

/** The page's own secret, 256 bits; it is kept in the memory of this page and nowhere else. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** What the page says to the server. */
export class Session {
  readonly #secret = newSecret();
  readonly #link: string;

  /** @param link the path that the page was opened under */
  constructor(link: string) {
    this.#link = link;
  }

  /** Uses the link. Asked again after an answer that was lost, it is answered the same. @throws Refused */
  async join(): Promise<JoinAnswer> {
    return await this.#post<JoinAnswer>(`${this.#link}/join`, { session: this.#secret });
  }

  /** @throws Refused, or TypeError when the server is not reached */
  async report(report: Report): Promise<ReportAnswer> {
    return await this.#post<ReportAnswer>('/talk/session/report', report);
  }

  /** The page is being closed: nobody waits for the answer. */
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
