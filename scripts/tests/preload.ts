import { createRequire } from 'node:module';

/**
 * Loads the packages that take longest. In watch mode a process does this before a file has changed. The product's own
 * modules must not be among them: they may be what changes.
 */
export async function preload(): Promise<void> {
  const load = createRequire(import.meta.url);
  for (const name of ['botbuilder', 'restify']) load(name);
  await Promise.all([
    import('@azure/communication-call-automation'),
    import('@azure/communication-identity'),
    import('@electric-sql/pglite'),
    import('@microsoft/microsoft-graph-client'),
    import('kysely'),
    import('luxon'),
    import('pg'),
    import('pino'),
    import('prom-client'),
    import('yaml'),
    import('zod'),
  ]);
}
