import { guid } from '../../config/guids.ts';
import { RingdownError } from '../../errors.ts';

/** The placeholders for a secret, for personal data, and for what an error message quoted. */
const SECRET = '[redacted]';
const PERSONAL = '[personal]';
const QUOTED = '…';

/** Names of members that hold a secret. Letters only, in lower case: `access_token` is `accesstoken`. */
const SECRET_MEMBERS =
  /^(?:authorization|cookie|setcookie|password|passwd|pwd|.*secrets?|.*tokens?|accesskey|apikey|.*signature|callbackuri|callbackurl|connectionstring|databaseurl|url|uri)$/;

/**
 * Names of members that hold a person's name or address, or what somebody wrote. Ids stay, so that lines can be
 * found.
 */
const PERSONAL_MEMBERS =
  /^(?:displayname|givenname|surname|jobtitle|userprincipalname|upn|mail|email|phone|phonenumber|mobilephone|people|person?name|byname|caller|callee|summary|details|message|text|note)$/;

/** JSON leaves these characters unescaped, and some log readers take them for line breaks or control codes. */
const BREAKS = /[\u007f-\u009f\u2028\u2029]/g;

/** How deep a logged object is traversed, and how many items of a list are logged. */
const MAX_DEPTH = 6;
const MAX_ITEMS = 20;
const MAX_TEXT = 1_000;

/*
 * Patterns that are applied to the whole line. None matches a quote or a backslash, so a JSON line stays valid JSON.
 */
const RULES: readonly [pattern: RegExp, instead: string][] = [
  // Somebody with a call's secret and a token of the service can forge its events; a talk link works once.
  [/(\bcallbacks\/+[^/\s"\\]{1,100}\/)[^\s"\\?#'<>)\]},]+/gi, '$1…'],
  // Calendars: our own, and the private addresses of others (Google's are below /calendar/ical/ too).
  [/(\/ical\/)[^\s"\\?#'<>)\]},]+/gi, '$1…'],
  [/(\/talk\/)[^\s"\\?#'<>)\]},]+/gi, '$1…'],
  // Query strings: tokens of Event Grid and integrations, searches for people.
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"\\?'<>]{1,500})\?[^\s"\\'<>)]+/gi, '$1?…'],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s"\\/@'<>]{1,300}@/gi, '$1…@'],
  [/\b(Bearer|Basic|HMAC-SHA256)\s+(?!error|scheme)[A-Za-z0-9+/_=.~-]{6,}/g, `$1 ${SECRET}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, SECRET],
  [
    /\b((?:shared)?access[_-]?key(?:name)?|account[_-]?key|api[_-]?key|password|passwd|pwd|client[_-]?secret|secret|[a-z_]{0,20}token|client[_-]?assertion|sig|signature)=[^&\s"\\;,)]+/gi,
    `$1=${SECRET}`,
  ],
  // Mail addresses and user principal names, but not Teams conversation ids (19:…@thread.v2, 19:…@unq.gbl.spaces).
  [
    /[\p{L}\p{N}._%+#-]{1,64}(?:@|%40)(?!thread\.|unq\.)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,6}/giu,
    PERSONAL,
  ],
  // Phone numbers in international form, in any grouping.
  [/(?<![\w.])(?:\+|%2B)[1-9](?:[ ().\u00a0/-]{0,2}\d){6,14}(?!\w)/gi, PERSONAL],
];

/**
 * Removes secrets and personal data from a text. A JSON line stays valid JSON.
 *
 * @param secrets values that must not appear, wherever they come from; those shorter than six characters are ignored
 */
export function createRedaction(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 6)
    .flatMap((secret) => [inJson(secret), inJson(encodeURIComponent(secret)), inForm(secret)]);
  // Longest first: replace a connection string before the key inside it.
  const hidden = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  return (text) => {
    const known = hidden.reduce((rest, secret) => rest.replaceAll(secret, SECRET), text);
    const plain = RULES.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), known);
    return plain.replaceAll(
      BREAKS,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  };
}

/** The value as it appears inside a JSON string. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const inForm = (text: string): string => inJson(new URLSearchParams([['', text]]).toString().slice(1));

/** The members of a log line: errors as `plainError` gives them; secrets and personal data removed by member name. */
export function plainMembers(members: Record<string, unknown>): Record<string, unknown> {
  const plain: unknown = plainValue(members, 0);
  return typeof plain === 'object' && plain !== null ? { ...plain } : {};
}

function plainValue(value: unknown, depth: number): unknown {
  if (value instanceof Error) return plainError(value);
  if (typeof value === 'string') return value.slice(0, MAX_TEXT);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return QUOTED;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => plainValue(item, depth + 1));
  if (value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, member]) => [name, named(name, member, depth)]),
  );
}

function named(name: string, value: unknown, depth: number): unknown {
  // Anything can be thrown; treat a string like an error message.
  if (name === 'err') return plainError(value);
  const letters = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (value === null || value === undefined) return value;
  if (SECRET_MEMBERS.test(letters)) return SECRET;
  if (PERSONAL_MEMBERS.test(letters)) return PERSONAL;
  return plainValue(value, depth + 1);
}

/**
 * The loggable form of an error: its type, code, stack and causes. Other properties are dropped, because libraries
 * attach requests with headers and bodies, or queries with values. Quoted parts of the message are removed: they are
 * what somebody typed or stored.
 */
function plainError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) {
    return typeof error === 'string' ? { message: withoutQuotes(error) } : { message: typeof error };
  }
  const { name, stack, cause } = error;
  const more: Record<string, unknown> = {};
  for (const key of [
    'code',
    'statusCode',
    'status',
    'graphCode',
    'subCode',
    'errno',
    'syscall',
    'severity',
  ]) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'number' || (typeof value === 'string' && /^[\w.:-]{1,100}$/.test(value))) {
      more[key] = value;
    }
  }
  const frames = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12);
  const several: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  const causes = [...several.slice(0, 4), ...(cause === undefined ? [] : [cause])];
  return {
    type: name,
    message: messageOf(error),
    ...more,
    stack: frames.join('\n'),
    ...(causes.length > 0 && depth < 4 ? { causes: causes.map((one) => plainError(one, depth + 1)) } : {}),
  };
}

function messageOf(error: Error): string {
  // The detail is meant for the requester, and may name people.
  if (error instanceof RingdownError) return error.kind.title;
  if ('issues' in error && Array.isArray(error.issues)) {
    return error.issues.slice(0, MAX_ITEMS).map(issueInWords).join('; ');
  }
  return withoutQuotes(error.message);
}

/** For zod: the path and the rule, without the message. */
function issueInWords(issue: unknown): string {
  if (typeof issue !== 'object' || issue === null) return '';
  const path: unknown = 'path' in issue ? issue.path : [];
  const code: unknown = 'code' in issue ? issue.code : '';
  return `${Array.isArray(path) ? path.map(String).join('.') : ''}: ${String(code)}`;
}

/** Quoted text is what somebody typed or stored. Table names (`call_timeline`) and GUIDs stay. */
function withoutQuotes(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replaceAll(
      /((?:relation|table|column|constraint|index|schema|type) )?(["“„`])([^"“”„`\n]*)(["”“`]|$)/g,
      (whole, what: string | undefined, open: string, inner: string, close: string) =>
        isWordOfPrograms(inner) || (what && /^[a-z_]+$/.test(inner))
          ? whole
          : `${what ?? ''}${open}${QUOTED}${close}`,
    )
    .replaceAll(/(?<![\p{L}\p{N}])'([^'\n]*)'(?![\p{L}\p{N}])/gu, (_whole, inner: string) =>
      isWordOfPrograms(inner) ? `'${inner}'` : `'${QUOTED}'`,
    );
}

const wordOfPrograms = new RegExp(`^(?:[a-z0-9]+(?:_[a-z0-9]+)+|${guid}|[0-9.]{1,15})$`);

function isWordOfPrograms(text: string): boolean {
  return wordOfPrograms.test(text);
}
