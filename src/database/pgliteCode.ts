import { readFile } from 'node:fs/promises';

declare global {
  // Node's types do not declare its functions.
  namespace WebAssembly {
    function compile(bytes: Uint8Array): Promise<Module>;
  }
}

/** Next to this file in a bundle (scripts/bundle), else in the package. */
const file = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../node_modules/@electric-sql/pglite/dist/pglite.wasm'
    : 'pglite.wasm',
  import.meta.url,
);

let compiling: Promise<WebAssembly.Module> | undefined;

/**
 * The compiled code of the embedded database, once per process. Compilation runs in the background, so a start calls
 * this before it loads its modules.
 */
export async function pgliteCode(): Promise<WebAssembly.Module> {
  compiling ??= readFile(file).then(async (code) => await WebAssembly.compile(code));
  return await compiling;
}
