import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { allowed, owners } from '../../scripts/lint/tables.ts';
import { linted, type Finding } from '../support/linted.ts';

/** SQL on tables of other rooms, each in a file in src/webhooks. */
const planted: [table: string, source: string][] = [
  ['calls', "sql.selectFrom('calls').selectAll();"],
  ['calls', "sql.selectFrom('calls as other').selectAll();"],
  ['calls', "sql.selectFrom(['webhook_deliveries', 'calls']).selectAll();"],
  ['audit', "sql.insertInto('audit').values(row);"],
  ['settings', "sql.updateTable('settings').set({ value });"],
  ['cards', "sql.deleteFrom('cards');"],
  ['alerts', "sql.selectFrom('webhook_deliveries').innerJoin('alerts', 'alerts.id', 'x');"],
  [
    'calls',
    "sql.selectFrom('webhook_deliveries').where((where) => where.exists(where.selectFrom('calls')));",
  ],
  ['calls', 'raw`SELECT id FROM calls WHERE id = ${id}`;'],
  ['calls', 'raw<{ id: string }>`\n  SELECT id\n  FROM\n    calls AS one`;'],
  ['calls', 'raw`SELECT FROM webhook_deliveries, calls`;'],
  ['calls', 'raw`SELECT FROM webhook_deliveries AS one, calls`;'],
  ['calls', 'raw`SELECT FROM webhook_deliveries JOIN "calls" ON true`;'],
  ['escalations', 'raw`UPDATE escalations SET status = ${status}`;'],
  ['jobs', 'raw`INSERT INTO jobs (name) VALUES (1)`;'],
  ['jobs', 'raw`delete from jobs using processes`;'],
  ['processes', 'raw`delete from jobs using processes`;'],
  ['calls', 'raw`SELECT * FROM json_populate_record(NULL::calls, ${row})`;'],
  ['intake', 'raw`LOCK TABLE intake`;'],
  ['intake', "await client.query('SELECT count(*) FROM intake');"],
  ['write the table name as a literal', 'sql.selectFrom(table).selectAll();'],
];

const harmless: [file: string, source: string][] = [
  ['src/webhooks/own.ts', "sql.selectFrom('webhook_deliveries').selectAll();"],
  ['src/calls/own.ts', 'raw`SELECT FROM calls JOIN call_timeline ON true`;'],
  ['src/database/migrations/own.ts', 'raw`CREATE INDEX ON calls (id)`; raw`UPDATE calls SET id = id`;'],
  ['src/webhooks/words.ts', 'raw`SELECT count(*) AS calls FROM webhook_deliveries`;'],
  ['src/webhooks/texts.ts', "log.warn('nothing came from calls');"],
  ['src/webhooks/time.ts', 'raw`SELECT extract(epoch FROM settings_at) FROM webhook_deliveries`;'],
  ['test/own.ts', 'raw`SELECT FROM calls`;'],
];

describe('tables', () => {
  const inFiles = planted.map(([table, source], index) => ({
    table,
    source,
    file: `src/webhooks/planted${index}.ts`,
  }));
  let found: readonly Finding[];
  const foundIn = (file: string): Finding[] =>
    found.filter((one) => one.file === file && one.code === 'house(tables)');
  before(async () => {
    const files = new Map(harmless);
    for (const { file, source } of inFiles) files.set(file, source);
    found = await linted(Object.fromEntries(files));
  });

  for (const { table, source, file } of inFiles) {
    it(`of another room are found: ${source}`, () => {
      assert.ok(
        foundIn(file).some(({ message }) => message.includes(table)),
        JSON.stringify(foundIn(file)),
      );
    });
  }

  for (const [file, source] of harmless) {
    it(`are used by nobody else in ${file}: ${source}`, () => assert.deepEqual(foundIn(file), []));
  }

  it('belong to existing folders', () => {
    for (const room of Object.values(owners))
      assert.ok(existsSync(new URL(`../../src/${room}`, import.meta.url)), room);
  });

  it('have exceptions only where they are still used', () => {
    for (const { file, tables } of allowed) {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      for (const table of tables) assert.ok(source.includes(table), `${table} in ${file}`);
    }
  });
});
