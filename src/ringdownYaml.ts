import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import { z } from 'zod';
import { ConfigFaults } from './configFaults.ts';
import type { ConfigFault } from './configFaults.ts';
import { examples, ringdownSchema } from './ringdownSchema.ts';
import type { RingdownYaml } from './ringdownSchema.ts';

type Path = readonly PropertyKey[];

/** A fault and where its place in the text is. */
interface Found {
  path: Path;
  offset: number;
  problem: string;
  example?: string;
}

/**
 * Reads ringdown.yaml. `${NAME}` in a value is replaced by the environment's variable, always as text. An empty file is
 * a right one.
 * @throws ConfigFaults with every fault, each named by file, line, column and path.
 */
export function readRingdownYaml(
  source: string,
  env: Readonly<Record<string, string | undefined>>,
  fileName = 'ringdown.yaml',
): RingdownYaml {
  const lines = new LineCounter();
  // prettyErrors would quote the file in the message, secrets included.
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const found: Found[] = [...document.errors, ...document.warnings].map((error) => ({
    path: [],
    offset: error.pos[0],
    problem: yamlProblem(error.code, error.message),
  }));
  let file: RingdownYaml | undefined;
  if (found.length === 0) {
    found.push(...fillIn(document, env));
    const filled = new Set(found.map(({ offset }) => offset));
    const raw = plain(document);
    if ('problem' in raw) found.push({ path: [], offset: 0, problem: raw.problem });
    else {
      const schema = ringdownSchema(namesIn(raw.value));
      const parsed = schema.safeParse(raw.value);
      const issues = [...repeated(raw.value), ...(parsed.error?.issues.flatMap(flatten) ?? [])];
      for (const { path, problem, atKey } of issues) {
        const offset = offsetAt(document, path, atKey);
        // What ${NAME} did not find has been said already.
        if (!filled.has(offset)) found.push({ path, offset, problem, example: exampleAt(schema, path) });
      }
      file = parsed.data;
    }
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

/** The parser's own words, in ours where they are unclear. */
function yamlProblem(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is there twice';
  if (code === 'MULTIPLE_DOCS') return 'the file must hold one document only';
  return `is no valid YAML: ${message}`;
}

/** Replaces `${NAME}` in the document's values; answers the faults. */
function fillIn(document: Document, env: Readonly<Record<string, string | undefined>>): Found[] {
  const found: Found[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      const fault = (problem: string, example: string) =>
        found.push({ path: pathTo(node, ancestors), offset: node.range?.[0] ?? 0, problem, example });
      // zod leaves this one out of records without a word.
      if (key === 'key' && node.value === '__proto__') fault('cannot be a name', '');
      if (key === 'key' || typeof node.value !== 'string') return;
      node.value = node.value.replaceAll(/\$\{([^}]*)\}?/g, (whole, name: string) => {
        if (!/^[A-Za-z_]\w*$/.test(name) || !whole.endsWith('}')) {
          fault('${ must be followed by the name of an environment variable and }', '"${HOOK_SECRET}"');
          return '';
        }
        const value = env[name];
        if (value === undefined || value === '') {
          fault(`the environment variable ${name} is not set`, `${name}=…`);
        }
        return value ?? '';
      });
    },
  });
  return found;
}

/** The path of a node, from the nodes around it. */
function pathTo(node: unknown, ancestors: readonly unknown[]): Path {
  return ancestors.flatMap((ancestor, index): PropertyKey[] => {
    if (isPair(ancestor)) return [isScalar(ancestor.key) ? String(ancestor.key.value) : ''];
    return isSeq(ancestor) ? [ancestor.items.indexOf(ancestors[index + 1] ?? node)] : [];
  });
}

/** The document as plain values. An empty one is an empty object. */
function plain(document: Document): { value: unknown } | { problem: string } {
  try {
    return { value: document.toJS() ?? {} };
  } catch {
    // An alias without its anchor, or so many aliases of aliases that they would fill the memory.
    return { problem: 'its aliases (*name) cannot be resolved' };
  }
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the file gives names to. They are read before the schema, so that a wrong entry is still a known name. */
function namesIn(raw: unknown) {
  const keysOf = (section: string) => {
    const value = isGroup(raw) ? raw[section] : undefined;
    return isGroup(value) ? Object.keys(value) : [];
  };
  return { policies: keysOf('policies'), rotations: keysOf('rotations'), voiceApps: keysOf('voiceApps') };
}

interface Issue {
  path: Path;
  problem: string;
  /** The key is meant, not its value. */
  atKey?: true;
}

/** Names and hashes that are there twice. A key's hash is how it is found, so it must be one's own. */
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
          issues.push({ path: [section, index, key], problem: `this ${key} is there twice` });
        seen.add(mark);
      }
    }
  }
  return issues;
}

/** zod's issue as ours: one for each unknown key, and of a union what is wrong with the option that was meant. */
function flatten(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], problem: issue.message, atKey: true }));
  }
  if (issue.code === 'invalid_key') return [{ path: issue.path, problem: issue.message, atKey: true }];
  if (issue.code === 'invalid_union') {
    // The option that was meant has fewer faults than the others; with several alike, none was.
    const fewest = Math.min(...issue.errors.map(({ length }) => length));
    const [meant, ...others] = issue.errors.filter(({ length }) => length === fewest);
    if (meant !== undefined && others.length === 0) {
      return meant.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  return [{ path: issue.path, problem: issue.message }];
}

/** Where a path is in the text. For what is missing: where its parent begins. */
function offsetAt(document: Document, path: Path, atKey: true | undefined): number {
  let node: Node | null = document.contents;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      const key = pair?.key;
      const wantsKey = (atKey === true && depth === path.length - 1) || pair?.value === null;
      next = wantsKey ? key : pair?.value;
    } else if (isSeq(node) && typeof step === 'number') {
      next = node.items[step];
    }
    if (!isScalar(next) && !isMap(next) && !isSeq(next) && !isAlias(next)) break;
    node = next;
  }
  return node?.range?.[0] ?? 0;
}

/** The example of the rule at a path, or an empty text. */
function exampleAt(schema: z.core.$ZodType, path: Path): string {
  let rules = unwrap(schema);
  for (const step of path) {
    rules = rules.flatMap((rule) => {
      if (rule instanceof z.ZodArray) return unwrap(rule.element);
      if (rule instanceof z.ZodRecord) return unwrap(rule.valueType);
      const inner: unknown = rule instanceof z.ZodObject ? rule.shape[String(step)] : undefined;
      return inner instanceof z.ZodType ? unwrap(inner) : [];
    });
  }
  for (const rule of rules) {
    const example = examples.get(rule)?.example;
    if (example !== undefined) return example;
    const entry = rule instanceof z.ZodArray ? exampleAt(rule.element, []) : '';
    if (entry !== '') return `[${entry}]`;
  }
  return '';
}

/** A rule and what it wraps: defaults, optional ones, options of a union. */
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
