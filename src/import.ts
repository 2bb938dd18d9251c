import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { argv, pid, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { systemClock } from './clock.ts';
import { ConfigFaults } from './config/faults.ts';
import { NotText, textOf } from './config/textFile.ts';
import { convert, type Converted } from './import/convert.ts';
import { NotAnExport } from './import/exportFile.ts';
import { systems } from './import/systems.ts';
import { lossLine } from './import/writeYaml.ts';

/*
 * `npm run import -- <system> <export.json> [--out ringdown.yaml] [--force]`: writes a ringdown.yaml from another
 * system's export (docs/import.md), and lists what could not be carried over. Exit codes: 0 everything was carried over;
 * 2 the file is written, and there is a list; 1 nothing is written.
 */

const USAGE = `npm run import -- ${systems.map(({ system }) => system.key).join('|')} <export.json> [--out ringdown.yaml] [--force]`;

/** Something that the person can put right. */
class Refused extends Error {}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      args: argv.slice(2),
      allowPositionals: true,
      options: {
        out: { type: 'string', default: 'ringdown.yaml' },
        force: { type: 'boolean', default: false },
      },
    });
    const [key, file, ...more] = positionals;
    const found = systems.find(({ system }) => system.key === key);
    if (found !== undefined && file !== undefined && more.length === 0) return { ...values, ...found, file };
  } catch {
    // An unknown option: the usage says which there are.
  }
  throw new Refused(USAGE);
}

function readText(file: string): string {
  try {
    return textOf(readFileSync(file));
  } catch (error) {
    throw new Refused(
      `${file} ${error instanceof NotText ? error.message : `cannot be read (${codeOf(error)})`}`,
    );
  }
}

function codeOf(error: unknown): string {
  return String(error instanceof Error && 'code' in error ? error.code : 'unknown');
}

/** An existing file stays, unless it is to be replaced; then it is replaced as a whole. */
function write(out: string, text: string, force: boolean): void {
  const draft = force ? `${out}.new-${pid}` : out;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    if (force) renameSync(draft, out);
  } catch (error) {
    const code = codeOf(error);
    if (force) rmSync(draft, { force: true });
    throw new Refused(
      code === 'EEXIST' && !force
        ? `${out} exists. Use --force to replace it, or --out for another name`
        : `${out} cannot be written (${code})`,
    );
  }
}

function summary({ carried: { rotations, policies, losses } }: Converted, out: string): string {
  const head = `Written: ${out} (rotations: ${rotations.length}, policies: ${policies.length})`;
  if (losses.length === 0) return `${head}\nEverything was carried over.\n`;
  return `${head}\n\nNot carried over, or to be checked (${losses.length}), also at the head of the file:\n${losses.map(lossLine).join('\n')}\n`;
}

try {
  const { system, read, file, out, force } = readOptions();
  const text = readText(file);
  const converted = (() => {
    try {
      return convert(system, read, text, systemClock.now());
    } catch (error) {
      if (error instanceof NotAnExport) throw new Refused(`${file}: ${error.message}`);
      if (!(error instanceof ConfigFaults)) throw error;
      throw new Refused(
        `Nothing is written: Ringdown would refuse the file. Please report this.\n${error.message}`,
      );
    }
  })();
  write(out, converted.yaml, force);
  stdout.write(summary(converted, out));
  process.exitCode = converted.carried.losses.length === 0 ? 0 : 2;
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
