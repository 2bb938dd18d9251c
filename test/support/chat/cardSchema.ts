import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { reference } from '../reference.ts';

let validate: ValidateFunction | null = null;

/** The faults of a card by Microsoft's schema of Adaptive Cards 1.5; null if the schema is not available. */
export function cardFaults(card: unknown): string[] | null {
  const file = reference('reference/adaptive-cards/1.5.0.json');
  if (file === null) return null;
  validate ??= compiled(file);
  validate(card);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function compiled(file: string): ValidateFunction {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // Its `id` belongs to an older draft than its `$schema`.
  const schema: unknown = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  return ajv.compile(Object.assign({}, schema, { $schema: undefined }));
}
