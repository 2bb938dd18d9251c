/*
 * The packages that take longest to load. In watch mode a process loads them before a file has changed. The product's own
 * modules must not be among them: they may be what changes.
 */
import '@azure/communication-call-automation';
import '@azure/communication-identity';
import '@azure/identity';
import '@electric-sql/pglite';
import '@microsoft/microsoft-graph-client';
import 'botbuilder';
import 'fast-check';
import 'kysely';
import 'luxon';
import 'pg';
import 'pg-boss';
import 'pino';
import 'prom-client';
import 'restify';
import 'sinon';
import 'yaml';
import 'zod';
