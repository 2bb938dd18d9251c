import { LRUCache } from 'lru-cache';
import { LineCounter, parseDocument } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import { z } from 'zod';
import { ConfigFaults } from './faults.ts';
import type { ConfigFault } from './faults.ts';
import { nearestWord } from './nearWord.ts';
import { examples, ringdownSchema } from './ringdownSchema.ts';
import type { KnownNames, RingdownYaml } from './ringdownSchema.ts';
import { firstAlias, offsetAt, prepare, renameKey } from './yamlTree.ts';
import type { Found, Path } from './yamlTree.ts';

/**
 * Parses ringdown.yaml. `${NAME}` in a value is replaced by the environment variable, always as text. Merge keys are
 * supported, and top-level keys that begin with `x-` are ignored. An empty file is valid.
 * @throws ConfigFaults listing every fault with file, line, column and path
 */
export function readRingdownYaml(
  source: string,
  env: Readonly<Record<string, string | undefined>>,
  fileName = 'ringdown.yaml',
): RingdownYaml {
  const lines = new LineCounter();
  // prettyErrors would quote the file in the message, including secrets.
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, merge: true });
  const found = faultsOfSyntax([...document.errors, ...document.warnings], source, lines);
  let file: RingdownYaml | undefined;
  if (found.length === 0) {
    const { found: prepared, repaired } = prepare(document, env);
    const read = readDocument(document);
    file = read.file;
    // Do not report what merely follows from a fault that is already reported.
    found.push(...prepared, ...read.found.filter(({ offset }) => !repaired.has(offset)));
  }
  if (file !== undefined && found.length === 0) return file;
  const faults = found
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ path, offset, problem, example }): ConfigFault => {
      const { line, col } = lines.linePos(offset);
      return {
        name: `${fileName}:${line}:${col} ${pathWords(path)}`.trimEnd(),
        problem,
        example: example ?? '',
      };
    });
  throw new ConfigFaults(faults);
}

/** The parser's faults, only the first of each line, because the others mostly follow from it. */
function faultsOfSyntax(errors: readonly YAMLError[], source: string, lines: LineCounter): Found[] {
  const byLine = new Map<number, Found>();
  for (const { code, message, pos } of errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const [offset] = pos;
    const { line } = lines.linePos(offset);
    if (byLine.has(line)) continue;
    const unquoted = source.slice(offset - 1, offset + 1) === '${';
    byLine.set(line, {
      path: [],
      offset,
      problem: unquoted ? '${NAME} must be in quotes here' : syntaxProblem(code, message),
      ...(unquoted ? { example: '"${HOOK_SECRET}"' } : {}),
    });
  }
  return [...byLine.values()];
}

/** The parser's message, reworded where it is unclear, and without what it quotes from the file. */
function syntaxProblem(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is used twice';
  if (code === 'MULTIPLE_DOCS') return 'the file must contain only one document';
  return `is not valid YAML: ${message.replace(/: ".*$/s, '')}`;
}

/**
 * Validates the document. A misspelt key is reported, and the document is then read as if it were spelt correctly: so
 * it causes no further faults, and the entries below it are checked too.
 */
function readDocument(document: Document): { file: RingdownYaml | undefined; found: Found[] } {
  const found: Found[] = [];
  for (;;) {
    const raw = plain(document);
    if ('problem' in raw) {
      return {
        file: undefined,
        found: [...found, { path: [], offset: firstAlias(document), problem: raw.problem }],
      };
    }
    const schema = schemaFor(namesIn(raw.value));
    const parsed = schema.safeParse(raw.value);
    const issues = [...repeated(raw.value), ...(parsed.error?.issues.flatMap(flatten) ?? [])];
    const misspelt = issues.flatMap((issue) => asMisspelt(schema, raw.value, issue));
    for (const { path, near } of misspelt) {
      const problem = `is unknown here; did you mean ${near}?`;
      found.push({ path, offset: offsetAt(document, path, true), problem });
    }
    if (misspelt.length === 0) {
      for (const { path, problem, atKey } of issues) {
        const offset = offsetAt(document, path, atKey);
        found.push({ path, offset, problem, example: exampleAt(schema, path) });
      }
      return { file: parsed.data && withLanguages(withCalendars(parsed.data)), found };
    }
    for (const { path, near } of misspelt) renameKey(document, path, near);
  }
}

/** Building a schema takes longer than reading a file with it. */
const schemas = new LRUCache<string, ReturnType<typeof ringdownSchema>>({ max: 20 });

function schemaFor(names: KnownNames): ReturnType<typeof ringdownSchema> {
  const key = JSON.stringify(names);
  const schema = schemas.get(key) ?? ringdownSchema(names);
  schemas.set(key, schema);
  return schema;
}

/** Policies without a language get the file's. */
function withLanguages(file: RingdownYaml): RingdownYaml {
  const { language } = file;
  if (language === undefined) return file;
  const policies = Object.entries(file.policies).map(
    ([name, policy]) => [name, { language, ...policy }] as const,
  );
  return { ...file, policies: Object.fromEntries(policies) };
}

/** Calendars that targets name become rotations, so that covers, plans and rights know them as such. */
function withCalendars(file: RingdownYaml): RingdownYaml {
  const found: RingdownYaml['rotations'] = {};
  const stripped = (target: Target): Target => {
    if ('calendar' in target) {
      found[target.rotation] = target.calendar;
      return { rotation: target.rotation };
    }
    if (!('shifts' in target) || !target.fallback) return target;
    const { shifts, fallback } = target;
    return { shifts, fallback: 'calendar' in fallback ? strippedFallback(fallback) : fallback };
  };
  const strippedFallback = ({ rotation, calendar }: { rotation: string; calendar: Calendar }) => {
    found[rotation] = calendar;
    return { rotation };
  };
  const policies = Object.entries(file.policies).map(([name, policy]) => {
    const steps = policy.steps.map((step) => ({ ...step, targets: step.targets.map(stripped) }));
    const test = policy.test?.map(stripped);
    return [name, { ...policy, steps, ...(test ? { test } : {}) }] as const;
  });
  return { ...file, policies: Object.fromEntries(policies), rotations: { ...found, ...file.rotations } };
}

type Target = RingdownYaml['policies'][string]['steps'][number]['targets'][number];
type Calendar = Extract<RingdownYaml['rotations'][string], { ical: string }>;

/** The key that an unknown key was probably meant to be, unless the object already has it. */
function asMisspelt(schema: z.ZodType, raw: unknown, issue: Issue): { path: Path; near: string }[] {
  const { path, unknownKey } = issue;
  const key = path.at(-1);
  if (!unknownKey || typeof key !== 'string') return [];
  const around = path.slice(0, -1);
  const group = around.reduce<unknown>((value, step) => memberOf(value, step), raw);
  const known = rulesAt(schema, around).flatMap((rule) =>
    rule instanceof z.ZodObject ? Object.keys(rule.shape) : [],
  );
  const near = nearestWord(
    key,
    known.filter((name) => !isGroup(group) || !Object.hasOwn(group, name)),
  );
  return near === undefined ? [] : [{ path, near }];
}

function memberOf(value: unknown, step: PropertyKey): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isGroup(value) && Object.hasOwn(value, step) ? value[String(step)] : undefined;
}

/** How often the content of an anchor may occur in the file. Nested aliases are multiplied. */
const MAX_ALIASES = 5000;

/** The document as plain values, without `x-` keys. An empty document is an empty object. */
function plain(document: Document): { value: unknown } | { problem: string } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
    if (!isGroup(value)) return { value };
    return { value: Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-'))) };
  } catch {
    return { problem: 'nests too many aliases (*name): expanding them would exhaust the memory' };
  }
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The names that the file defines. Read before the schema is applied, so that an invalid entry still counts as a
 * known name. Null: the section itself is invalid, so its names are unknown.
 */
function namesIn(raw: unknown) {
  const keysOf = (section: string) => {
    const value = isGroup(raw) ? raw[section] : undefined;
    if (isGroup(value)) return Object.keys(value);
    return value === undefined ? [] : null;
  };
  return {
    policies: keysOf('policies'),
    rotations: keysOf('rotations'),
    voiceApps: keysOf('voiceApps'),
    phoneCountries: phoneCountriesIn(raw),
  };
}

function phoneCountriesIn(raw: unknown): string[] | null {
  const countries = ['permissions', 'phones', 'countries'].reduce<unknown>(memberOf, raw);
  if (countries === undefined) return [];
  if (!Array.isArray(countries)) return null;
  return countries.flatMap((one: unknown) => (typeof one === 'string' ? [one.toUpperCase()] : []));
}

interface Issue {
  path: Path;
  problem: string;
  /** The fault is about the key, not its value. */
  atKey?: true;
  /** The schema has no such key. */
  unknownKey?: true;
}

/** Duplicate names and hashes. Requests are matched to a key by its hash, so each must be unique. */
function repeated(raw: unknown): Issue[] {
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const [section, ...keys] of [
    ['apiKeys', 'name', 'hash'],
    ['integrations', 'name', 'hash'],
    ['heartbeats', 'name'],
  ] as const) {
    const entries = isGroup(raw) ? raw[section] : undefined;
    if (!Array.isArray(entries)) continue;
    for (const [index, entry] of entries.entries()) {
      for (const key of keys) {
        const value: unknown = isGroup(entry) ? entry[key] : undefined;
        if (typeof value !== 'string') continue;
        const mark = key === 'hash' ? `hash ${value.toLowerCase()}` : `${section} ${value}`;
        if (seen.has(mark))
          issues.push({ path: [section, index, key], problem: `this ${key} is used twice` });
        seen.add(mark);
      }
    }
  }
  return issues;
}

/** Converts zod's issues to ours: one for each unknown key, and for a union those of the option that was meant. */
function flatten(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      problem: key.startsWith('x-')
        ? 'is unknown here; your own keys (x-…) must be at the top level of the file'
        : issue.message,
      atKey: true,
      unknownKey: true,
    }));
  }
  if (issue.code === 'invalid_key') return [{ path: issue.path, problem: issue.message, atKey: true }];
  if (issue.code === 'invalid_union') {
    // The option with the fewest unknown keys, and then the fewest faults, is the one that was meant. If several are
    // equal, none was.
    const options = issue.errors.map((errors) =>
      errors.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] })),
    );
    const misfit = (found: readonly Issue[]): number =>
      found.length + 1000 * found.filter(({ unknownKey }) => unknownKey).length;
    const fewest = Math.min(...options.map(misfit));
    const [meant, ...others] = options.filter((found) => misfit(found) === fewest);
    if (meant !== undefined && others.length === 0) return meant;
  }
  return [{ path: issue.path, problem: issue.message }];
}

/** The schemas that may apply at a path. */
function rulesAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType[] {
  return path.reduce<z.core.$ZodType[]>(
    (rules, step) =>
      rules.flatMap((rule) => {
        if (rule instanceof z.ZodArray) return unwrap(rule.element);
        if (rule instanceof z.ZodRecord) return unwrap(rule.valueType);
        const inner: unknown = rule instanceof z.ZodObject ? rule.shape[String(step)] : undefined;
        return inner instanceof z.ZodType ? unwrap(inner) : [];
      }),
    unwrap(schema),
  );
}

/** The example of the schema at a path; empty if there is none. */
function exampleAt(schema: z.core.$ZodType, path: Path): string {
  for (const rule of rulesAt(schema, path)) {
    const example = examples.get(rule)?.example;
    if (example !== undefined) return example;
    const entry = rule instanceof z.ZodArray ? exampleAt(rule.element, []) : '';
    if (entry !== '') return `[${entry}]`;
  }
  return '';
}

/** A schema and those that it wraps: defaults, optionals, options of a union. */
function unwrap(rule: z.core.$ZodType): z.core.$ZodType[] {
  if (rule instanceof z.ZodOptional || rule instanceof z.ZodDefault) return [rule, ...unwrap(rule.unwrap())];
  if (rule instanceof z.ZodUnion) return [rule, ...rule.options.flatMap(unwrap)];
  return [rule];
}

function pathWords(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}
