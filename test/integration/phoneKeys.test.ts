import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Script } from '../../emulator/people/script.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';
import * as z from 'zod';

const second = 1000;
/** Of the emulator's telephone network. */
const phone = '+493023125001';
const another = '+493023125008';

/** So long that it is in no id by chance. */
const pin = '47110815';

const yaml = `
permissions: {phones: {countries: [DE]}}
policies:
  plain:
    steps:
      - {targets: [{phone: "${phone}"}]}
      - {targets: [{phone: "${another}"}]}
  secret:
    steps:
      - {targets: [{phone: "${phone}"}], pin: "\${ONCALL_PIN}", tries: 3}
`;

const answer = z.object({
  id: z.string(),
  status: z.string(),
  acknowledgedBy: z.object({ way: z.string() }).nullable(),
  calls: z.array(z.object({ id: z.string(), disposition: z.string().nullable() })),
  timeline: z.array(z.object({ type: z.string() })),
});
type Answer = z.infer<typeof answer>;

describe('keys on a phone of the telephone network', function () {
  let world: World;

  before(async () => {
    world = await startWorld({ database: await openEmbedded(), yaml, env: { ONCALL_PIN: pin } });
    world.emulator.people.script(another, { noAnswer: true });
  });
  after(async () => await world.stop());

  const start = async (script: Script, policy = 'plain'): Promise<Answer> => {
    world.emulator.people.script(phone, script);
    return await escalate(policy);
  };
  const escalate = async (policy: string): Promise<Answer> => {
    const { status, body } = await world.api('POST', '/api/v1/escalations', {
      policy,
      summary: 'Checkout is down',
    });
    assert.equal(status, 202, JSON.stringify(body));
    return answer.parse(body);
  };
  const read = async ({ id }: { id: string }): Promise<Answer> =>
    answer.parse((await world.api('GET', `/api/v1/escalations/${id}`)).body);
  /** What was said on the last call. */
  const heard = (): string[] => world.emulator.phone(phone).rings().at(-1)?.spoken ?? [];
  const types = ({ timeline }: Answer): string[] => timeline.map(({ type }) => type);

  it('acknowledge when 1 was pressed, and then 5 to confirm it, and the caller hears it', async () => {
    const started = await start({ answers: { afterMs: 1000, replies: ['1', '5'] } });
    await world.pass(60 * second);
    const now = await read(started);
    assert.equal(now.acknowledgedBy?.way, 'keys');
    assert.deepEqual(
      now.calls.map(({ disposition }) => disposition),
      ['acknowledged'],
    );
    const [message = '', confirm = '', last = ''] = heard();
    assert.match(message, /Checkout is down\. Press 1 to acknowledge, 2 to pass it on/);
    assert.match(confirm, /You are about to acknowledge: Checkout is down\. To confirm, press 5/);
    assert.match(last, /You have acknowledged/);
    assert.equal(world.emulator.requests.count('startContinuousDtmfRecognition'), 0);
  });

  it('are explained to somebody who presses others, work during the message, and pass it on', async () => {
    const started = await start({
      answers: { afterMs: 1000, replies: [{ keys: '7', during: true }, '2'] },
    });
    await world.pass(30 * second);
    const now = await read(started);
    assert.ok(types(now).includes('passedOn'));
    assert.equal(heard().length, 2);
    assert.match(heard()[1] ?? '', /That key does nothing here/);
    // The next person is being called.
    assert.equal(now.status, 'open');
    assert.ok(world.emulator.phone(another).incoming());
  });

  it('are not pressed by a mailbox, whatever tones it sends', async () => {
    const tones = (['one', 'nine', 'one', 'one', 'one'] as const).map((tone, index) => ({
      tone,
      afterMs: 1000 + index * 1700,
    }));
    const started = await start({ voicemail: { afterMs: 5000, greetsForMs: 9000, presses: tones } });
    await world.pass(5 * 60 * second);
    const now = await read(started);
    assert.equal(now.status, 'exhausted');
    assert.equal(now.calls[0]?.disposition, 'answered');
    const ring = world.emulator.phone(phone).rings().at(-1);
    assert.match(ring?.mailbox?.recorded.join(' ') ?? '', /Checkout is down/);
  });

  it('acknowledge only after the PIN, which is kept nowhere', async () => {
    const started = await start({ answers: { replies: ['1', '47110816#', `${pin}#`] } }, 'secret');
    await world.pass(90 * second);
    const now = await read(started);
    assert.equal(now.acknowledgedBy?.way, 'keys');
    assert.deepEqual(
      types(now).filter((type) => type.startsWith('pin')),
      ['pinWrong'],
    );
    assert.match(heard()[2] ?? '', /That PIN is wrong/);
    const { body } = await world.api('GET', `/api/v1/calls/${now.calls[0]?.id}`);
    const kept = JSON.stringify([now, body, world.log, await everything()]);
    assert.match(kept, /pinRight/);
    assert.doesNotMatch(kept, /4711081|four|eight/);
  });

  it('do not acknowledge after wrong PINs: not on that call and, after six, on none', async () => {
    const wrong: Script = { answers: { replies: ['1', '1111#', '2222#', '333333#'] } };
    const started = await start(wrong, 'secret');
    world.emulator.people.script(phone, wrong, wrong, { answers: { replies: ['1', `${pin}#`] } });
    await world.pass(4 * 60 * second);
    const now = await read(started);
    assert.equal(now.status, 'exhausted');
    assert.deepEqual(
      now.calls.map(({ disposition }) => disposition),
      ['answered', 'answered', 'answered'],
    );
    assert.equal(types(now).filter((type) => type === 'pinWrong').length, 6);
    assert.equal(types(now).filter((type) => type === 'pinRefused').length, 2);
    const [first, , third] = world.emulator.phone(phone).rings().slice(-3);
    assert.match(first?.spoken.at(-1) ?? '', /The PIN was wrong too often/);
    // The third call offers no keys.
    assert.match(third?.spoken[0] ?? '', /Please acknowledge it on the card in Teams/);
    assert.match(third?.spoken[1] ?? '', /The PIN was wrong too often/);
  });

  /** All rows of the database. */
  async function everything(): Promise<unknown[]> {
    const { sql: db } = world.app.database;
    const tables = await sql<{ name: string }>`SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public'`.execute(db);
    const rows = tables.rows.map(
      async ({ name }) => (await sql`SELECT t::text FROM ${sql.table(name)} t`.execute(db)).rows,
    );
    return await Promise.all(rows);
  }
});
