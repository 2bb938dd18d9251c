import { isAlias, isMap, isPair, isScalar, isSeq, Scalar, visit } from 'yaml';
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';

/*
 * Places in a YAML document, and what is made right in it before it is read: variables are filled in, and what leads
 * nowhere is named and taken out, so that nothing follows from it.
 */

export type Path = readonly PropertyKey[];

/** A fault and where its place in the text is. */
export interface Found {
  path: Path;
  offset: number;
  problem: string;
  example?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MERGE = '<<';

/**
 * Replaces `${NAME}` in the document's values, and takes out aliases and merge keys that lead nowhere.
 *
 * @returns the faults, and the offsets of what was taken out: what is wrong there besides follows from it
 */
export function prepare(document: Document, env: Environment): { found: Found[]; repaired: Set<number> } {
  const found: Found[] = [];
  const repaired = new Set<number>();
  /** Those before the place that is looked at: an alias means the last one of its name. */
  const anchors = new Map<string, Node>();
  const remember = (node: Scalar | YAMLMap | YAMLSeq): void => {
    if (node.anchor) anchors.set(node.anchor, node);
  };
  const fault = (node: Node, ancestors: readonly unknown[], problem: string, example = ''): void => {
    const offset = node.range?.[0] ?? 0;
    found.push({ path: pathTo(node, ancestors), offset, problem, example });
    repaired.add(offset);
  };
  visit(document, {
    Pair(_key, pair, ancestors) {
      const { key, value } = pair;
      if (isMergeKey(key)) {
        const source = valueNode(value);
        const problem = source && mergeProblem(document, source, anchors, ancestors);
        if (!source || problem === undefined) return undefined;
        fault(source, [...ancestors, pair], problem, '<<: *name');
        // What it was to bring is missing, and was not forgotten.
        const map = ancestors.at(-1);
        if (isMap(map)) repaired.add(map.range?.[0] ?? 0);
        return visit.REMOVE;
      }
      if (isScalar(key)) return undefined;
      const node = valueNode(key);
      if (node) fault(node, ancestors, 'must be a plain name, not a list, a group or an alias');
      return visit.REMOVE;
    },
    Alias(_key, alias, ancestors) {
      const problem = aliasProblem(document, alias, anchors, ancestors);
      if (problem === undefined) return undefined;
      fault(alias, ancestors, problem);
      const nothing = new Scalar(null);
      nothing.range = alias.range;
      return nothing;
    },
    Collection(_key, node) {
      remember(node);
    },
    Scalar(key, node, ancestors) {
      remember(node);
      // zod leaves this one out of records without a word.
      if (key === 'key' && node.value === '__proto__') fault(node, ancestors, 'cannot be a name');
      if (key === 'key' || typeof node.value !== 'string') return;
      const bare = bareVariable(node.value, env);
      if (bare !== undefined) {
        const example = bare === '' ? '"${HOOK_SECRET}"' : `"\${${bare}}"`;
        fault(node, ancestors, 'must be written with braces to be read from the environment', example);
        return;
      }
      node.value = filledIn(node.value, env, (problem, example) => fault(node, ancestors, problem, example));
    },
  });
  return { found, repaired };
}

function filledIn(text: string, env: Environment, fault: (problem: string, example: string) => void): string {
  return text.replaceAll(/\$\{([^}]*)\}?/g, (whole, name: string) => {
    if (!/^[A-Za-z_]\w*$/.test(name) || !whole.endsWith('}')) {
      fault('${ must be followed by the name of an environment variable and }', '"${HOOK_SECRET}"');
      return '';
    }
    const value = env[name];
    if (value === undefined || value === '')
      fault(`the environment variable ${name} is not set`, `${name}=…`);
    return value ?? '';
  });
}

/**
 * Forms of other programs that name a variable: `$NAME`, `$(NAME)`, `$env:NAME`, `%NAME%`. As the whole text each of
 * them is one; in the middle of a text only what is in capitals or in the environment.
 *
 * @returns the name if the environment has it: anything else may be a secret; undefined if there is none
 */
function bareVariable(text: string, env: Environment): string | undefined {
  const whole = /^(?:\$(?:env:)?\(?([A-Za-z_]\w*)\)?|%([A-Za-z_]\w*)%)$/i.exec(text);
  const names = [...text.matchAll(/\$\(?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  const name = whole?.[1] ?? whole?.[2] ?? names.find((one) => env[one] || /^[A-Z][A-Z0-9_]{2,}$/.test(one));
  if (name === undefined) return undefined;
  return env[name] ? name : '';
}

/** Why what an alias stands for cannot be put in its place. */
function aliasProblem(
  document: Document,
  alias: Node,
  anchors: ReadonlyMap<string, Node>,
  ancestors: readonly unknown[],
): string | undefined {
  if (!isAlias(alias)) return undefined;
  const meant = anchors.get(alias.source) ?? alias.resolve(document);
  if (!meant) return `there is no &${alias.source} before this`;
  return ancestors.includes(meant) ? `*${alias.source} leads to itself` : undefined;
}

function mergeProblem(
  document: Document,
  source: Node,
  anchors: ReadonlyMap<string, Node>,
  ancestors: readonly unknown[],
): string | undefined {
  for (const one of isSeq(source) ? source.items : [source]) {
    const node = valueNode(one);
    const problem = node && aliasProblem(document, node, anchors, ancestors);
    if (problem !== undefined) return problem;
    if (!isMap(target(document, node))) return 'must be a group of keys and values, or a list of such';
  }
  return undefined;
}

function target(document: Document, node: Node | undefined): Node | undefined {
  return isAlias(node) ? (node.resolve(document) ?? undefined) : node;
}

function valueNode(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (typeof key.value === 'symbol' ? key.value.description : key.source) === MERGE;
}

/** The path of a node, from the nodes around it. */
function pathTo(node: unknown, ancestors: readonly unknown[]): Path {
  return ancestors.flatMap((ancestor, index): PropertyKey[] => {
    if (isPair(ancestor)) {
      if (isMergeKey(ancestor.key)) return [MERGE];
      return [isScalar(ancestor.key) ? String(ancestor.key.value) : ''];
    }
    return isSeq(ancestor) ? [ancestor.items.indexOf(ancestors[index + 1] ?? node)] : [];
  });
}

/** The entry of a group under a key, its own or one that is merged in. */
function entryOf(document: Document, map: YAMLMap, step: PropertyKey): Pair | undefined {
  const own = map.items.find(({ key }) => isScalar(key) && !isMergeKey(key) && String(key.value) === step);
  if (own) return own;
  for (const { key, value } of map.items) {
    if (!isMergeKey(key)) continue;
    const source = target(document, valueNode(value));
    for (const one of isSeq(source) ? source.items : [source]) {
      const merged = target(document, valueNode(one));
      const entry = isMap(merged) ? entryOf(document, merged, step) : undefined;
      if (entry) return entry;
    }
  }
  return undefined;
}

/** Where a path is in the text. For what is missing: where its parent begins. */
export function offsetAt(document: Document, path: Path, atKey: true | undefined): number {
  let node: Node | null = document.contents;
  for (const [depth, step] of path.entries()) {
    node = target(document, node ?? undefined) ?? null;
    let next: unknown;
    if (isMap(node)) {
      const pair = entryOf(document, node, step);
      const wantsKey = (atKey === true && depth === path.length - 1) || pair?.value === null;
      next = wantsKey ? pair?.key : pair?.value;
    } else if (isSeq(node) && typeof step === 'number') {
      next = node.items[step];
    }
    const found = valueNode(next);
    if (!found) break;
    node = found;
  }
  return node?.range?.[0] ?? 0;
}

/** Gives the entry at a path another key. */
export function renameKey(document: Document, path: Path, name: string): void {
  let node: Node | undefined = document.contents ?? undefined;
  for (const [depth, step] of path.entries()) {
    node = target(document, node);
    if (isSeq(node) && typeof step === 'number') node = valueNode(node.items[step]);
    else if (isMap(node)) {
      const pair = entryOf(document, node, step);
      if (depth === path.length - 1 && isScalar(pair?.key)) pair.key.value = name;
      node = valueNode(pair?.value);
    }
  }
}

/** Where the first alias is, for what concerns all of them. */
export function firstAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_key, alias) {
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}
