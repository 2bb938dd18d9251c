import type { Answer } from '../http/answer.ts';
import type { EmulatorRequest } from '../http/router.ts';
import { invalidArgument } from './errors.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const imfFixdate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Stores the first answers of repeatable requests: "the client can make the request multiple times with the same
 * Repeatability-Request-Id and get back an appropriate response without the server executing the request multiple
 * times" (swagger). Whether the real service keeps that promise is unconfirmed, so it can be turned off.
 */
export class Repeatability {
  enabled: boolean;
  readonly #answers = new Map<string, Promise<Answer>>();

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  /** Executes once for each id and path. A concurrent repetition waits for the first. */
  async once(
    request: EmulatorRequest,
    execute: (requestId: string | null) => Promise<Answer>,
  ): Promise<Answer> {
    const requestId = checkHeaders(request);
    if (requestId === null || !this.enabled) return await execute(requestId);
    const key = `${request.method} ${request.url.pathname} ${requestId.toLowerCase()}`;
    const known = this.#answers.get(key);
    if (known) return await known;
    const answer = execute(requestId);
    this.#answers.set(key, answer);
    // A refused request executed nothing, so it may be corrected and sent again.
    answer.catch(() => this.#answers.delete(key));
    return await answer;
  }
}

/** Both headers or neither (swagger). @throws Refusal 400 */
function checkHeaders({ headers }: EmulatorRequest): string | null {
  const id = headers['repeatability-request-id'];
  const firstSent = headers['repeatability-first-sent'];
  if (id === undefined && firstSent === undefined) return null;
  if (id === undefined || firstSent === undefined) {
    throw invalidArgument(
      'Repeatability-Request-ID',
      'Repeatability-Request-ID and Repeatability-First-Sent must be sent together.',
    );
  }
  if (!uuid.test(id)) throw invalidArgument('Repeatability-Request-ID', 'it is not a version 4 UUID.');
  if (!imfFixdate.test(firstSent))
    throw invalidArgument('Repeatability-First-Sent', 'it is not an HTTP date.');
  return id;
}
