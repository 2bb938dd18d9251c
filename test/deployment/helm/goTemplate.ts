/*
 * The parts of Go's text/template that our Helm chart uses; anything else is a fault. It was compared with Go's own
 * engine on the chart's templates. Reference: https://pkg.go.dev/text/template
 */

export type Value = null | undefined | boolean | number | string | Value[] | { [key: string]: Value };
type Functions = Readonly<Record<string, (...values: Value[]) => Value>>;
type Scope = Map<string, Value>;

export class TemplateFault extends Error {}

type Operand =
  | { kind: 'literal'; value: Value }
  /** `.a.b` or `$x.a`. Without a variable it begins at the dot. */
  | { kind: 'path'; variable: string | null; fields: string[] }
  | { kind: 'call'; name: string }
  | { kind: 'nested'; pipeline: Pipeline };
type Pipeline = Operand[][];

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'show'; pipeline: Pipeline }
  | { kind: 'assign'; variable: string; pipeline: Pipeline }
  | { kind: 'if' | 'with'; pipeline: Pipeline; then: Node[]; otherwise: Node[] }
  | { kind: 'range'; variables: string[]; pipeline: Pipeline; then: Node[]; otherwise: Node[] };

export function isMap(value: Value): value is { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Go's truth: everything that is not empty. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** How a template prints a value. @throws TemplateFault for a list or a map, which ours do not print */
export function textOf(value: Value): string {
  if (typeof value === 'object' && value !== null) throw new TemplateFault('a list or a map is no text');
  return value === null || value === undefined ? '' : String(value);
}

/** Templates by the names of their `define`, shared by all files of a chart. */
export class Templates {
  readonly #defined = new Map<string, Node[]>();
  readonly #functions: Functions;

  constructor(functions: Functions) {
    this.#functions = {
      ...functions,
      include: (name, dot) => this.#include(name, dot),
    };
  }

  /** Parses a file and keeps its definitions. @returns a function that renders the rest of it */
  add(source: string): (dot: Value) => string {
    const nodes = new Parser(source, this.#defined).file();
    return (dot) => this.#render(nodes, dot, new Map([['$', dot]]));
  }

  #include(name: Value, dot: Value): string {
    const nodes = this.#defined.get(textOf(name));
    if (nodes === undefined) throw new TemplateFault(`no template ${textOf(name)}`);
    return this.#render(nodes, dot, new Map([['$', dot]]));
  }

  #render(nodes: readonly Node[], dot: Value, scope: Scope): string {
    return nodes.map((node) => this.#renderOne(node, dot, scope)).join('');
  }

  #renderOne(node: Node, dot: Value, scope: Scope): string {
    if (node.kind === 'text') return node.text;
    const value = this.#value(node.pipeline, dot, scope);
    switch (node.kind) {
      case 'show':
        return textOf(value);
      case 'assign':
        scope.set(node.variable, value);
        return '';
      case 'if':
      case 'with': {
        const inner = node.kind === 'with' && isTrue(value) ? value : dot;
        return this.#render(isTrue(value) ? node.then : node.otherwise, inner, new Map(scope));
      }
      case 'range':
        return this.#range(node, value, dot, scope);
    }
  }

  #range(node: Extract<Node, { kind: 'range' }>, value: Value, dot: Value, scope: Scope): string {
    if (!isTrue(value)) return this.#render(node.otherwise, dot, new Map(scope));
    if (typeof value !== 'object' || value === null) throw new TemplateFault('ranges over what is no list');
    // Go iterates over a map in key order.
    const entries: [Value, Value][] = Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return entries
      .map(([key, item]) => {
        const inner = new Map(scope);
        const [first, second] = node.variables;
        if (first !== undefined) inner.set(first, second === undefined ? item : key);
        if (second !== undefined) inner.set(second, item);
        return this.#render(node.then, item, inner);
      })
      .join('');
  }

  #value(pipeline: Pipeline, dot: Value, scope: Scope): Value {
    let piped: Value[] = [];
    for (const command of pipeline) piped = [this.#command(command, piped, dot, scope)];
    return piped[0];
  }

  #command([head, ...rest]: readonly Operand[], piped: readonly Value[], dot: Value, scope: Scope): Value {
    if (head === undefined) throw new TemplateFault('an empty command');
    const given = [...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped];
    if (head.kind === 'call') {
      const called = this.#functions[head.name];
      if (called === undefined) throw new TemplateFault(`no function ${head.name}`);
      return called(...given);
    }
    if (given.length > 0) throw new TemplateFault('a value is no function');
    return this.#operand(head, dot, scope);
  }

  #operand(operand: Operand, dot: Value, scope: Scope): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'nested':
        return this.#value(operand.pipeline, dot, scope);
      case 'call':
        return this.#command([operand], [], dot, scope);
      case 'path': {
        if (operand.variable !== null && !scope.has(operand.variable)) {
          throw new TemplateFault(`no variable ${operand.variable}`);
        }
        let value = operand.variable === null ? dot : scope.get(operand.variable);
        for (const field of operand.fields) {
          if (!isMap(value)) throw new TemplateFault(`${field} of what is no map`);
          value = value[field];
        }
        return value;
      }
    }
  }
}

type Token = { text: string } | { action: string[] };

const WORDS =
  /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(\$?[\w]*(?:\.\w+)+|\.|\$\w*)|(-?\d+)|(:=|[(),|])|([A-Za-z]\w*))/y;

/** Text and actions, with the whitespace around `{{-` and `-}}` removed. */
function tokens(source: string): Token[] {
  const found: Token[] = [];
  let rest = source;
  for (;;) {
    const [text = '', trimsBefore, inside, trimsAfter] =
      /^[\s\S]*?\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/.exec(rest) ?? [];
    if (inside === undefined) return rest === '' ? found : [...found, { text: rest }];
    const before = rest.slice(0, rest.indexOf('{{'));
    found.push({ text: trimsBefore ? before.trimEnd() : before });
    rest = rest.slice(text.length);
    if (trimsAfter) rest = rest.trimStart();
    const words = wordsOf(inside);
    if (words.length > 0) found.push({ action: words });
  }
}

function wordsOf(action: string): string[] {
  if (/^\s*\/\*[\s\S]*\*\/\s*$/.test(action)) return [];
  const words: string[] = [];
  const pattern = new RegExp(WORDS);
  const trimmed = action.trimEnd();
  while (pattern.lastIndex < trimmed.length) {
    const word = pattern.exec(trimmed)?.[0];
    if (word === undefined) throw new TemplateFault(`cannot be read: ${action}`);
    words.push(word.trim());
  }
  return words;
}

class Parser {
  readonly #tokens: Token[];
  readonly #defined: Map<string, Node[]>;
  #next = 0;

  constructor(source: string, defined: Map<string, Node[]>) {
    this.#tokens = tokens(source);
    this.#defined = defined;
  }

  file(): Node[] {
    const { nodes, end } = this.#until();
    if (end !== null) throw new TemplateFault(`${end.join(' ')} without a beginning`);
    return nodes;
  }

  /** Parses nodes up to and including an `end` or `else`. */
  #until(): { nodes: Node[]; end: string[] | null } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#tokens[this.#next++];
      if (token === undefined) return { nodes, end: null };
      if ('text' in token) nodes.push({ kind: 'text', text: token.text });
      else if (token.action[0] === 'end' || token.action[0] === 'else') return { nodes, end: token.action };
      else {
        const node = this.#node(token.action);
        if (node !== null) nodes.push(node);
      }
    }
  }

  #node(words: string[]): Node | null {
    const [first = '', ...rest] = words;
    switch (first) {
      case 'define':
        this.#defined.set(textOf(literal(rest[0] ?? '')), this.#block().then);
        return null;
      case 'if':
      case 'with':
        return { kind: first, pipeline: pipelineOf(rest), ...this.#block() };
      case 'range': {
        const at = rest.indexOf(':=');
        const variables = rest.slice(0, Math.max(at, 0)).filter((word) => word !== ',');
        return { kind: 'range', variables, pipeline: pipelineOf(rest.slice(at + 1)), ...this.#block() };
      }
      default:
        return rest[0] === ':='
          ? { kind: 'assign', variable: first, pipeline: pipelineOf(rest.slice(1)) }
          : { kind: 'show', pipeline: pipelineOf(words) };
    }
  }

  #block(): { then: Node[]; otherwise: Node[] } {
    const { nodes, end } = this.#until();
    if (end === null) throw new TemplateFault('a block without an end');
    if (end[0] === 'end') return { then: nodes, otherwise: [] };
    const [, ...condition] = end;
    if (condition.length === 0) return { then: nodes, otherwise: this.#block().then };
    const node = this.#node(condition);
    return { then: nodes, otherwise: node === null ? [] : [node] };
  }
}

function pipelineOf(words: readonly string[]): Pipeline {
  const commands: Pipeline = [[]];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '|') commands.push([]);
    else if (word === '(') {
      const end = closing(words, at);
      commands.at(-1)?.push({ kind: 'nested', pipeline: pipelineOf(words.slice(at + 1, end)) });
      at = end;
    } else commands.at(-1)?.push(operandOf(word));
  }
  return commands;
}

function closing(words: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < words.length; at++) {
    if (words[at] === '(') depth++;
    if (words[at] === ')' && --depth === 0) return at;
  }
  throw new TemplateFault('a bracket is not closed');
}

function operandOf(word: string): Operand {
  if (/^["`]|^-?\d|^(true|false|nil)$/.test(word)) return { kind: 'literal', value: literal(word) };
  if (/^[A-Za-z]/.test(word)) return { kind: 'call', name: word };
  const [variable = '', ...fields] = word.split('.');
  return {
    kind: 'path',
    variable: variable === '' ? null : variable,
    fields: fields.filter((field) => field !== ''),
  };
}

function literal(word: string): Value {
  if (word.startsWith('`')) return word.slice(1, -1);
  if (word === 'nil') return null;
  return JSON.parse(word) as Value;
}
