import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { isMap, isTrue, TemplateFault, Templates, textOf } from './goTemplate.ts';
import type { Value } from './goTemplate.ts';

/*
 * The parts of `helm template` that our chart needs: values over defaults, the schema of values, the templates, and
 * YAML. Helm itself is not in a package registry that the tests can use.
 */

const chartFolder = fileURLToPath(new URL('../../../deploymentTemplates/helm/ringdown/', import.meta.url));
export type Values = { [key: string]: Value };

const read = (name: string): string => readFileSync(`${chartFolder}${name}`, 'utf8');
const indented = (value: Value, by: Value): string => {
  const blanks = ' '.repeat(Number(by));
  return blanks + textOf(value).replaceAll('\n', `\n${blanks}`);
};

/** Functions of Go, Sprig and Helm. */
const functions = {
  default: (fallback: Value, value: Value) => (isTrue(value) ? value : fallback),
  eq: (a: Value, b: Value) => a === b,
  or: (...values: Value[]) => values.find(isTrue) ?? values.at(-1),
  nindent: (by: Value, value: Value) => `\n${indented(value, by)}`,
  omit: (map: Value, ...keys: Value[]) =>
    Object.fromEntries(Object.entries(isMap(map) ? map : {}).filter(([key]) => !keys.includes(key))),
  printf: (format: Value, ...values: Value[]) =>
    textOf(format).replaceAll('%s', () => textOf(values.shift())),
  // Go quotes like JSON, except for characters that our values do not contain.
  quote: (value: Value) => JSON.stringify(textOf(value)),
  required: (problem: Value, value: Value) => {
    if (value === undefined || value === null || value === '') throw new TemplateFault(textOf(problem));
    return value;
  },
  sha256sum: (value: Value) => createHash('sha256').update(textOf(value)).digest('hex'),
  toYaml: (value: Value) => stringify(value, { sortMapEntries: true, indentSeq: false }).trimEnd(),
  trimPrefix: (prefix: Value, value: Value) =>
    textOf(value).startsWith(textOf(prefix)) ? textOf(value).slice(textOf(prefix).length) : value,
  trimSuffix: (suffix: Value, value: Value) =>
    textOf(value).endsWith(textOf(suffix)) ? textOf(value).slice(0, -textOf(suffix).length) : value,
  trunc: (length: Value, value: Value) => textOf(value).slice(0, Number(length)),
};

export const schema = JSON.parse(read('values.schema.json')) as Values;
const fits = new Ajv({ allErrors: true }).compile(schema);

export const defaults = parse(read('values.yaml')) as Values;
export const about = parse(read('Chart.yaml')) as Values;

/** Merges values into defaults as Helm does: maps are merged, everything else is replaced, null removes. */
function over(below: Values, above: Values): Values {
  const joined: Values = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = below[key];
    if (value === null) delete joined[key];
    else joined[key] = isMap(value) && isMap(old) ? over(old, value) : value;
  }
  return joined;
}

/** The faults of values, by values.schema.json. */
export function faultsOf(values: Values): string[] {
  if (fits(over(defaults, values))) return [];
  return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The rendered files that are not empty. @throws TemplateFault where Helm would fail */
function renderFiles(values: Values, release: string): Map<string, string> {
  const faults = faultsOf(values);
  if (faults.length > 0) throw new TemplateFault(faults.join('\n'));
  const templates = new Templates(functions);
  const root: Values = {
    Values: over(defaults, values),
    Release: { Name: release, Namespace: 'alerts', Service: 'Helm' },
    // In templates the fields of Chart.yaml are capitalised.
    Chart: Object.fromEntries(
      Object.entries(about).map(([key, value]) => [key.replace(/^./, (first) => first.toUpperCase()), value]),
    ),
  };
  const files = readdirSync(`${chartFolder}templates`).map(
    (name) => [name, templates.add(read(`templates/${name}`))] as const,
  );
  return new Map(
    files
      .map(([name, rendering]) => [name, name.startsWith('_') ? '' : rendering(root)] as const)
      .filter(([, rendered]) => rendered.trim() !== ''),
  );
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec?: unknown;
  [key: string]: unknown;
}

/** The manifests that Kubernetes would receive. */
export function render(values: Values, release = 'on-call'): Manifest[] {
  return [...renderFiles(values, release)]
    .filter(([name]) => name.endsWith('.yaml'))
    .flatMap(([name, rendered]) =>
      parseAllDocuments(rendered, { strict: true, uniqueKeys: true }).flatMap((document) => {
        if ('errors' in document && document.errors.length > 0) {
          throw new TemplateFault(`${name}: ${document.errors[0]?.message}\n${rendered}`);
        }
        return [document.toJS() as Manifest];
      }),
    );
}
