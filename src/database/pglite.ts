import { setFlagsFromString } from 'node:v8';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { pgliteCode } from './pgliteCode.ts';

/** With PGlite's defaults the process takes about 520 MB, with this about 190 MB (measured). */
const START_PARAMS = [
  ...PGlite.defaultStartParams,
  ...['-c', 'shared_buffers=16MB'],
  // Plans are kept, and most are made while the tables are nearly empty, where reading all of one looks cheapest.
  ...['-c', 'enable_seqscan=off'],
];

/** No function of the database has this number: it is one of those that JavaScript gives it. */
const NONE = 0;
const ALL = -1;

/**
 * PGlite, with a parser that V8 does not optimise. The parser of SQL is one function of 105 KB; optimising it, as V8 did
 * a second after each start, takes 600 MB and 3 s of a processor (docs/performance.md), and is of no use here: statements
 * are prepared, so it seldom runs. Whether a function may be optimised later stands in the code that it is compiled to
 * when it is called first. So none may that is called first by the first message, `SET search_path`: the parser is among
 * them. What reads and writes tables is not.
 */
class LeanPglite extends PGlite {
  #hasParsed = false;

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.#hasParsed) return super.execProtocolRawSync(message);
    this.#hasParsed = true;
    // A V8 without this flag says so on stderr, and optimises as before.
    setFlagsFromString(`--wasm-tier-up-filter=${NONE}`);
    try {
      return super.execProtocolRawSync(message);
    } finally {
      setFlagsFromString(`--wasm-tier-up-filter=${ALL}`);
    }
  }
}

/** Opens an embedded database, each in the same way. */
export async function startPglite(options: PGliteOptions & { dataDir: string }): Promise<PGlite> {
  const pgliteWasmModule = await pgliteCode();
  const pglite = new LeanPglite({ ...options, pgliteWasmModule, startParams: START_PARAMS });
  await pglite.waitReady;
  return pglite;
}
