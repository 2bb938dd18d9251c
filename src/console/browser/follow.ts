import { pauseBefore } from './backOff.ts';
import { jsonLines } from './lines.ts';

/** A line of the server's stream. */
interface StreamLine {
  view?: unknown;
  alive?: true;
  /** The token has expired. */
  signIn?: true;
}

/** Twice the time between two signs of life, and some. A connection that stays silent for so long is dead. */
const SILENCE_MS = 60_000;

export interface FollowPorts {
  /** @param renew the last token has expired */
  open(renew: boolean, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  show(view: unknown): void;
  /** The connection was lost; `show` is called when it is back. */
  lost(fault: unknown): void;
  /** No further attempt is made. */
  ended(fault: unknown): void;
  isFinal(fault: unknown): boolean;
  /** Resolves after this time, or as soon as another attempt makes sense: the network is back. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  chance(): number;
}

/**
 * Keeps a stream open and shows each view that it sends, until `signal` aborts or a fault is final. The server sends the
 * whole view after each new connection, so a lost one loses nothing.
 */
export async function follow(ports: FollowPorts, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let renew = false;
  while (!signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const chunks = await ports.open(renew, AbortSignal.any([signal, silence.signal]));
      renew = false;
      for await (const line of jsonLines(chunks)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        const { view, signIn } = line as StreamLine;
        if (signIn) renew = true;
        if (view === undefined) continue;
        failures = 0;
        ports.show(view);
      }
      failures = renew ? 0 : failures + 1;
      if (!renew) ports.lost(null);
    } catch (fault) {
      if (signal.aborted) return;
      if (ports.isFinal(fault)) {
        ports.ended(fault);
        return;
      }
      failures++;
      ports.lost(fault);
    } finally {
      clearTimeout(timer);
    }
    if (!signal.aborted && failures > 0) await ports.pause(pauseBefore(failures, ports.chance()), signal);
  }
}
