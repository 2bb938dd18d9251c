import {
  ConfigurationServiceClientCredentialFactory,
  type ConfigurationBotFrameworkAuthentication,
} from 'botbuilder';
import {
  NoAnswer,
  type ServiceAnswer,
  type ServiceConnections,
  type ServiceRequest,
} from '../../directory/serviceConnections.ts';
import { explainsRefusal } from './connectorAnswers.ts';
import { ConnectorFault } from './connectorFault.ts';

type ConnectorOptions = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]>;
type HttpClient = NonNullable<ConnectorOptions['httpClient']>;

type Credentials = Awaited<ReturnType<ConfigurationServiceClientCredentialFactory['createCredentials']>>;

/**
 * The SDK's credentials with two differences. They ignore the case of the bot's id, which is a GUID. And if no token is
 * available, the fault says that nothing was sent.
 */
export class ConnectorCredentials extends ConfigurationServiceClientCredentialFactory {
  override async isValidAppId(appId = ''): Promise<boolean> {
    return await super.isValidAppId(appId.toLowerCase());
  }

  override async createCredentials(
    appId = '',
    ...rest: [audience: string, loginEndpoint: string, validateAuthority: boolean]
  ): Promise<Credentials> {
    const credentials = await super.createCredentials(appId.toLowerCase(), ...rest);
    return {
      async signRequest(request) {
        try {
          return await credentials.signRequest(request);
        } catch (cause) {
          throw new ConnectorFault(null, { cause, arrived: false });
        }
      },
    };
  }
}

/** A request to the chat service. The token is among its headers. */
export type ConnectorRequest = Omit<ServiceRequest, 'signal'>;

/** @throws ConnectorFault unless the service answers 2xx */
export type SendToConnector = (request: ConnectorRequest) => Promise<ServiceAnswer>;

/** Sends each request once, within a time limit (milliseconds). */
export function sendToConnector(connections: ServiceConnections, timeoutMs: number): SendToConnector {
  return async (request) => {
    const answer = await answerTo(connections, request, timeoutMs);
    const { status, headers, body } = answer;
    // The chat service never redirects.
    if (status >= 300 && status < 400) throw new ConnectorFault(null, {});
    if (status < 200 || status > 299) {
      const retryAfterMs = retryAfter(headers['retry-after']);
      const code = errorCode(body.toString('utf8'));
      throw new ConnectorFault(status, code ? { code, retryAfterMs } : { retryAfterMs });
    }
    return answer;
  };
}

/**
 * The HTTP client for the SDK's connector.
 *
 * Throws every failure as a `ConnectorFault`. The SDK's pipeline retries after a 5xx or a reset (three times, even
 * requests that create a message), but not after errors it does not know. Also adds the timeout that the SDK lacks.
 */
export function connectorTransport(send: SendToConnector): HttpClient {
  return {
    async sendRequest(request) {
      const { url, method } = request;
      const content: unknown = request.body;
      const sent = { url, method, headers: request.headers.rawHeaders() };
      const answer = await send(typeof content === 'string' ? { ...sent, body: content } : sent);
      const headers = request.headers.clone();
      for (const name of headers.headerNames()) headers.remove(name);
      for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value));
      return { request, status: answer.status, headers, bodyAsText: answer.body.toString('utf8') };
    },
  };
}

async function answerTo(
  connections: ServiceConnections,
  request: ConnectorRequest,
  timeoutMs: number,
): Promise<ServiceAnswer> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    return await connections.send({ ...request, signal: stop.signal });
  } catch (cause) {
    throw new ConnectorFault(null, { cause, arrived: !(cause instanceof NoAnswer) || cause.sent });
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a Retry-After header: seconds, or an HTTP date. @returns milliseconds */
function retryAfter(value: string | undefined): number | null {
  if (value === undefined) return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 5 * 60_000) : null;
}

/** Reads the code from `{"error":{"code":"…"}}`, or a `subCode`. Not the message, which may repeat what was sent. */
function errorCode(text: string): string | undefined {
  const codes = [...text.matchAll(/"(?:code|subCode)"\s*:\s*"(\w{1,60})"/g)].flatMap(
    ([, code]) => code ?? [],
  );
  return codes.find(explainsRefusal) ?? codes[0];
}
