import fc from 'fast-check';
import type { RootHookObject } from 'mocha';
import { closeAll, testBegins } from './afterTest.ts';

/** Properties use the same random values in each run, unless the run has a seed. */
const SEED = 2026;
fc.configureGlobal({ seed: Number(process.env['RINGDOWN_SEED'] ?? SEED) });

export const mochaHooks: RootHookObject = {
  beforeEach() {
    testBegins();
  },
  async afterEach() {
    await closeAll();
  },
};
