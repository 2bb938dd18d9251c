/** An answer. `body` is already serialised, so that a replay is identical byte for byte. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | null;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: null };
}

export function text(status: number, value: string, contentType = 'text/plain; charset=utf-8'): Answer {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(value) };
}

/** Thrown by a handler to end the request with this answer. Each service builds its own in `errors.ts`. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(message: string, answer: Answer) {
    super(message);
    this.answer = answer;
  }
}
