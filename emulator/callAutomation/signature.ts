import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { EmulatorRequest } from '../http/router.ts';
import { denied } from './errors.ts';

const toleranceMs = 5 * 60_000;
const pattern = /^HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=([A-Za-z0-9+/=]+)$/;

export interface SignatureCheck {
  /** Base64, as in the connection string. */
  accessKey: string;
  /** The time to compare `x-ms-date` with. Epoch milliseconds. */
  now: () => number;
}

/**
 * Verifies the HMAC of a request as Azure Communication Services does (SDK, communicationAccessKeyCredentialPolicy).
 * Five minutes of tolerated skew are unconfirmed; other Azure services do so.
 * @throws Refusal 401
 */
export function checkSignature(request: EmulatorRequest, { accessKey, now }: SignatureCheck): void {
  const { headers } = request;
  const date = headers['x-ms-date'];
  const signature = pattern.exec(headers['authorization'] ?? '')?.[1];
  if (signature === undefined || date === undefined) {
    throw denied('Authorization must be HMAC-SHA256 over x-ms-date, host and x-ms-content-sha256.');
  }
  const sentAt = Date.parse(date);
  if (Number.isNaN(sentAt) || Math.abs(now() - sentAt) > toleranceMs) {
    throw denied('x-ms-date is more than five minutes off.');
  }
  const contentHash = createHash('sha256').update(request.body).digest('base64');
  if (headers['x-ms-content-sha256'] !== contentHash) {
    throw denied('x-ms-content-sha256 does not match the body.');
  }
  const query = request.url.searchParams.toString();
  const path = query === '' ? request.url.pathname : `${request.url.pathname}?${query}`;
  const stringToSign = `${request.method}\n${path}\n${date};${headers['host'] ?? ''};${contentHash}`;
  const expected = createHmac('sha256', Buffer.from(accessKey, 'base64'))
    .update(stringToSign, 'utf8')
    .digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw denied('The signature does not match.');
  }
}
