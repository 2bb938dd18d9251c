/*
 * Loads the whole product and opens a database, so that only what a change concerns is left to load. In watch mode a
 * process does this before a file has changed. The worker does not import this file: it would count as importing the
 * product itself.
 */
await import('../../test/support/world.ts');
const { lendPglite } = await import('../../test/support/databases.ts');
const pglite = await lendPglite();
await pglite.close();
