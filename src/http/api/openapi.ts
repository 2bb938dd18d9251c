import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { errorCatalogue, type ErrorCode } from '../../errors.ts';
import { noBody, type Operation } from './endpoint.ts';

/** The query parameter that carries a key. It is described as a security scheme. */
const TOKEN = 'token';

/** Codes that any endpoint may answer, and those that only endpoints with a body may answer. */
const everywhere: readonly ErrorCode[] = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'internal',
  'unavailable',
];
/** Codes of endpoints that authenticate before they read the body. */
const ofKeys: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden', 'rate_limited']);
const withBody: readonly ErrorCode[] = ['payload_too_large', 'unsupported_media_type'];

const problemSchema = z.looseObject({
  code: z.string().describe('Stable; see docs/errors.md.'),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  reference: z.string().describe('Identifies the request in the log.'),
});

/**
 * Builds the OpenAPI 3.1 description of `/api/v1` and `/console/api` (its schemas are JSON Schema 2020-12) from the
 * schemas that validate requests.
 */
export function openApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Schemas = {};
  schemas['Problem'] = schemaOf(problemSchema, 'output', schemas);
  for (const one of operations) {
    const path = one.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ringdown',
      version: packageJson.version,
      description: 'Calls people in Microsoft Teams, and goes on until somebody acknowledges.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, or an Entra access token with the app role Calls.Place.',
        },
        token: {
          type: 'apiKey',
          in: 'query',
          name: TOKEN,
          description: 'An integration key, for senders that cannot set headers.',
        },
        console: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A person’s Entra access token for the console, with the scope access_as_user. In anonymous mode: `as:` and the person’s object id.',
        },
      },
      schemas,
    },
  };
}

function operation(one: Operation, schemas: Schemas): object {
  const { operation: operationId, summary, description, body, idempotent, status, answer, examples } = one;
  const tag = one.path.split('/')[3] ?? '';
  return {
    operationId,
    summary,
    description,
    ...securityOf(one),
    tags: [tag],
    parameters: parameters(one),
    ...(body === noBody
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: schemaOf(body(), 'input', schemas),
                examples: Object.fromEntries(
                  Object.entries(examples.body ?? {}).map(([name, value]) => [name, { value }]),
                ),
              },
            },
          },
        }),
    responses: {
      [status]: {
        description: status === 202 ? 'Stored, and will be carried out.' : 'Done.',
        ...(idempotent
          ? {
              headers: {
                'Idempotency-Replayed': {
                  description: '`true` if this is the answer to an earlier request with the same key.',
                  schema: { type: 'string' },
                },
              },
            }
          : {}),
        content: {
          [one.answerType ?? 'application/json']: {
            schema: schemaOf(answer, 'output', schemas),
            example: examples.answer,
          },
        },
      },
      ...problems(one),
    },
  };
}

function securityOf({ credential }: Operation): { security?: object[] } {
  switch (credential) {
    case 'key':
      return {};
    case 'keyInQuery':
      return { security: [{ bearer: [] }, { token: [] }] };
    case 'console':
      return { security: [{ console: [] }] };
    case 'none':
      return { security: [] };
  }
}

function parameters({ path, query, idempotent }: Operation): object[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(properties)
      .filter(([name]) => name !== TOKEN)
      .map(([name, schema]) => ({ name, in: 'query', schema })),
    ...(idempotent
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description:
              'Repeating a request with the same key and body within 24 hours returns the first answer and does nothing.',
            schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
          },
        ]
      : []),
  ];
}

/** One response per status. Its `code` lists the errors with that status. */
function problems({ errors, body, credential, refusal }: Operation): Record<string, object> {
  const usual = credential === 'none' ? everywhere.filter((code) => !ofKeys.has(code)) : everywhere;
  const codes = new Set([...usual, ...errors, ...(body === noBody ? [] : withBody)]);
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status);
  const described = Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `${errorCatalogue[code].title} (\`${code}\`)`).join('; '),
        ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { properties: { code: { enum: group }, status: { const: status } } },
              ],
            },
          },
        },
      },
    ]),
  );
  if (refusal === undefined) return described;
  const content = { 'application/json': { schema: z.toJSONSchema(refusal, { io: 'output' }) } };
  return {
    ...described,
    400: { description: 'The request is malformed, or its key is unknown.', content },
  };
}

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait before a retry.', schema: { type: 'integer' } },
};

/** Reusable schemas, by id. */
type Schemas = Record<string, unknown>;

/** Converts a schema to JSON Schema. Parts with an id go to `schemas`, and are referenced. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Schemas): object {
  const { $schema: _, $defs, id, ...plain } = hoisted(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  for (const [name, { id: __, ...named }] of Object.entries($defs ?? {})) schemas[name] = named;
  if (id === undefined) return plain;
  schemas[id] = plain;
  return { $ref: `#/components/schemas/${id}` };
}

const generated = z.looseObject({
  id: z.string().optional(),
  $defs: z.record(z.string(), z.looseObject({})).optional(),
});

function hoisted(schema: object): z.infer<typeof generated> {
  const json = JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/');
  return generated.parse(JSON.parse(json));
}
