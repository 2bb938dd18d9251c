import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from './machine.ts';
import type { Aim, Part, PartResult } from './part.ts';
import { parts } from './parts.ts';
import { seeded } from './random.ts';
import { printed } from './tables.ts';

/**
 * `npm run bench` measures everything; `npm run bench -- a c` those parts. `--short` only
 * shows that everything gives right results (for CI). It fails on wrong results, never on time.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    calls: { type: 'string' },
  },
});
const { short, seed: givenSeed, ...options } = values;

function selected(): readonly Part[] {
  if (positionals.length === 0) return parts.filter(({ notShort }) => !short || !notShort);
  const unknown = positionals.filter((name) => !parts.some((part) => isNamed(part, name)));
  if (unknown.length > 0) {
    console.error(
      `There is no part ${unknown.join(', ')}. Parts: ${parts.map(({ name }) => name).join(', ')}`,
    );
    process.exit(1);
  }
  return parts.filter((part) => positionals.some((name) => isNamed(part, name)));
}

function isNamed({ name }: Part, asked: string): boolean {
  return name === asked || name.startsWith(`${asked}-`);
}

const seed = Number(givenSeed ?? Math.floor(Math.random() * 1_000_000));
const about = machine();
console.log(
  `seed ${seed}; ${Object.entries(about)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}\n`,
);

const results: Record<string, Omit<PartResult, 'tables'> & { seconds: number }> = {};
const aims: Aim[] = [];
const wrong: string[] = [];
for (const { name, title, run } of selected()) {
  console.log(`## ${name}: ${title}\n`);
  const begin = performance.now();
  const print = (line: string): void => console.log(`  ${line}`);
  const { tables, ...result } = await run({ seed, random: seeded(seed), short, print, options });
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  console.log('');
  for (const table of tables) console.log(printed(table));
  console.log(`(${seconds} s)\n`);
  results[name] = { ...result, seconds };
  aims.push(...(result.aims ?? []));
  wrong.push(...result.wrong.map((fault) => `${name}: ${fault}`));
}

if (aims.length > 0) {
  const rows = aims.map(({ aim, measured, met }) => [aim, measured, met ? 'yes' : 'no']);
  console.log(printed({ title: 'Aims', columns: ['aim', 'measured', 'met'], rows }));
}
writeFileSync(
  new URL('results.json', import.meta.url),
  `${JSON.stringify({ at: new Date().toISOString(), seed, short, machine: about, parts: results }, null, 2)}\n`,
);
if (wrong.length > 0) {
  console.error(`Wrong results:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
}
