import { argv } from 'node:process';
import { bundleInto } from './bundle.ts';

/* `node scripts/bundle/main.ts FOLDER`: the server as the image has it. */
await bundleInto(argv[2] ?? 'dist/server');
