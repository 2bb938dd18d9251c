import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigFaults } from './faults.ts';
import { NotText, textOf } from './textFile.ts';

/**
 * Loads `.env`, if it exists, into the environment. Variables that are already set keep their values. Node's
 * `loadEnvFile` is not enough: it silently treats a byte order mark as part of the first name, and reads nothing from
 * UTF-16.
 *
 * @throws ConfigFaults
 */
export function loadDotEnv(env: NodeJS.ProcessEnv = process.env, path = '.env'): void {
  let text: string;
  try {
    text = textOf(readFileSync(path));
  } catch (error) {
    if (error instanceof NotText) {
      const { line, column, problem } = error;
      throw new ConfigFaults([{ name: `${normalize(path)}:${line}:${column}`, problem, example: '' }]);
    }
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ENOENT') return;
    const problem = `cannot be read (${String(error.code)})`;
    throw new ConfigFaults([{ name: normalize(path), problem, example: '' }]);
  }
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value;
}
