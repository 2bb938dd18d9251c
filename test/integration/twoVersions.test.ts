import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { freePort } from '../../demo/ports.ts';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { wordsOf } from '../support/chat/room.ts';
import { afterTest } from '../support/afterTest.ts';
import { botProcess, type BotProcess } from '../support/botProcess.ts';
import { onPostgres } from '../support/databases.ts';
import { itLong } from '../support/long.ts';
import { until } from '../support/until.ts';
import { API_KEY, type CallAnswer } from '../support/world.ts';

const NEXT = new URL('../support/nextVersionBot.ts', import.meta.url);
const version = migrations.at(-1)?.version ?? 0;

describe('two versions of the code on one database, one migration apart', function () {
  onPostgres((open, freshUrl) => {
    let emulator: Emulator;

    const api = async ({ url }: BotProcess, path: string, body: object): Promise<{ id: string }> => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.ok(answer.ok, `${path} is answered with ${answer.status}`);
      return (await answer.json()) as { id: string };
    };
    const call = async (bot: BotProcess, id: string): Promise<CallAnswer> =>
      (await bot.get(`/api/v1/calls/${id}`)) as CallAnswer;
    const ended = async (bot: BotProcess, id: string): Promise<void> =>
      await until(async () => (await call(bot, id)).status === 'ended', 'the call has ended');

    itLong('continue each other’s work, in both directions', async () => {
      const url = await freshUrl();
      const { sql: tables } = await open(url);
      const tablesAre = async (): Promise<number | undefined> =>
        (await sql<{ version: number }>`SELECT max(version) AS version FROM migrations`.execute(tables))
          .rows[0]?.version;
      emulator = createEmulator({ timings: { perCharacterMs: 2 } });
      await emulator.start();
      afterTest(async () => await emulator.stop());
      // Each one's callbacks go to the other.
      const [oldPort, nextPort] = [await freePort(), await freePort()];
      const more = (port: number, other: number): Record<string, string> => ({
        PORT: String(port),
        PUBLIC_URL: `http://127.0.0.1:${other}`,
        RING_TIMEOUT_SECONDS: '120',
      });
      const old = await botProcess(emulator, { url }, more(oldPort, nextPort), { asItIs: true });
      const next = await botProcess(emulator, { url }, more(nextPort, oldPort), { program: NEXT });
      for (const bot of [old, next]) afterTest(async () => await bot.stop());

      await old.start();
      emulator.people.script('Adele Vance', { byHand: true });
      emulator.channel.connect(`${old.url}/api/messages`);
      const said = await emulator.channel.send({
        from: 'Megan Bowen',
        text: 'call Adele Vance: the build is red',
      });
      await until(() => emulator.phone('Adele Vance').incoming() !== null, 'the old one has placed a call');
      assert.equal(await tablesAre(), version);

      await next.start();
      assert.equal(await tablesAre(), version + 1, 'the new one has changed the tables under a running call');
      assert.ok(emulator.phone('Adele Vance').answer());
      await until(
        () =>
          wordsOf(
            emulator.channel.messages(said.conversationId).at(-1) ?? assert.fail('there is a card'),
          ).includes('heard the message'),
        'the card shows the end',
      );

      emulator.people.script('Alex Wilber', { answers: { afterMs: 100 } });
      const body = { target: { user: 'Alex Wilber' }, message: 'The build is red' };
      const ofNext = await api(next, '/calls', body);
      await ended(old, ofNext.id);
      assert.equal((await call(next, ofNext.id)).disposition, 'answered');

      emulator.people.script('Debra Berger', { declines: { afterMs: 100 } });
      emulator.people.script('Diego Siciliani', { byHand: true });
      const steps = [{ targets: [{ user: 'Debra Berger' }, { user: 'Diego Siciliani' }] }];
      const night = await api(old, '/escalations', { steps, summary: 'Checkout errors' });
      await until(() => emulator.phone('Diego Siciliani').incoming() !== null, 'both work on the escalation');
      await api(next, `/escalations/${night.id}/acknowledge`, { by: 'Diego Siciliani' });
      await until(() => emulator.phone('Diego Siciliani').incoming() === null, 'the phone stops ringing');

      await old.stop();
      await old.start();
      assert.equal(await tablesAre(), version + 1, 'the old version leaves them unchanged');
      const ofOld = await api(old, '/calls', body);
      await ended(next, ofOld.id);
      assert.equal((await call(old, ofOld.id)).disposition, 'answered');

      for (const [name, times] of [
        ['Adele Vance', 1],
        ['Alex Wilber', 2],
        ['Debra Berger', 1],
        ['Diego Siciliani', 1],
      ] as const) {
        assert.equal(emulator.phone(name).rings().length, times, name);
      }
    });
  });

  it('have migrations that only add, so that older code works unchanged', () => {
    const adds = [
      /^CREATE TABLE \w+ \(/,
      /^CREATE INDEX \w+ ON /,
      // The database lets it only add columns, at the end.
      /^CREATE (?:OR REPLACE )?VIEW \w+ AS\s/,
      /^ALTER TABLE \w+ ADD COLUMN \w+ \w+(?: UNIQUE)?$/,
      /^ALTER TABLE \w+ ADD COLUMN \w+ \w+ NOT NULL DEFAULT \S+$/,
      /^CREATE FUNCTION ringdown_\w+\(\) RETURNS trigger /,
      // It refuses only what older code does not write.
      /^CREATE TRIGGER calls_version BEFORE UPDATE ON calls /,
    ];
    // Migration 15 takes the jobs away from older code: docs/operations.md says that this is not a rolling upgrade.
    for (const { version: of, statements } of migrations.filter((one) => one.version !== 15)) {
      const own = statements.flatMap((one) => /^CREATE TABLE (\w+)/.exec(one)?.[1] ?? []);
      for (const statement of statements) {
        // A unique constraint could reject what older code writes, except in a table that it does not know.
        const [, table = ''] = /^CREATE UNIQUE INDEX \w+ ON (\w+) /.exec(statement) ?? [];
        assert.ok(
          own.includes(table) || adds.some((form) => form.test(statement)),
          `migration ${of}: ${statement}`,
        );
      }
    }
  });
});
