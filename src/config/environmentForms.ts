import { parseConnectionString } from '@azure/communication-common';
import { z } from 'zod';
import { guidPattern } from './guids.ts';
import { originProblem, parseUrl, safeUrl, sha256Hex, text } from './rules.ts';

/* The forms of environment variables. As in rules.ts, no message contains the value. */

export const list = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const number = (minimum: number, maximum: number) => {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return text(error, /^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, { error });
};

export const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

export const yesOrNo = () => choice(['true', 'false']).transform((value) => value === 'true');

export const appType = z.enum(['SingleTenant', 'UserAssignedMSI'], {
  error: ({ input }) =>
    input === 'MultiTenant'
      ? 'must be SingleTenant or UserAssignedMSI: Azure has created no MultiTenant bots since July 2025, and ' +
        'a multi-tenant bot accepts messages from every tenant'
      : 'must be exactly SingleTenant or UserAssignedMSI: the Bot Framework treats any other value as MultiTenant',
});

/** Uses the SDK's own parser, so that what passes here does not fail there. */
export const connectionString = z.string().transform((value, context) => {
  const fault = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let parsed: ReturnType<typeof parseConnectionString>;
  try {
    parsed = parseConnectionString(value);
  } catch {
    // The SDK's message repeats the key.
    return fault('must have the form endpoint=…;accesskey=…, in this order');
  }
  const url = parseUrl(parsed.endpoint);
  const problem = originProblem(url);
  if (url === undefined || problem !== undefined) return fault(`its endpoint ${problem}`);
  const accessKey = parsed.credential.key;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(accessKey)) return fault('its accesskey must be Base64');
  return { endpoint: url.origin, accessKey, connectionString: value };
});

export const apiKeys = text('must be name:hash pairs, separated by commas').transform((value, context) => {
  const keys = list(value).map((pair) => {
    const colon = pair.lastIndexOf(':');
    return { name: pair.slice(0, Math.max(colon, 0)).trim(), hash: pair.slice(colon + 1).trim() };
  });
  const fault = (position: number, problem: string) =>
    context.addIssue({ code: 'custom', message: `key ${position + 1}: ${problem}` });
  const names = new Set<string>();
  const hashes = new Set<string>();
  return keys.map(({ name, hash }, position) => {
    if (!/^[\w.-]{1,64}$/.test(name)) {
      fault(position, 'must be name:hash, the name of letters, digits, dot, dash and underscore');
    }
    const parsed = sha256Hex().safeParse(hash);
    if (!parsed.success) fault(position, parsed.error.issues[0]?.message ?? '');
    const sha256 = parsed.data ?? '';
    if (names.has(name)) fault(position, 'its name is used twice');
    if (sha256 !== '' && hashes.has(sha256)) fault(position, 'its hash is used twice');
    names.add(name);
    hashes.add(sha256);
    return { name, hash: sha256 };
  });
});

export const insightsConnectionString = z.string().superRefine((value, context) => {
  const parts = new Map(
    value.split(';').map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, Math.max(at, 0)).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
  const endpoint = parts.get('ingestionendpoint');
  const problem = guidPattern.test(parts.get('instrumentationkey') ?? '')
    ? safeUrl().optional().safeParse(endpoint).error && 'its IngestionEndpoint must be an https address'
    : 'must have the form InstrumentationKey=<GUID>;IngestionEndpoint=https://…';
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export const databaseUrl = z.string().superRefine((value, context) => {
  const message = value === 'memory:' ? undefined : databaseUrlProblem(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** No message contains any part of the value: where a password is not encoded, any part may belong to it. */
function databaseUrlProblem(value: string): string | undefined {
  const form = /^postgres(?:ql)?:\/\/(?:(.*)@)?/s.exec(value);
  if (form === null) return 'must be a postgres:// address, memory: or empty';
  if (!isEncoded(form[1] ?? '')) {
    return (
      'has a character in its user name or password that must be encoded (@ / ? # % [ ] or a space): ' +
      "node -p 'encodeURIComponent(process.argv[1])' '…' encodes it; or set the unencoded password in PGPASSWORD"
    );
  }
  const url = parseUrl(value);
  if (url === undefined) return 'must be a postgres:// address, memory: or empty';
  const sslMode = url.searchParams.get('sslmode');
  if (sslMode !== null && !sslModes.includes(sslMode))
    return `must have an sslmode of ${sslModes.join(', ')}`;
  return undefined;
}

function isEncoded(userInfo: string): boolean {
  try {
    decodeURIComponent(userInfo);
  } catch {
    return false;
  }
  return !/[@/?#[\]\\\s]/.test(userInfo);
}

export const graphRoot = safeUrl()
  .refine((value) => !/\/(v1\.0|beta)\/?$|[?#]/i.test(value), {
    error: "must be Graph's root, without the version",
  })
  .transform((value) => value.replace(/\/$/, ''));
