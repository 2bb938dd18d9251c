import { isAlias, isMap, isPair, isScalar, isSeq, Scalar, visit } from 'yaml';
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';

/*
 * Places in a YAML document, and the preparation of a document before validation: variables are filled in; broken
 * aliases and merge keys are reported and removed, so that they cause no further faults.
 */

export type Path = readonly PropertyKey[];

/** A fault and its place in the text. */
export interface Found {
  path: Path;
  offset: number;
  problem: string;
  example?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MERGE = '<<';

/**
 * Replaces `${NAME}` in the document's values, and removes broken aliases and merge keys.
 *
 * @returns the faults, and the offsets of what was removed: further faults there are consequences
 */
export function prepare(document: Document, env: Environment): { found: Found[]; repaired: Set<number> } {
  const found: Found[] = [];
  const repaired = new Set<number>();
  /** The anchors before the current node: an alias refers to the last one with its name. */
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
        // The content that it should have brought is missing because of this fault.
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
      // zod silently drops this key from records.
      if (key === 'key' && node.value === '__proto__') fault(node, ancestors, 'cannot be a name');
      if (key === 'key' || typeof node.value !== 'string') return;
      const bare = bareVariable(node.value, env);
      if (bare !== undefined) {
        const example = bare === '' ? '"${HOOK_SECRET}"' : `"\${${bare}}"`;
        fault(node, ancestors, 'needs braces to be read from the environment', example);
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
 * The variable syntax of other programs: `$NAME`, `$(NAME)`, `$env:NAME`, `%NAME%`. Recognised if it is the whole
 * text; within a text only if the name is in capitals or in the environment.
 *
 * @returns the name if the environment has it (anything else may be a secret); undefined if there is none
 */
function bareVariable(text: string, env: Environment): string | undefined {
  const whole = /^(?:\$(?:env:)?\(?([A-Za-z_]\w*)\)?|%([A-Za-z_]\w*)%)$/i.exec(text);
  const names = [...text.matchAll(/\$\(?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  const name = whole?.[1] ?? whole?.[2] ?? names.find((one) => env[one] || /^[A-Z][A-Z0-9_]{2,}$/.test(one));
  if (name === undefined) return undefined;
  return env[name] ? name : '';
}

/** Why an alias cannot be replaced by its anchor's content; undefined if it can. */
function aliasProblem(
  document: Document,
  alias: Node,
  anchors: ReadonlyMap<string, Node>,
  ancestors: readonly unknown[],
): string | undefined {
  if (!isAlias(alias)) return undefined;
  const meant = anchors.get(alias.source) ?? alias.resolve(document);
  if (!meant) return `there is no &${alias.source} above this`;
  return ancestors.includes(meant) ? `*${alias.source} refers to itself` : undefined;
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
    if (!isMap(target(document, node))) return 'must be a group of keys and values, or a list of such groups';
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

/** The path of a node, from its ancestors. */
function pathTo(node: unknown, ancestors: readonly unknown[]): Path {
  return ancestors.flatMap((ancestor, index): PropertyKey[] => {
    if (isPair(ancestor)) {
      if (isMergeKey(ancestor.key)) return [MERGE];
      return [isScalar(ancestor.key) ? String(ancestor.key.value) : ''];
    }
    return isSeq(ancestor) ? [ancestor.items.indexOf(ancestors[index + 1] ?? node)] : [];
  });
}

/** The entry of a map under a key, its own or a merged one. */
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

/** The position of a path in the text. For missing entries: the start of the parent. */
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

/** Renames the key of the entry at a path. */
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

/** The position of the first alias, for faults that concern all of them. */
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
