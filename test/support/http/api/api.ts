import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { API_KEY, type World } from '../../world.ts';

/** The hash of a key, for the configuration. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export interface Asked {
  body?: unknown;
  /** Null sends no key. Default: a key with all rights. */
  key?: string | null;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
  /** The `code` of a problem document. */
  code: string | null;
}

/**
 * Sends an API request. Every answer, and every accepted body, must match GET /openapi.json.
 */
export async function ask(
  { url }: Pick<World, 'url'>,
  method: 'GET' | 'POST',
  path: string,
  { body, key = API_KEY, headers = {} }: Asked = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const sent = await response.text();
  const answer: unknown = sent ? JSON.parse(sent) : null;
  const document = await descriptionOf(url);
  const described = document.operation(method, path);
  if (described) {
    const type = response.headers.get('content-type') ?? '';
    const name = `${method} ${described.path} ${response.status}`;
    document.check(
      answer,
      [...described.pointer, 'responses', String(response.status), 'content', type, 'schema'],
      name,
    );
    if (response.ok && body !== undefined) {
      const at = [...described.pointer, 'requestBody', 'content', 'application/json', 'schema'];
      document.check(body, at, `the body of ${name}`);
    }
  }
  const code = member(answer, 'code');
  return {
    status: response.status,
    headers: response.headers,
    body: answer,
    code: response.status >= 400 && typeof code === 'string' ? code : null,
  };
}

/** A member of an answer, by path: `items.0.id`. */
export function member(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
      value,
    );
}

/** The members of an object, by name. */
export function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** A string member. */
export function text(answer: Answer, path: string): string {
  const value = member(answer.body, path);
  assert.equal(typeof value, 'string', `${path} of ${JSON.stringify(answer.body)}`);
  return String(value);
}

/** A list member. */
export function list(answer: Answer, path: string): unknown[] {
  const value = member(answer.body, path);
  assert.ok(Array.isArray(value), `${path} of ${JSON.stringify(answer.body)}`);
  return value;
}

type Pointer = readonly string[];

interface Description {
  document: unknown;
  operation(method: string, path: string): { path: string; pointer: Pointer } | null;
  check(value: unknown, at: Pointer, what: string): void;
}

const descriptions = new Map<string, Promise<Description>>();

/** The server's description of itself. */
export async function descriptionOf(url: string): Promise<Description> {
  const known = descriptions.get(url) ?? describedBy(url);
  descriptions.set(url, known);
  return await known;
}

/** Cached by its text: most servers have the same description, and parsing it takes longer than a test. */
const read = new Map<string, Description>();

async function describedBy(url: string): Promise<Description> {
  const body = await (await fetch(`${url}/openapi.json`)).text();
  const description = read.get(body) ?? descriptionIn(JSON.parse(body));
  read.set(body, description);
  return description;
}

function descriptionIn(document: unknown): Description {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(Object.fromEntries(membersOf(document)), 'openapi');
  const checks = new Map<string, ValidateFunction>();
  const paths = membersOf(member(document, 'paths')).map(([name]) => name);
  return {
    document,
    operation(method, path) {
      const wanted = path.split('?', 1)[0] ?? '';
      const found = paths.find((one) => new RegExp(`^${one.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(wanted));
      if (found === undefined) return null;
      return { path: found, pointer: ['paths', found, method.toLowerCase()] };
    },
    check(value, at, what) {
      const there = at.reduce<unknown>(
        (whole, name) => (typeof whole === 'object' && whole !== null ? Reflect.get(whole, name) : undefined),
        document,
      );
      assert.notEqual(there, undefined, `the description does not have ${what} (${at.join(' ')})`);
      const $ref = `openapi#/${at.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
      const validate = checks.get($ref) ?? ajv.compile({ $ref });
      checks.set($ref, validate);
      assert.ok(validate(value), `${what}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(value)}`);
    },
  };
}
