import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// A start loads some 2,000 modules, and compiling them is a quarter of that: what was compiled is kept for the next start,
// written when the process ends. Where nothing can be written it is compiled each time, and nobody is told.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
await import('./run.ts');
