import { errors, type JWTPayload } from 'jose';
import { isSameIdentifier } from '../config/guids.ts';

/**
 * Checks the audience or the issuer of a token. jose compares exactly, but GUIDs are case-insensitive.
 *
 * @throws JWTClaimValidationFailed
 */
export function requireClaim(payload: JWTPayload, name: 'aud' | 'iss', ...wanted: readonly string[]): void {
  const claimed = payload[name] ?? [];
  const values = Array.isArray(claimed) ? claimed : [claimed];
  if (values.some((value) => typeof value === 'string' && wanted.some((one) => isSameIdentifier(value, one))))
    return;
  throw new errors.JWTClaimValidationFailed(
    `unexpected "${name}" claim value`,
    payload,
    name,
    'check_failed',
  );
}
