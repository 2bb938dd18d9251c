import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigFaults } from './faults.ts';
import { NotText, textOf } from './textFile.ts';

/**
 * Reads `.env`, if it is there, into the environment; what is set there already stays. Node's own `loadEnvFile` takes a
 * byte order mark for a part of the first name, reads nothing of UTF-16, and says neither.
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
