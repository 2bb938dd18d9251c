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

  /** Files without a known time count as long, so that they start early. */
  of(name: string): number {
    return this.#times.get(name) ?? UNKNOWN_MS;
  }

  keep(name: string, ms: number): void {
    this.#times.set(name, ms);
  }

  write(): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(Object.fromEntries(this.#times)));
  }
}

const UNKNOWN_MS = 5_000;

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
