import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './process.ts';

const file = join(root, 'node_modules', '.cache', 'ringdown-tests', 'times.json');

/** How long each file took in its last run, in milliseconds. */
export class KeptTimes {
  readonly #times: Map<string, number>;

  constructor() {
    this.#times = new Map(Object.entries(read()));
  }

  /** The time of a file that has not run here is estimated by its size: long files start early. */
  of(name: string): number {
    return this.#times.get(name) ?? statSync(join(root, name)).size * MS_PER_BYTE;
  }

  keep(name: string, ms: number): void {
    this.#times.set(name, ms);
  }

  write(): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(Object.fromEntries(this.#times)));
  }
}

const MS_PER_BYTE = 0.3;

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
