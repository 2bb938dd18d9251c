import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { reference } from '../support/reference.ts';
import type { JsonObject, Resource } from './armTemplate.ts';

/**
 * The parts of schemas that our resources need and the reference folder does not have, extracted from
 * Azure/azure-resource-manager-schemas (MIT) without descriptions.
 */
const excerpts = fileURLToPath(new URL('schemas/', import.meta.url));
const origin = 'https://schema.management.azure.com/schemas/';

export interface ArmSchemas {
  /** The faults of an evaluated resource; null if there is no schema for its type and API version. */
  faultsOfResource(resource: Resource): string[] | null;
  faultsOfTemplate(template: JsonObject): string[];
  faultsOfParameters(file: JsonObject): string[];
}

let loaded: ArmSchemas | null = null;

/** The official schemas; null if they are not available. */
export function armSchemas(): ArmSchemas | null {
  const folder = reference('reference/arm-schemas');
  if (folder === null) return null;
  loaded ??= load(folder);
  return loaded;
}

function load(folder: string): ArmSchemas {
  const ajv = new Ajv({ strict: false, validateSchema: false });
  addFormats.default(ajv);
  const resources = new Map<string, { schema: string; type: string }>();
  const files = [folder, excerpts].flatMap((from) =>
    globSync('**/*.json', { cwd: from }).map((path) => ({ from, path })),
  );
  for (const { from, path } of files) {
    const {
      id: _id,
      $schema: _draft,
      ...schema
    } = objectOf(JSON.parse(readFileSync(join(from, path), 'utf8')));
    const $id = origin + path.replaceAll('\\', '/');
    const { resourceDefinitions, definitions } = schema;
    if (resourceDefinitions !== undefined) {
      for (const part of [resourceDefinitions, definitions]) Object.values(objectOf(part)).forEach(tighten);
      for (const [key, definition] of Object.entries(objectOf(resourceDefinitions))) {
        const { type, apiVersion } = objectOf(objectOf(definition).properties);
        const [name, version] = [type, apiVersion].map((property) => listOf(objectOf(property).enum)[0]);
        resources.set(`${String(name)}@${String(version)}`.toLowerCase(), {
          schema: `${$id}#/resourceDefinitions/${key}`,
          type: String(name),
        });
      }
    }
    // This list names the schemas of all providers. Most are missing here, so resources are checked one by one.
    if (path.endsWith('deploymentTemplate.json')) {
      objectOf(definitions).resource = { $ref: '#/definitions/ARMResourceBase' };
    }
    ajv.addSchema(schema, $id);
    // Parameter files of 2015 refer to a template schema that is missing here. The parts they need have not changed.
    if (path.endsWith('deploymentTemplate.json')) {
      ajv.addSchema(schema, `${origin}2015-01-01/deploymentTemplate.json`);
    }
  }
  const faults = ($ref: string, value: unknown): string[] => {
    const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  return {
    faultsOfResource(resource) {
      const found = resources.get(`${resource.type}@${resource.apiVersion}`.toLowerCase());
      if (found === undefined) return null;
      const body = { ...resource.body, type: found.type };
      const whole = faults(found.schema, body);
      // Some schemas expect the full name of a child resource, others its last part.
      const last = resource.name.split('/').at(-1) ?? '';
      return whole.length === 0
        ? []
        : faults(found.schema, { ...body, name: last }).length === 0
          ? []
          : whole;
    },
    faultsOfTemplate: (template) => faults(`${origin}2019-04-01/deploymentTemplate.json`, template),
    faultsOfParameters: (file) => faults(`${origin}2015-01-01/deploymentParameters.json`, file),
  };
}

/**
 * The schemas allow unknown properties, so a typo would pass. In a definition without variants its properties are the
 * complete list. In one with variants the generator's own `additionalProperties` would reject the variants'
 * properties.
 */
function tighten(definition: unknown): void {
  const schema = objectOf(definition);
  if (schema.allOf !== undefined || schema.oneOf !== undefined) {
    delete schema.additionalProperties;
    for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) {
      delete objectOf(part).additionalProperties;
    }
  } else if (schema.properties !== undefined && Object.keys(objectOf(schema.properties)).length > 0) {
    schema.additionalProperties ??= false;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new TypeError('the schema is not as expected');
  return value;
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('the schema is not as expected');
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
