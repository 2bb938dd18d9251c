import { lookUp } from '../../config/lookUp.ts';

/** The result of a request. */
export type Asked =
  | { kind: 'answered'; status: number; headers: Headers; text: string; at: number }
  /** `certificate`: the server was reached, but its certificate is not trusted. */
  | { kind: 'unreachable' | 'certificate'; why: string };

const TIME_LIMIT_MS = 8_000;
const LONGEST_ANSWER = 100_000;

/** Node's codes for untrusted certificates. Source: "TLS: X509 certificate error codes". */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH|DEPTH_ZERO|INVALID_CA/;

/**
 * Sends one request with a time limit, and follows no redirect. Never throws.
 *
 * @param now epoch milliseconds; records when the answer arrived
 */
export async function ask(url: string, now: () => number, init: RequestInit = {}): Promise<Asked> {
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
      ...init,
    });
    const at = now();
    const text = (await answer.text()).slice(0, LONGEST_ANSWER);
    return { kind: 'answered', status: answer.status, headers: answer.headers, text, at };
  } catch (error) {
    return unreachable(error);
  }
}

function unreachable(error: unknown): Asked {
  const codes = codesIn(error);
  const certificate = codes.find((code) => CERTIFICATE.test(code));
  if (certificate !== undefined) return { kind: 'certificate', why: certificate };
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { kind: 'unreachable', why: `no answer within ${TIME_LIMIT_MS / 1000} s` };
  }
  const [code = 'no connection'] = codes;
  return { kind: 'unreachable', why: lookUp(words, code) ?? code };
}

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not exist (ENOTFOUND)',
  EAI_AGAIN: 'its name could not be looked up (EAI_AGAIN)',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
};

/** Codes of an error and its causes. Messages are left out, because some repeat what was sent. */
function codesIn(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(codesIn) : [];
  return [...own, ...inner, ...codesIn(error.cause)];
}

/** The parsed body; undefined if it is not JSON. */
export function jsonOf({ text }: { text: string }): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
