import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import type { Exchange } from '../../../emulator/http/requests.ts';
import { reference } from '../reference.ts';

const files = [
  'CallAutomation/stable/2026-03-12/communicationservicescallautomation.json',
  'Identity/stable/2023-10-01/CommunicationIdentity.json',
  'Common/stable/2025-06-30/common.json',
  'Common/stable/2022-07-13/common.json',
];

const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(
    z.looseObject({
      in: z.string().optional(),
      required: z.boolean().optional(),
      schema: z.unknown().optional(),
    }),
  ),
  responses: z.record(z.string(), z.looseObject({ schema: z.unknown().optional() })),
});
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  definitions: z.record(z.string(), z.unknown()),
});

interface Described {
  operationId: string;
  method: string;
  path: RegExp;
  bodyRequired: boolean;
  body: ValidateFunction | null;
  /** By status; `default` for all others. Null: no body. */
  answers: Map<string, ValidateFunction | null>;
}

export interface Swagger {
  /** The faults of an exchange; none for undescribed paths. */
  faultsOf(exchange: Exchange): string[];
  /** The faults in the data of an event of this type (without prefix). */
  faultsOfEvent(type: string, data: unknown): string[];
  operationOf(method: string, pathname: string): string | null;
  operationIds: string[];
}

let loaded: Swagger | null = null;

/** The official API descriptions; null if they are not available. */
export function swagger(): Swagger | null {
  const folder = reference('reference/swagger');
  if (folder === null) return null;
  loaded ??= load(folder);
  return loaded;
}

function load(folder: string): Swagger {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  const documents = files.map((file) => {
    const raw: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const document = Document.parse(raw);
    const $id = `https://swagger/${file}`;
    // In Swagger "required" means something else for parameters, so only the definitions are JSON schemas.
    ajv.addSchema({ $id, definitions: document.definitions });
    return { $id, document };
  });
  const all: Described[] = documents.flatMap(({ $id, document }) =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const body = operation.parameters.find((parameter) => parameter.in === 'body');
        return {
          operationId: operation.operationId,
          method: method.toUpperCase(),
          path: pattern(path),
          bodyRequired: body?.required ?? false,
          body: compile(ajv, $id, body?.schema),
          answers: new Map(
            Object.entries(operation.responses).map(([status, { schema }]) => [
              status,
              compile(ajv, $id, schema),
            ]),
          ),
        };
      }),
    ),
  );
  const find = (method: string, pathname: string): Described | undefined =>
    all.find((operation) => operation.method === method && operation.path.test(pathname));

  return {
    operationIds: all.map(({ operationId }) => operationId),
    operationOf: (method, pathname) => find(method, pathname)?.operationId ?? null,
    faultsOf({ request, answer, spoiled }) {
      const pathname = request.target.split('?')[0] ?? '';
      const operation = find(request.method, pathname);
      if (!operation || spoiled) return [];
      const faults: string[] = [];
      const accepted = answer.status < 300;
      // A refused request may be invalid.
      if (accepted)
        faults.push(
          ...check(operation.body, request.body, operation.bodyRequired).map((f) => `request: ${f}`),
        );
      const known = operation.answers.has(String(answer.status));
      const declared = operation.answers.get(known ? String(answer.status) : 'default') ?? null;
      if (accepted && !known) faults.push(`status ${answer.status} is not described`);
      const body = answer.body ?? Buffer.alloc(0);
      faults.push(...check(declared, body, declared !== null).map((fault) => `answer: ${fault}`));
      return faults.map((fault) => `${operation.operationId} ${answer.status} ${fault}`);
    },
    faultsOfEvent(type, data) {
      const [first] = documents;
      if (!first || !(type in first.document.definitions)) return [`no event ${type} is described`];
      const validate = ajv.compile({ $ref: `${first.$id}#/definitions/${type}` });
      // Recorded: the real service sends these two, which the description lacks.
      const { version: _version, publicEventType: _type, ...described } = z.looseObject({}).parse(data);
      return validate(described) ? [] : [`${type}: ${ajv.errorsText(validate.errors)}`];
    },
  };
}

function compile(ajv: Ajv, $id: string, schema: unknown): ValidateFunction | null {
  if (typeof schema !== 'object' || schema === null) return null;
  const absolute: unknown = JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' ? new URL(value, $id).href : value,
    ),
  );
  return typeof absolute === 'object' && absolute !== null ? ajv.compile(absolute) : null;
}

function check(validate: ValidateFunction | null, body: Buffer, required: boolean): string[] {
  if (validate === null) return body.length === 0 ? [] : ['a body that is not described'];
  if (body.length === 0) return required ? ['no body'] : [];
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

function pattern(path: string): RegExp {
  const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/:]+');
  return new RegExp(`^${source}$`);
}
