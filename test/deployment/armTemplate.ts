import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/*
 * The parts of Azure Resource Manager that our templates use: it evaluates their expressions, with fictional answers
 * where a template asks for what only a deployment knows. Anything unknown or unresolvable is a fault. Reference:
 * "ARM template functions" in Microsoft's documentation.
 */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export interface Resource {
  /** Full id, in lower case: ids are compared ignoring case. */
  id: string;
  type: string;
  apiVersion: string;
  name: string;
  deployed: boolean;
  dependsOn: string[];
  /** Evaluated, without the template's own keys: condition, copy, comments, dependsOn, scope. */
  body: JsonObject;
  /** Lower-case id of the resource that an extension resource belongs to. */
  scope: string | undefined;
  /** Lower-case ids of the resources whose state it reads. */
  reads: string[];
}

export interface Outcome {
  resources: Resource[];
  outputs: Record<string, Json>;
}

/** What only Azure knows: properties of deployed resources, by type. */
export type Known = Readonly<Record<string, JsonObject>>;

export interface World {
  known: Known;
  /** Secrets by name, for parameters that come from a Key Vault. */
  secrets?: Readonly<Record<string, string>>;
  /** Resources deployed by another template. */
  existing?: readonly Resource[];
}

const subscriptionId = '10000000-0000-4000-8000-000000000001';
export const tenantId = '20000000-0000-4000-8000-000000000002';
const suffixes = { keyvaultDns: '.vault.azure.net', sqlServerHostname: '.database.windows.net' };
const subscriptionPath = `/subscriptions/${subscriptionId}`;

/** Ids of the deploying user. */
const deployerId = '90000000-0000-4000-8000-000000000009';

export class TemplateFault extends Error {}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new TemplateFault(`${what} is no object`);
  return value;
}

export function textOf(value: Json | undefined, what: string): string {
  if (typeof value !== 'string') throw new TemplateFault(`${what} is no text: ${JSON.stringify(value)}`);
  return value;
}

function listOf(value: Json | undefined, what: string): Json[] {
  if (!Array.isArray(value)) throw new TemplateFault(`${what} is no list`);
  return value;
}

export function isExpression(value: string): boolean {
  return value.startsWith('[') && !value.startsWith('[[') && value.endsWith(']');
}

/** Simulates a deployment. */
export function deploy(
  template: JsonObject,
  parameters: Readonly<Record<string, Json>>,
  world: World,
  group: string | undefined = 'ringdown-group',
): Outcome {
  return new Deployment(template, parameters, world, group).run();
}

class Deployment {
  readonly #template: JsonObject;
  readonly #parameters: Readonly<Record<string, Json>>;
  readonly #world: World;
  readonly #group: string | undefined;
  readonly #resources: Resource[] = [];
  readonly #nestedResources: Resource[] = [];
  readonly #deploymentOutputs = new Map<string, JsonObject>();

  constructor(
    template: JsonObject,
    parameters: Readonly<Record<string, Json>>,
    world: World,
    group: string | undefined,
  ) {
    this.#template = template;
    this.#world = world;
    this.#group = group;
    const declared = objectOf(template.parameters ?? {}, 'parameters');
    for (const key of Object.keys(parameters)) {
      if (!(key in declared)) throw new TemplateFault(`parameter ${key} is not declared`);
    }
    this.#parameters = parameters;
  }

  run(): Outcome {
    this.#checkParameters();
    const drafts = listOf(this.#template.resources, 'resources').flatMap((entry) =>
      this.#copies(objectOf(entry, 'resource')),
    );
    // Names first: resources may refer to each other in any order.
    for (const draft of drafts) this.#resources.push(this.#header(draft));
    for (const [index, draft] of drafts.entries()) {
      const resource = this.#resources[index];
      if (resource !== undefined) this.#fill(resource, draft);
    }
    const outputs = Object.fromEntries(
      Object.entries(objectOf(this.#template.outputs ?? {}, 'outputs')).map(([key, output]) => [
        key,
        this.#value(objectOf(output, key).value ?? null, {}),
      ]),
    );
    return { resources: [...this.#resources, ...this.#nestedResources], outputs };
  }

  #checkParameters(): void {
    for (const [key, entry] of Object.entries(objectOf(this.#template.parameters ?? {}, 'parameters'))) {
      const { type, allowedValues, minLength, maxLength, minValue, maxValue } = objectOf(entry, key);
      const value = this.#parameter(key);
      const kind = textOf(type, `type of ${key}`).toLowerCase().replace('secure', '');
      const right =
        kind === 'array'
          ? Array.isArray(value)
          : typeof value === { string: 'string', int: 'number', bool: 'boolean', object: 'object' }[kind];
      if (!right) throw new TemplateFault(`parameter ${key} is no ${kind}`);
      if (allowedValues !== undefined && !listOf(allowedValues, key).includes(value)) {
        throw new TemplateFault(`parameter ${key} is none of the allowed values`);
      }
      if (typeof value === 'string') {
        const { length } = value;
        if (length < Number(minLength ?? 0)) throw new TemplateFault(`parameter ${key} is too short`);
        if (length > Number(maxLength ?? Infinity)) throw new TemplateFault(`parameter ${key} is too long`);
      }
      if (
        typeof value === 'number' &&
        (value < Number(minValue ?? -Infinity) || value > Number(maxValue ?? Infinity))
      ) {
        throw new TemplateFault(`parameter ${key} is out of range`);
      }
    }
  }

  #copies(draft: JsonObject): { draft: JsonObject; context: Context }[] {
    if (draft.copy === undefined) return [{ draft, context: {} }];
    const count = this.#value(objectOf(draft.copy, 'copy').count ?? null, {});
    return Array.from({ length: Number(count) }, (_, copyIndex) => ({ draft, context: { copyIndex } }));
  }

  #header({ draft, context }: { draft: JsonObject; context: Context }): Resource {
    const type = textOf(draft.type, 'type');
    const name = textOf(this.#value(draft.name ?? null, context), `name of ${type}`);
    const scope =
      draft.scope === undefined
        ? undefined
        : textOf(this.#value(draft.scope, context), 'scope').toLowerCase();
    const id =
      scope === undefined ? this.#resourceId(type, name.split('/')) : extensionId(scope, type, [name]);
    return {
      id: id.toLowerCase(),
      type,
      apiVersion: textOf(draft.apiVersion, `apiVersion of ${type}`),
      name,
      deployed: draft.condition === undefined || this.#value(draft.condition, context) === true,
      dependsOn: [],
      body: {},
      scope,
      reads: [],
    };
  }

  #fill(resource: Resource, { draft, context }: { draft: JsonObject; context: Context }): void {
    const own = new Set([
      'condition',
      'copy',
      'comments',
      'dependsOn',
      'scope',
      'subscriptionId',
      'resourceGroup',
    ]);
    const reading: Context = { ...context, reads: resource.reads };
    resource.dependsOn = listOf(draft.dependsOn ?? [], 'dependsOn').map((id) =>
      textOf(this.#value(id, context), 'dependsOn').toLowerCase(),
    );
    const rest = Object.entries(draft).filter(([key]) => !own.has(key));
    if (resource.type !== 'Microsoft.Resources/deployments') {
      resource.body = objectOf(withoutNull(this.#value(Object.fromEntries(rest), reading)), resource.type);
      return;
    }
    const { template, ...properties } = objectOf(draft.properties, 'properties of the deployment');
    resource.body = objectOf(
      this.#value({ ...Object.fromEntries(rest), properties }, reading),
      'the deployment',
    );
    const scope = objectOf(properties.expressionEvaluationOptions, 'expressionEvaluationOptions').scope;
    if (scope !== 'inner') throw new TemplateFault('nested templates are evaluated in their own scope');
    const evaluated = objectOf(objectOf(resource.body.properties, 'properties').parameters, 'parameters');
    const parameters = Object.entries(evaluated).map(([key, parameter]): [string, Json] => [
      key,
      this.#parameterValue(objectOf(parameter, key), resource),
    ]);
    const group =
      draft.resourceGroup === undefined
        ? this.#group
        : textOf(this.#value(draft.resourceGroup, context), 'resourceGroup');
    const nested = new Deployment(
      objectOf(template, 'nested template'),
      Object.fromEntries(parameters),
      { ...this.#world, existing: [...(this.#world.existing ?? []), ...this.#resources] },
      group,
    ).run();
    // Resources inside a nested deployment wait for everything that the deployment waits for.
    for (const { dependsOn } of nested.resources) dependsOn.push(resource.id);
    this.#nestedResources.push(...nested.resources);
    this.#deploymentOutputs.set(
      // Subscription-level templates address a deployment in a group by the group.
      extensionId(`${subscriptionPath}/resourceGroups/${group}`, resource.type, [
        resource.name,
      ]).toLowerCase(),
      Object.fromEntries(Object.entries(nested.outputs).map(([key, value]) => [key, { value }])),
    );
  }

  #parameterValue(parameter: JsonObject, resource: Resource): Json {
    if (parameter.reference === undefined) return parameter.value ?? null;
    const reference = objectOf(parameter.reference, 'reference');
    const vault = textOf(objectOf(reference.keyVault, 'keyVault').id, 'id of the Key Vault').toLowerCase();
    this.#find(vault);
    resource.reads.push(vault);
    const name = textOf(reference.secretName, 'secretName');
    this.#find(`${vault}/secrets/${name}`.toLowerCase());
    const secret = this.#world.secrets?.[name];
    if (secret === undefined) throw new TemplateFault(`no secret ${name}`);
    return secret;
  }

  #parameter(key: string): Json {
    const declared = objectOf(this.#template.parameters ?? {}, 'parameters')[key];
    if (declared === undefined) throw new TemplateFault(`parameter ${key} is not declared`);
    const given = this.#parameters[key];
    if (given !== undefined) return given;
    const { defaultValue } = objectOf(declared, key);
    if (defaultValue === undefined) throw new TemplateFault(`parameter ${key} has no value`);
    return this.#value(defaultValue, {});
  }

  #value(value: Json, context: Context): Json {
    if (typeof value === 'string') {
      if (isExpression(value)) return this.#evaluate(parseExpression(value.slice(1, -1)), context);
      return value.startsWith('[[') ? value.slice(1) : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.#value(item, context));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [
        isExpression(key) ? textOf(this.#value(key, context), key) : key,
        this.#value(entry, context),
      ]),
    );
  }

  #evaluate(node: Node, context: Context): Json {
    switch (node.kind) {
      case 'literal':
        return node.value;
      case 'member': {
        const object = this.#evaluate(node.object, context);
        const key = this.#evaluate(node.key, context);
        const member = Array.isArray(object)
          ? object[Number(key)]
          : objectOf(object, 'what is before the dot')[textOf(key, 'what is after the dot')];
        if (member === undefined) throw new TemplateFault(`there is no ${JSON.stringify(key)}`);
        return member;
      }
      case 'call':
        return this.#call(node.name, node.arguments, context);
    }
  }

  #call(name: string, nodes: readonly Node[], context: Context): Json {
    if (name === 'if') {
      const [test, yes, no] = nodes;
      if (test === undefined || yes === undefined || no === undefined) {
        throw new TemplateFault('if takes three arguments');
      }
      return this.#evaluate(this.#evaluate(test, context) === true ? yes : no, context);
    }
    if (name === 'map' || name === 'filter') {
      const [list, lambda] = nodes;
      if (list === undefined || lambda?.kind !== 'call' || lambda.name !== 'lambda') {
        throw new TemplateFault(`${name} takes a list and a lambda`);
      }
      const [variable, body] = lambda.arguments;
      if (variable === undefined || body === undefined) throw new TemplateFault('lambda takes two arguments');
      const key = textOf(this.#evaluate(variable, context), 'the variable of a lambda');
      const each = (item: Json) =>
        this.#evaluate(body, { ...context, lambda: { ...context.lambda, [key]: item } });
      const items = listOf(this.#evaluate(list, context), `the list of ${name}`);
      return name === 'map' ? items.map(each) : items.filter((item) => each(item) === true);
    }
    const values = nodes.map((node) => this.#evaluate(node, context));
    const [first, second, third] = values;
    const text = (value: Json | undefined): string => textOf(value, `an argument of ${name}`);
    switch (name) {
      case 'parameters':
        return this.#parameter(text(first));
      case 'variables':
        return this.#variable(text(first));
      case 'format':
        return text(first).replace(/\{(\d+)\}/g, (_, index: string) => {
          const value = values[Number(index) + 1];
          if (typeof value !== 'string' && typeof value !== 'number') {
            throw new TemplateFault(`format has no text for {${index}}`);
          }
          return String(value);
        });
      case 'equals':
        return isDeepStrictEqual(first, second);
      case 'not':
        if (typeof first !== 'boolean') throw new TemplateFault('not takes true or false');
        return !first;
      case 'and':
        return values.every((value) => value === true);
      case 'concat':
        return values.flatMap((value) => listOf(value, 'an argument of concat'));
      case 'createArray':
        return values;
      case 'json':
        return z.json().parse(JSON.parse(text(first)));
      case 'empty':
        return first === null || first === '' || Object.keys(first ?? {}).length === 0;
      case 'toLower':
        return text(first).toLowerCase();
      case 'replace':
        return text(first).replaceAll(text(second), text(third));
      case 'take':
        return text(first).slice(0, Number(second));
      case 'split':
        return text(first).split(text(second));
      case 'string':
        return typeof first === 'string' ? first : JSON.stringify(first);
      case 'uriComponent':
        return encodeURIComponent(text(first));
      case 'true':
        return true;
      case 'null':
        return null;
      case 'contains':
        if (Array.isArray(first)) return first.some((item) => isDeepStrictEqual(item, second));
        return isObject(first) ? text(second) in first : text(first).includes(text(second));
      case 'lambdaVariables': {
        const item = context.lambda?.[text(first)];
        if (item === undefined) throw new TemplateFault(`there is no lambda variable ${text(first)}`);
        return item;
      }
      case 'cidrSubnet':
        return cidrSubnet(text(first), Number(second), Number(third));
      case 'deployer':
        return { objectId: deployerId, tenantId, userPrincipalName: 'admin@contoso.example' };
      case 'length':
        return listOf(first, 'the argument of length').length;
      case 'union':
        return Object.fromEntries(
          values.flatMap((value) => Object.entries(objectOf(value, 'an argument of union'))),
        );
      case 'createObject':
        return Object.fromEntries(
          values.flatMap((key, index) => (index % 2 === 0 ? [[text(key), values[index + 1] ?? null]] : [])),
        );
      case 'uniqueString':
        return hex(values.map(text).join('-')).slice(0, 13);
      case 'guid':
        return hex(values.map(text).join('-')).replace(
          /^(.{8})(.{4})(.{4})(.{4})(.{12}).*/,
          '$1-$2-$3-$4-$5',
        );
      case 'copyIndex':
        if (context.copyIndex === undefined) throw new TemplateFault('copyIndex outside of a copy');
        return context.copyIndex;
      case 'subscription':
        return { id: subscriptionPath, subscriptionId, tenantId };
      case 'resourceGroup':
        return { id: this.#groupPath(), name: this.#group ?? '', location: 'westeurope' };
      case 'environment':
        return { name: 'AzureCloud', suffixes };
      case 'resourceId':
        return this.#resourceId(text(first), values.slice(1).map(text));
      case 'subscriptionResourceId':
        return extensionId(subscriptionPath, text(first), values.slice(1).map(text));
      case 'extensionResourceId':
        return extensionId(text(first), text(second), values.slice(2).map(text));
      case 'reference':
      case 'listKeys':
        return this.#read(name, text(first).toLowerCase(), text(second), third, context);
      default:
        throw new TemplateFault(`the function ${name} is not known`);
    }
  }

  #variable(key: string): Json {
    const variables = objectOf(this.#template.variables ?? {}, 'variables');
    const value = variables[key];
    if (value !== undefined) return this.#value(value, {});
    const copied = listOf(variables.copy ?? [], 'copy').find((one) => objectOf(one, 'copy').name === key);
    if (copied === undefined) throw new TemplateFault(`variable ${key} is not there`);
    const { count, input } = objectOf(copied, key);
    return Array.from({ length: Number(this.#value(count ?? null, {})) }, (_, copyIndex) =>
      this.#value(input ?? null, { copyIndex }),
    );
  }

  #groupPath(): string {
    if (this.#group === undefined) throw new TemplateFault('there is no resource group here');
    return `${subscriptionPath}/resourceGroups/${this.#group}`;
  }

  #resourceId(type: string, names: readonly string[]): string {
    if (type === 'Microsoft.Resources/resourceGroups' || this.#group === undefined) {
      return extensionId(subscriptionPath, type, names);
    }
    return extensionId(this.#groupPath(), type, names);
  }

  #find(id: string): Resource {
    const found = [...this.#resources, ...(this.#world.existing ?? [])].find(
      (resource) => resource.id === id,
    );
    if (found === undefined) throw new TemplateFault(`there is no resource ${id}`);
    return found;
  }

  #read(how: string, id: string, apiVersion: string, full: Json | undefined, context: Context): Json {
    const outputs = this.#deploymentOutputs.get(id);
    if (outputs !== undefined) return { outputs };
    const resource = this.#find(id);
    context.reads?.push(id);
    if (resource.apiVersion !== apiVersion) {
      throw new TemplateFault(
        `${how} asks for ${apiVersion} of ${resource.type}, which is ${resource.apiVersion}`,
      );
    }
    const known = this.#world.known[how === 'listKeys' ? `${resource.type}/listKeys` : resource.type];
    if (known === undefined) throw new TemplateFault(`nothing is known of ${resource.type}`);
    const { identity, ...properties } = known;
    return full === 'full' ? { ...(identity !== undefined && { identity }), properties } : properties;
  }
}

interface Context {
  copyIndex?: number;
  lambda?: JsonObject;
  reads?: string[];
}

function extensionId(scope: string, type: string, names: readonly string[]): string {
  const [provider = '', ...types] = type.split('/');
  if (types.length !== names.length) {
    throw new TemplateFault(`${type} takes ${types.length} names, not ${names.length}`);
  }
  return `${scope}/providers/${provider}/${types.map((part, index) => `${part}/${names[index]}`).join('/')}`;
}

/** A null property counts as absent. */
function withoutNull(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (entry === null ? [] : [[key, withoutNull(entry)]])),
  );
}

/** The subnet with this prefix length and index. */
function cidrSubnet(prefix: string, length: number, index: number): string {
  const [address = '', own] = prefix.split('/');
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || Number(own) > length)
    throw new TemplateFault(`${prefix} has no subnet of /${length}`);
  const first = parts.reduce((sum, part) => sum * 256 + part, 0) + index * 2 ** (32 - length);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${length}`;
}

function hex(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

type Node =
  | { kind: 'literal'; value: string | number }
  | { kind: 'call'; name: string; arguments: Node[] }
  | { kind: 'member'; object: Node; key: Node };

/** Parses `format('{0}-x', parameters('a').b[0])` and the like. */
export function parseExpression(source: string): Node {
  const tokens = [...source.matchAll(/\s*('(?:[^']|'')*'|\d+|[A-Za-z]\w*|[()[\],.])/gy)];
  const read = tokens.reduce((length, token) => length + token[0].length, 0);
  if (read !== source.trimEnd().length) throw new TemplateFault(`cannot be read: ${source.slice(read)}`);
  const words = tokens.map((token) => token[1] ?? '');
  let position = 0;
  const next = (expected?: string): string => {
    const word = words[position] ?? '';
    if (expected !== undefined && word !== expected) {
      throw new TemplateFault(`${expected} is missing before "${word}" in ${source}`);
    }
    position += 1;
    return word;
  };
  const primary = (): Node => {
    const word = next();
    if (word.startsWith("'")) return { kind: 'literal', value: word.slice(1, -1).replaceAll("''", "'") };
    if (/^\d/.test(word)) return { kind: 'literal', value: Number(word) };
    if (!/^[A-Za-z]/.test(word)) throw new TemplateFault(`"${word}" was not expected in ${source}`);
    next('(');
    const list: Node[] = [];
    while (words[position] !== ')') {
      if (list.length > 0) next(',');
      list.push(expression());
    }
    next(')');
    return { kind: 'call', name: word, arguments: list };
  };
  const expression = (): Node => {
    let node = primary();
    for (;;) {
      if (words[position] === '.') {
        next();
        node = { kind: 'member', object: node, key: { kind: 'literal', value: next() } };
      } else if (words[position] === '[') {
        next();
        node = { kind: 'member', object: node, key: expression() };
        next(']');
      } else {
        return node;
      }
    }
  };
  const node = expression();
  if (position !== words.length) throw new TemplateFault(`too much in ${source}`);
  return node;
}
