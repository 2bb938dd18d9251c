import { enableCompileCache, setSourceMapsSupport } from 'node:module';
import { fileURLToPath } from 'node:url';
import { pgliteCode } from './database/pgliteCode.ts';

// A start loads some 2,000 modules, and compiling them is a quarter of that: what was compiled is kept for the next start,
// written when the process ends. Where nothing can be written it is compiled each time, and nobody is told.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
// Of a bundle: its errors name the lines of the source. No package is asked for its map.
setSourceMapsSupport(true, { nodeModules: false });
// Wanted only without a server; a fault of it shows when the database is opened.
if (!process.env['DATABASE_URL']) pgliteCode().catch(() => undefined);
await import('./run.ts');
