import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

/** Microsoft's schema of Adaptive Cards 1.5. It lies beside the repository, where there is one. */
const file = fileURLToPath(
  new URL('../../../../shared/reference/adaptive-cards/1.5.0.json', import.meta.url),
);

/** @returns what is wrong with a card; null where the schema is not at hand */
export function cardFaults(): ((card: unknown) => string[]) | null {
  if (!existsSync(file)) return null;
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // Its `id` is that of an older draft than the one it names.
  const schema: unknown = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const validate = ajv.compile(Object.assign({}, schema, { $schema: undefined }));
  return (card) => {
    validate(card);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
