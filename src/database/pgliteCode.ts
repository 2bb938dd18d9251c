import { readFile } from 'node:fs/promises';

declare global {
  // The types of Node have none of its functions.
  namespace WebAssembly {
    function compile(bytes: Uint8Array): Promise<Module>;
  }
}

/** Beside this file in a bundle, as scripts/bundle has it; else in the package. */
const file = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../node_modules/@electric-sql/pglite/dist/pglite.wasm'
    : 'pglite.wasm',
  import.meta.url,
);

let compiling: Promise<WebAssembly.Module> | undefined;

/**
 * The code of the embedded database, compiled once in a process. It is compiled in the background, so a start asks for
 * it before it loads its modules.
 */
export async function pgliteCode(): Promise<WebAssembly.Module> {
  compiling ??= readFile(file).then(async (code) => await WebAssembly.compile(code));
  return await compiling;
}
