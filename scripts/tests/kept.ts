import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './process.ts';

const file = join(root, 'node_modules', '.cache', 'ringdown-tests', 'times.json');

/** How long each file took in its last run, in milliseconds. */
export class KeptTimes {
  readonly #times: Map<string, number>;

  constructor() {
    this.#times = new Map(Object.entries(read()));
  }

  /**
   * The time of a file that has not run here is estimated by its size, and by whether it starts processes: files that
   * take long start early.
   */
  of(name: string): number {
    const known = this.#times.get(name);
    if (known !== undefined) return known;
    const text = readFileSync(join(root, name), 'utf8');
    return text.length * MS_PER_CHARACTER + (STARTS_PROCESSES.test(text) ? 20_000 : 0);
  }

  keep(name: string, ms: number): void {
    this.#times.set(name, ms);
  }

  write(): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(Object.fromEntries(this.#times)));
  }
}

const MS_PER_CHARACTER = 0.3;
const STARTS_PROCESSES = /support\/(?:crash\w+|botProcess|crashingBot)\.ts/;

function read(): Record<string, number> {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  } catch {
    return {};
  }
}
