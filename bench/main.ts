import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

/**
 * `npm run bench` measures, `npm run bench -- --short` only shows that everything gives right results (for CI). It
 * fails on wrong results, never on time.
 */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    calls: { type: 'string' },
    seed: { type: 'string' },
    rate: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const calls = Number(values.calls ?? (values.short ? 120 : 5000));
console.log(`soak: ${calls} calls, 2 replicas, seed ${seed}`);
const result = await soak({
  calls,
  seed,
  rate: Number(values.rate ?? (values.short ? 10 : 25)),
  drops: !values.short,
  killEveryMs: values.short ? 3_000 : 8_000,
  print: (line) => console.log(`  ${line}`),
});
console.table({ ...result, dispositions: JSON.stringify(result.dispositions) });
mkdirSync('bench', { recursive: true });
writeFileSync(
  'bench/results.json',
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, soak: result }, null, 2)}\n`,
);
const wrong = result.calledTwice + result.neverCalled + result.notEnded + result.cardsNotFinal;
if (wrong > 0) {
  console.error(`wrong results: ${wrong}`);
  process.exitCode = 1;
}
