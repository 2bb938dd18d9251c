import { argv } from 'node:process';
import { bundleInto } from './bundle.ts';

/* `node scripts/bundle/main.ts FOLDER`: builds the server as in the container image. */
await bundleInto(argv[2] ?? 'dist/server');
