import { setFlagsFromString } from 'node:v8';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { EmbeddedStatements } from './embeddedDatabase.ts';
import { pgliteCode } from './pgliteCode.ts';

/** The process takes about 520 MB with PGlite's defaults and about 190 MB with these (measured). */
const START_PARAMS = [
  ...PGlite.defaultStartParams,
  '-c',
  'shared_buffers=16MB',
  // Plans are cached, and most are made while the tables are nearly empty, where a sequential scan looks cheapest.
  '-c',
  'enable_seqscan=off',
  '-c',
  // Otherwise most statements are planned again each time. Such a plan knows no values: a condition of a partial index
  // stands in the statement as a literal.
  'plan_cache_mode=force_generic_plan',
];

/** Larger than the number of any function of the database: it belongs to an imported JavaScript function. */
const NONE = 0;
const ALL = -1;

/**
 * Opens PGlite so that V8 does not optimise its SQL parser. The parser is one function of 105 KB. V8 used to optimise
 * it a second after each start, which takes 600 MB and 3 s of CPU (docs/performance.md) and gains nothing: statements
 * are prepared, so it seldom runs. V8 decides whether a function may be optimised when it compiles it on its first
 * call. So optimisation is off during the first message, `SET search_path`, which calls the parser first. The
 * functions that read and write tables are first called later and stay optimisable.
 */
export class LeanPglite extends PGlite {
  /** They stay prepared as long as it is open. */
  readonly statements = new EmbeddedStatements(this);
  #hasParsed = false;

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.#hasParsed) return super.execProtocolRawSync(message);
    this.#hasParsed = true;
    // A V8 without this flag prints a warning on stderr and optimises as before.
    setFlagsFromString(`--wasm-tier-up-filter=${NONE}`);
    try {
      return super.execProtocolRawSync(message);
    } finally {
      setFlagsFromString(`--wasm-tier-up-filter=${ALL}`);
    }
  }
}

/** Opens any embedded database in the same way. */
export async function startPglite(options: PGliteOptions & { dataDir: string }): Promise<LeanPglite> {
  const pgliteWasmModule = await pgliteCode();
  const pglite = new LeanPglite({ ...options, pgliteWasmModule, startParams: START_PARAMS });
  await pglite.waitReady;
  return pglite;
}
