/** An editor writes a file in several steps, so wait this long. Milliseconds. */
const QUIET_MS = 60;

/** Collects changed files. */
export class Changes {
  readonly #files = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;
  #next = Promise.withResolvers<void>();
  #onChange: () => void;

  /** @param onChange called when files have changed and nothing was written for a moment */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  note(file: string): void {
    this.#files.add(file);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#onChange();
      this.#next.resolve();
    }, QUIET_MS);
  }

  /** Puts taken files back as changed. */
  putBack(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
  }

  /** Waits for a change. @returns the changed files, each once; none after `stop` */
  async take(): Promise<string[]> {
    await this.#next.promise;
    this.#next = Promise.withResolvers();
    const files = [...this.#files];
    this.#files.clear();
    return files;
  }

  stop(): void {
    clearTimeout(this.#quiet);
    this.#files.clear();
    this.#next.resolve();
  }
}
