import type { RootHookObject } from 'mocha';
import { endOfTests } from './atEnd.ts';
import { mochaHooks as hooks } from './hooks.ts';
import { endsSoon } from './leaks.ts';

/** For mocha without the runner, as editors start it. */
export const mochaHooks: RootHookObject = {
  ...hooks,
  async afterAll() {
    await endOfTests();
    endsSoon();
  },
};
