import type { TurnContext } from 'botbuilder';
import { RingdownError } from '../../errors.ts';
import { isForwarded } from '../../config/publicAddress.ts';
import { readActivity, type Incoming } from '../turn/activity.ts';
import type { ChatAdapter } from './adapter.ts';

/** The parts of an HTTP request that the bot reads. `body` is the parsed JSON. */
export interface ChatRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body?: unknown;
}

export interface ChatResponse {
  send(status: number, body?: unknown): unknown;
}

interface Parts {
  adapter: Pick<ChatAdapter, 'check' | 'receive'>;
  allowAnonymous: boolean;
  /** Whether answers may be sent to this address. */
  allowed: (serviceUrl: string) => boolean;
  take: (context: TurnContext, incoming: Incoming) => Promise<void>;
}

/** `POST /api/messages`: checks the sender, the activity and the service URL. */
export class MessageEndpoint {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Checks the sender, before the body is read.
   *
   * @throws RingdownError unauthorized, forbidden, unavailable
   */
  async admit(req: Pick<ChatRequest, 'headers'>): Promise<void> {
    // In anonymous mode messages come from this machine only; a proxy would bring them from elsewhere.
    if (this.#parts.allowAnonymous && isForwarded(req.headers)) throw new RingdownError('forbidden');
    try {
      await this.#parts.adapter.check(header(req, 'authorization'));
    } catch (cause) {
      throw notAuthenticated(cause);
    }
  }

  /** @throws RingdownError bad_request, unauthorized, forbidden, unavailable; no response has been sent then */
  async process(req: ChatRequest, res: ChatResponse): Promise<void> {
    const { adapter, allowed, take } = this.#parts;
    const { activity, incoming } = readActivity(req.body);
    if (!allowed(incoming.serviceUrl)) {
      throw new RingdownError('forbidden', {
        detail: 'The service URL does not belong to the Bot Framework.',
      });
    }
    let authenticated = false;
    const turn = async (context: TurnContext): Promise<void> => {
      authenticated = true;
      await take(context, incoming);
    };
    try {
      const answer = await adapter.receive(header(req, 'authorization'), activity, turn);
      res.send(answer?.status ?? 200, answer?.body);
    } catch (cause) {
      if (authenticated) throw cause;
      throw notAuthenticated(cause);
    }
  }
}

function header({ headers }: Pick<ChatRequest, 'headers'>, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Errors of the SDK's JWT library for a token that is malformed, expired or not signed by the service. */
const FORGED: ReadonlySet<string> = new Set(['JsonWebTokenError', 'NotBeforeError', 'TokenExpiredError']);

/** The SDK does not export its AuthenticationError, so this looks at its properties. */
function notAuthenticated(cause: unknown): RingdownError {
  const isRefused = cause instanceof Error && ('statusCode' in cause || FORGED.has(cause.name));
  return new RingdownError(isRefused ? 'unauthorized' : 'unavailable', { cause });
}
