import {
  ConfigurationServiceClientCredentialFactory,
  type ConfigurationBotFrameworkAuthentication,
} from 'botbuilder';
import { NoAnswer, type ServiceAnswer, type ServiceConnections } from '../../directory/serviceConnections.ts';
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

/**
 * The HTTP client for the SDK's connector.
 *
 * Throws every failure as a `ConnectorFault`. The SDK's pipeline retries after a 5xx or a reset (three times, even
 * requests that create a message), but not after errors it does not know. Also adds the timeout that the SDK lacks.
 */
export function connectorTransport(connections: ServiceConnections, timeoutMs: number): HttpClient {
  return {
    async sendRequest(request) {
      const answer = await send(connections, request, timeoutMs);
      const bodyAsText = answer.body.toString('utf8');
      // The chat service never redirects.
      if (answer.status >= 300 && answer.status < 400) throw new ConnectorFault(null, {});
      if (answer.status < 200 || answer.status > 299) {
        const retryAfterMs = retryAfter(answer.headers['retry-after']);
        const code = errorCode(bodyAsText);
        throw new ConnectorFault(answer.status, code ? { code, retryAfterMs } : { retryAfterMs });
      }
      const headers = request.headers.clone();
      for (const name of headers.headerNames()) headers.remove(name);
      for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value));
      return { request, status: answer.status, headers, bodyAsText };
    },
  };
}

async function send(
  connections: ServiceConnections,
  request: Parameters<HttpClient['sendRequest']>[0],
  timeoutMs: number,
): Promise<ServiceAnswer> {
  const { url, method } = request;
  const body: unknown = request.body;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    const headers = request.headers.rawHeaders();
    const sent = { url, method, headers, signal: stop.signal };
    return await connections.send(typeof body === 'string' ? { ...sent, body } : sent);
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
