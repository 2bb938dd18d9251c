import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { ask, jsonOf, type Asked } from './ask.ts';
import { keysAddress } from './botCheck.ts';
import { checkEventGrid, type ReachParts } from './eventGridCheck.ts';
import { found, passed, skipped, type Finding } from './findings.ts';

const alive = z.object({ status: z.literal('alive') });
const readiness = z.object({ checks: z.record(z.string(), z.string()) });
const problem = z.object({ code: z.string() });

/** Checks whether Ringdown can be reached at its public address, as Communication Services and the chat would. */
export async function checkReach({ config, publicUrl, now }: ReachParts): Promise<Finding[]> {
  const [keys, health] = await Promise.all([
    checkCallbackKeys(config, now),
    ask(`${publicUrl}/healthz`, now),
  ]);
  const away = checkHealth(publicUrl, health);
  if (away) {
    const events =
      config.eventGridSecret === undefined ? [] : [skipped('event grid', 'The handshake was not tried.')];
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
    passed('callbacks', `${publicUrl} can be reached from here.`),
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
      `The certificate of ${publicUrl} is not trusted (${asked.why}): no callbacks will arrive.`,
      `openssl s_client -connect ${new URL(publicUrl).host} -servername ${new URL(publicUrl).hostname}   shows it; use one from a public certificate authority, with the whole chain`,
    );
  }
  if (asked.kind !== 'answered') {
    return found(
      'publicUrlUnreachable',
      `${publicUrl} does not answer: ${asked.why}. Without callbacks every call looks unanswered.`,
      'npm start   if Ringdown is not running; otherwise PUBLIC_URL=https://<its public name>',
    );
  }
  if (asked.status === 200 && alive.safeParse(jsonOf(asked)).success) return null;
  return found(
    'publicUrlOther',
    `Something other than Ringdown answers at ${publicUrl} (${asked.status}).`,
    'PUBLIC_URL=https://<Ringdown’s public name>   or make the proxy forward everything to PORT',
  );
}

function checkReady(asked: Asked): Finding {
  if (asked.kind === 'answered' && asked.status === 200) return passed('callbacks', 'Ringdown is ready.');
  const checks = asked.kind === 'answered' ? readiness.safeParse(jsonOf(asked)).data?.checks : undefined;
  const wrong = Object.entries(checks ?? {})
    .filter(([, value]) => value !== 'ok')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  return found(
    'notReady',
    `Ringdown runs but is not ready: ${wrong || 'it does not say why'}.`,
    'See “Readiness” in docs/operations.md, and its log',
  );
}

/** Ringdown itself refuses a callback without a token: 401 with its own code. */
function checkCallback(publicUrl: string, asked: Asked): Finding {
  const code = asked.kind === 'answered' ? problem.safeParse(jsonOf(asked)).data?.code : undefined;
  if (asked.kind === 'answered' && asked.status === 401 && code === 'unauthorized') {
    return passed('callbacks', 'Callbacks arrive; one without a token is refused.');
  }
  const what = asked.kind === 'answered' ? `${asked.status} instead of Ringdown’s 401` : asked.why;
  return found(
    'callbacksBlocked',
    `A callback to ${publicUrl}/api/callbacks/… got ${what}.`,
    'Allow POST /api/callbacks/* without a login page, and with the content type application/cloudevents-batch+json',
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
        `The keys that verify callbacks cannot be fetched (${why}): no callback is accepted.`,
        `curl -s ${url}   must work on this machine: allow it in the firewall, or set ACS_CALLBACK_OPENID_URL`,
      ),
    ];
  }
  const issuer = z.object({ issuer: z.string() }).safeParse(document).data?.issuer;
  if (issuer !== undefined && issuer !== acs.callbackIssuer) {
    return [
      found(
        'callbackIssuerDiffers',
        `The service’s issuer is ${issuer}, but ACS_CALLBACK_ISSUER is ${acs.callbackIssuer}: every callback would be refused.`,
        `ACS_CALLBACK_ISSUER=${issuer}`,
      ),
    ];
  }
  return [passed('callbacks', 'The keys that verify callbacks can be fetched.')];
}
