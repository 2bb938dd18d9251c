import { enableCompileCache, setSourceMapsSupport } from 'node:module';
import { fileURLToPath } from 'node:url';
import { pgliteCode } from './database/pgliteCode.ts';

// Caches compiled code for the next start, because compiling takes a quarter of it (some 2,000 modules). Written when
// the process exits. If the cache cannot be written, nothing breaks.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
// Maps errors of the bundle to source lines. Source maps of packages are not read.
setSourceMapsSupport(true, { nodeModules: false });
// Needed only without a database server. If it fails, opening the database reports it.
if (!process.env['DATABASE_URL']) pgliteCode().catch(() => undefined);
await import('./run.ts');
