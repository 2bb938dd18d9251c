import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the time of a signature may be from ours, either way. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * Whether Grafana's signature is valid: a hex HMAC-SHA256 over the bytes as sent, or over `<timestamp>:<bytes>` if the
 * contact point sends a timestamp header. The timestamp (Unix seconds) must then be near our time, which prevents replays.
 * Source: grafana/alerting http/hmac.go.
 */
export function isSignedByGrafana(
  signed: { body: Buffer; signature: string | undefined; timestamp: string | undefined },
  secret: string,
  now: number,
): boolean {
  const { body, signature = '', timestamp } = signed;
  if (!/^[0-9a-f]{64}$/i.test(signature)) return false;
  const hmac = createHmac('sha256', secret);
  if (timestamp !== undefined) {
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - now) > TOLERANCE_MS)
      return false;
    hmac.update(`${timestamp}:`);
  }
  return timingSafeEqual(hmac.update(body).digest(), Buffer.from(signature, 'hex'));
}
