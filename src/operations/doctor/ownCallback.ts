import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { callbackRoute } from '../../http/routes/callbacks.ts';
import { createHttpServer } from '../../http/server.ts';
import { createLog } from '../logging/log.ts';
import { createCallbackTokens } from '../../telephony/callbackTokens.ts';
import { ask } from './ask.ts';
import { found, passed, type Finding } from './findings.ts';

const KEYS_URL = 'https://keys.invalid/keys';
const KEY_ID = 'doctor';
const CLOUD_EVENTS = 'application/cloudevents-batch+json';

/**
 * Sends a callback to itself as the service would: through the same route, with a token for this resource from the
 * configured issuer. Only the keys are the doctor's own, because only the service can sign with its keys.
 *
 * @param resourceId in the service's spelling
 */
export async function checkOwnCallback(
  { acs }: Pick<Config, 'acs'>,
  resourceId: string,
  clock: Clock,
): Promise<Finding> {
  const log = createLog('silent', []);
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const documents: Record<string, object> = {
    [acs.callbackOpenIdUrl]: { jwks_uri: KEYS_URL },
    [KEYS_URL]: { keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID }] },
  };
  const tokens = createCallbackTokens({
    openIdUrl: acs.callbackOpenIdUrl,
    issuer: acs.callbackIssuer,
    audience: acs.resourceId,
    fetch: async (url) => Response.json(typeof url === 'string' ? documents[url] : null),
    clock,
    log,
  });
  let taken = 0;
  const storeEvents = async (_call: string, _secret: string, events: unknown[]): Promise<'taken'> => {
    taken += events.length;
    return 'taken';
  };
  const server = createHttpServer({ log, routes: [callbackRoute({ tokens, storeEvents })] });
  try {
    const { port } = await server.listen('127.0.0.1', 0);
    const now = Math.floor(clock.now() / 1000);
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
      .setIssuer(acs.callbackIssuer)
      .setAudience(resourceId)
      .setExpirationTime(now + 60)
      .sign(privateKey);
    const asked = await ask(`http://127.0.0.1:${port}/api/callbacks/doctor/doctor`, () => clock.now(), {
      method: 'POST',
      headers: { 'content-type': CLOUD_EVENTS, authorization: `Bearer ${token}` },
      body: JSON.stringify([{ id: 'doctor', type: 'Microsoft.Communication.CallConnected' }]),
    });
    if (asked.kind === 'answered' && asked.status === 200 && taken === 1) {
      return passed('callbacks', 'A callback with a token for this resource is accepted.');
    }
    const what = asked.kind === 'answered' ? `gets ${asked.status}` : `fails: ${asked.why}`;
    return found(
      'callbackRefused',
      `A callback with a token for the resource ${resourceId} ${what}.`,
      `ACS_RESOURCE_ID=${resourceId}   and ACS_CALLBACK_ISSUER as in .env.example`,
    );
  } finally {
    await server.close(0);
  }
}
