import fc from 'fast-check';

/** Marks fuzzed content: it must never appear in the log. */
export const CANARY = 'zaunkoenig';

/** Values that programs often trip over. */
const STRANGE: readonly unknown[] = [
  CANARY,
  `"${CANARY}\n`,
  { [CANARY]: CANARY },
  null,
  true,
  0,
  -1,
  1e308,
  1.5,
  '',
  ' ',
  [],
  {},
  [[]],
  [null],
  '\u0000',
  '\ud800',
  '\u202e',
  '../../etc/passwd',
  '%00',
  '${process.env.PATH}',
  '<at>Ringdown</at>',
  "'; --",
  '__proto__',
  'constructor',
  'a'.repeat(20_000),
  '9'.repeat(400),
  '2026-13-45T99:99:99Z',
  'NaN',
  { toString: null },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
  Array.from({ length: 500 }, (_, index) => index),
];

const strange = fc.oneof(fc.constantFrom(...STRANGE), fc.jsonValue({ maxDepth: 3 }));

/** Any JSON. */
export const nonsense = fc.oneof(fc.jsonValue({ maxDepth: 4 }), strange);

/** A valid body with one to four members anywhere in it replaced, removed, duplicated or added. */
export function spoiled(body: object): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'add', 'double'),
    name: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'id', 'type', 'user', 'verb', 'c')),
    value: strange,
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    const root = { body: structuredClone(body) as unknown };
    for (const { at, how, name, value } of changes) {
      const places = placesOf(root);
      const place = places[at % places.length];
      if (!place) continue;
      const [holder, key] = place;
      if (how === 'remove') Reflect.deleteProperty(holder, key);
      else if (how === 'replace') define(holder, key, structuredClone(value));
      else if (how === 'double') define(holder, key, [Reflect.get(holder, key), Reflect.get(holder, key)]);
      else {
        const inner: unknown = Reflect.get(holder, key);
        // The members of a list are its items: `length` would be rejected.
        if (Array.isArray(inner)) inner.push(structuredClone(value));
        else if (typeof inner === 'object' && inner !== null) define(inner, name, structuredClone(value));
      }
    }
    return root.body;
  });
}

/** Copies of the body, one per string, each with one string that PostgreSQL rejects: NUL, or half a surrogate pair. */
export function unstorable(body: object): [unknown][] {
  const places = placesOf({ body });
  return places.flatMap(([holder, key], nth) => {
    const text: unknown = Reflect.get(holder, key);
    if (typeof text !== 'string') return [];
    return ['\0', '\ud800'].map((part): [unknown] => {
      const root = { body: structuredClone(body) };
      const place = placesOf(root)[nth];
      if (place) define(...place, text + part);
      return [root.body];
    });
  });
}

/** Also defines `__proto__` as an ordinary member, as JSON.parse does. */
const define = (holder: object, key: string, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
};

/** Every member, at any depth. */
function placesOf(holder: object): [holder: object, key: string][] {
  return Object.keys(holder).flatMap((key): [object, string][] => {
    const inner: unknown = Reflect.get(holder, key);
    const deeper = typeof inner === 'object' && inner !== null ? placesOf(inner) : [];
    return [[holder, key], ...deeper];
  });
}

/** As sent by clients, including invalid and truncated JSON. */
export function sent(body: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = body.map((value) => JSON.stringify(value) ?? 'undefined');
  return fc.oneof(
    { weight: 6, arbitrary: text },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat(200)).map(([whole, end]) => whole.slice(0, end)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((any) => any.toWellFormed()) },
  );
}
