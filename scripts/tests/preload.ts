/*
 * Loads the whole product and opens a database, so that only the changed files are left to load. In watch mode a
 * process does this in advance. The worker does not import this file, because it would then count as importing the
 * product itself.
 */
await import('../../test/support/world.ts');
const { openEmbedded } = await import('../../test/support/databases.ts');
const database = await openEmbedded();
await database.close();
