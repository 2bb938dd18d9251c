/** What a part of the benchmark is told. */
export interface Run {
  /** From 0 up to 1, with the same seed for each part, so that a run can be repeated. */
  random: () => number;
  seed: number;
  /** Only shows that results are right; as quick as can be. */
  short: boolean;
  /** One line of progress. */
  print: (line: string) => void;
  /** Further options of the command line, such as `--calls 5000`. */
  options: Readonly<Record<string, string | undefined>>;
}

export interface Table {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** Something that was aimed at; missed by time it fails nothing. */
export interface Aim {
  aim: string;
  measured: string;
  met: boolean;
}

export interface PartResult {
  tables: readonly Table[];
  aims?: readonly Aim[];
  /** For bench/results.json. */
  figures: object;
  /** Results that are wrong, each in words: the benchmark fails for them, and for nothing else. */
  wrong: readonly string[];
}

export interface Part {
  /** `a` … `j`, with a word behind a dash where a letter has several: `e` selects `e` and `e-ladder`. */
  name: string;
  title: string;
  /** Not in the short run of everything, which must be quick; by name it has a short form too. */
  notShort?: true;
  run: (run: Run) => Promise<PartResult>;
}
