import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'X-Ringdown-Signature';

/**
 * `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, a `v1` for each secret, so that one can be replaced while
 * the other still holds. Receivers refuse old times, which bars replays.
 */
export function signatureOf(body: string, secrets: readonly string[], now: number): string {
  const time = Math.floor(now / 1000);
  const marks = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`,
  );
  return [`t=${time}`, ...marks].join(',');
}
