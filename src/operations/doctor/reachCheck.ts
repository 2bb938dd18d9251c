import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { ask, jsonOf, type Asked } from './ask.ts';
import { keysAddress } from './botCheck.ts';
import { checkEventGrid, type ReachParts } from './eventGridCheck.ts';
import { found, right, skipped, type Finding } from './findings.ts';

const alive = z.object({ status: z.literal('alive') });
const readiness = z.object({ checks: z.record(z.string(), z.string()) });
const problem = z.object({ code: z.string() });

/** Whether Ringdown is reached at its public address, as Azure Communication Services and the chat would. */
export async function checkReach({ config, publicUrl, now }: ReachParts): Promise<Finding[]> {
  const [keys, health] = await Promise.all([
    checkCallbackKeys(config, now),
    ask(`${publicUrl}/healthz`, now),
  ]);
  const away = checkHealth(publicUrl, health);
  if (away) {
    const events =
      config.eventGridSecret === undefined ? [] : [skipped('event grid', 'Its handshake was not tried.')];
    return [away, skipped('callbacks', 'Callbacks were not tried.'), ...events, ...keys];
  }
  const [events, ready, callback] = await Promise.all([
    checkEventGrid({ config, publicUrl, now }),
    ask(`${publicUrl}/readyz`, now),
    ask(`${publicUrl}/api/callbacks/none/none`, now, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: '[]',
    }),
  ]);
  return [
    right('callbacks', `${publicUrl} is reached from here.`),
    checkReady(ready),
    checkCallback(publicUrl, callback),
    ...events,
    ...keys,
  ];
}

function checkHealth(publicUrl: string, asked: Asked): Finding | null {
  if (asked.kind === 'certificate') {
    return found(
      'publicUrlCertificate',
      `The certificate of ${publicUrl} is not to be trusted (${asked.why}): no callback comes.`,
      `openssl s_client -connect ${new URL(publicUrl).host} -servername ${new URL(publicUrl).hostname}   shows it; have one made by a public authority, with its whole chain`,
    );
  }
  if (asked.kind !== 'answered') {
    return found(
      'publicUrlUnreachable',
      `${publicUrl} does not answer: ${asked.why}. Without callbacks every call seems never to be answered.`,
      'npm start   if Ringdown does not run; else PUBLIC_URL=https://<the name that leads to it>',
    );
  }
  if (asked.status === 200 && alive.safeParse(jsonOf(asked)).success) return null;
  return found(
    'publicUrlOther',
    `Something answers at ${publicUrl} (${asked.status}), and it is not Ringdown.`,
    'PUBLIC_URL=https://<the name that leads to Ringdown>   or have the proxy pass everything on to PORT',
  );
}

function checkReady(asked: Asked): Finding {
  if (asked.kind === 'answered' && asked.status === 200) return right('callbacks', 'Ringdown is ready.');
  const checks = asked.kind === 'answered' ? readiness.safeParse(jsonOf(asked)).data?.checks : undefined;
  const wrong = Object.entries(checks ?? {})
    .filter(([, value]) => value !== 'ok')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  return found(
    'notReady',
    `Ringdown runs, and is not ready: ${wrong || 'it does not say why'}.`,
    'See “Readiness” in docs/operations.md, and its log',
  );
}

/** Ringdown itself refuses a callback without a token: 401, with its own code. */
function checkCallback(publicUrl: string, asked: Asked): Finding {
  const code = asked.kind === 'answered' ? problem.safeParse(jsonOf(asked)).data?.code : undefined;
  if (asked.kind === 'answered' && asked.status === 401 && code === 'unauthorized') {
    return right('callbacks', 'Callbacks come through; one without a token is refused.');
  }
  const what = asked.kind === 'answered' ? `${asked.status} in place of Ringdown’s 401` : asked.why;
  return found(
    'callbacksBlocked',
    `A callback to ${publicUrl}/api/callbacks/… got ${what}.`,
    'Let POST /api/callbacks/* through, without a login page in front, and with its content type application/cloudevents-batch+json',
  );
}

async function checkCallbackKeys({ acs }: Config, now: () => number): Promise<Finding[]> {
  const url = acs.callbackOpenIdUrl;
  const asked = await ask(url, now);
  const document = asked.kind === 'answered' && asked.status === 200 ? jsonOf(asked) : undefined;
  const address = keysAddress(document);
  const keys = address === null ? null : await ask(address, now);
  if (address === null || keys?.kind !== 'answered' || keys.status !== 200) {
    const at = address ?? url;
    const asking = keys ?? asked;
    const why = asking.kind === 'answered' ? `${at} answers ${asking.status}` : `${at}: ${asking.why}`;
    return [
      found(
        'callbackKeysUnreachable',
        `The keys of callbacks cannot be fetched (${why}): no callback is taken.`,
        `curl -s ${url}   must work on this machine: let it through the firewall, or set ACS_CALLBACK_OPENID_URL`,
      ),
    ];
  }
  const issuer = z.object({ issuer: z.string() }).safeParse(document).data?.issuer;
  if (issuer !== undefined && issuer !== acs.callbackIssuer) {
    return [
      found(
        'callbackIssuerDiffers',
        `The service names the issuer ${issuer}; ACS_CALLBACK_ISSUER is ${acs.callbackIssuer}: every callback would be refused.`,
        `ACS_CALLBACK_ISSUER=${issuer}`,
      ),
    ];
  }
  return [right('callbacks', 'The keys of callbacks are there.')];
}
