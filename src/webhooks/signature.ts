import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'X-Ringdown-Signature';

/**
 * `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`. There is a `v1` for each secret, so that a secret can be
 * replaced while the other one is still valid. Receivers refuse old times, to prevent replays.
 *
 * @param now epoch milliseconds
 */
export function signatureOf(body: string, secrets: readonly string[], now: number): string {
  const time = Math.floor(now / 1000);
  const marks = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`,
  );
  return [`t=${time}`, ...marks].join(',');
}
