import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { botProcess, type BotProcess } from '../support/botProcess.ts';
import { fillDataDir, onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { cases, itInBoth } from '../support/long.ts';
import type { CallAnswer } from '../support/world.ts';

/**
 * The bot is killed with SIGKILL at each of these places while it carries out one call, and started again: once, twice
 * and three times in a row, if it comes to the place again. The emulator's own record is the judge of how often the phone
 * was called and what was heard.
 */
const places = [
  // the chat message
  'before commit of call.dial',
  'after commit of call.dial',
  // createCall
  'before job call.dial',
  'before createCall',
  'after createCall',
  'after job call.dial',
  // events and what follows from them
  'before commit of call.speak',
  'after commit of call.speak',
  'before play',
  'before commit of call.hangUp',
  'after commit of call.hangUp',
  'before hangUp',
  'after hangUp',
  // the card
  'before job card.show',
  'after job card.show',
];

/** How often in a row. */
const DEATHS = [1, 2, 3] as const;
const all = places.flatMap((place) => DEATHS.map((deaths) => `${place}, ${deaths} times`));

const END = 'Adele Vance answered and heard the message';
/** What the card says if the restarts took longer than the service promises not to execute a request twice. */
const UNKNOWN = 'It may have been placed.';
const PROMISE_MS = 30_000;

/** Sends the message as Teams does: again, the same, until it has been taken. */
async function say(emulator: Emulator, text: string): Promise<string> {
  let conversation = '';
  await until(async () => {
    const heard = await emulator.channel
      .send({ from: 'Megan Bowen', text, fields: { id: 'the-message' } })
      .catch(() => null);
    if (heard?.status === 200) conversation = heard.conversationId;
    return conversation !== '';
  }, 'the message has been taken');
  return conversation;
}

/** What became of the one call, as the outside sees it. */
interface Outcome {
  signal: NodeJS.Signals | null;
  call: CallAnswer | undefined;
  rings: number;
  spoken: number;
  cards: string[];
  /** From the first start until the bot ran for good. */
  diedForMs: number;
}

async function callOnce(
  emulator: Emulator,
  bot: BotProcess,
  { place, deaths }: { place: string; deaths: number },
): Promise<Outcome> {
  const begin = performance.now();
  await bot.start({ place });
  let conversation = '';
  const said = say(emulator, 'call Adele Vance: the build is red').then((id) => (conversation = id));
  const signal = await bot.ended();

  const newest = async (): Promise<CallAnswer | undefined> =>
    ((await bot.get('/api/v1/calls')) as { items: CallAnswer[] }).items[0];
  const cards = (): string[] =>
    emulator.channel.messages(conversation).map(({ activity }) => JSON.stringify(activity));
  const isTold = (): boolean => [END, UNKNOWN].some((words) => cards().at(-1)?.includes(words));
  const isOver = async (): Promise<boolean> =>
    (await newest().catch(() => undefined))?.status === 'ended' && isTold();
  for (let again = 1; again < deaths; again++) {
    await bot.start({ place });
    await until(async () => bot.hasEnded || (await isOver()), `it dies once more, or is done (${place})`);
    if (!bot.hasEnded) break;
  }
  // What has told the end may still come to the place.
  await bot.stop();
  await bot.start();
  const diedForMs = performance.now() - begin;
  await said;
  await until(async () => (await newest())?.status === 'ended', `the call has ended (${place})`);
  await until(isTold, `the card tells the end (${place})`);
  const adele = emulator.phone('Adele Vance');
  return {
    signal,
    call: await newest(),
    rings: adele.rings().length,
    spoken: adele.spoken().length,
    cards: cards(),
    diedForMs,
  };
}

async function scenario(
  form: { place: string; deaths: number },
  database: { url: string } | { dataDir: string },
): Promise<Outcome> {
  const emulator = createEmulator({ timings: { perCharacterMs: 2 } });
  emulator.people.script('Adele Vance', { answers: { afterMs: 150 } });
  await emulator.start();
  const bot = await botProcess(emulator, database);
  try {
    emulator.channel.connect(`${bot.url}/api/messages`);
    return await callOnce(emulator, bot, form);
  } finally {
    await bot.stop();
    await emulator.stop();
  }
}

/** Most of the time is waiting for a lease to run out, so several are tried side by side. */
const AT_ONCE = 3;

function eachPlace(
  drawn: readonly string[],
  databaseOf: () => Promise<{ url: string } | { dataDir: string }>,
): void {
  const outcomes = new Map<string, Promise<Outcome>>();
  before('kill and restart at each place', () => {
    let chains: Promise<unknown>[] = Array.from({ length: AT_ONCE }, async () => undefined);
    drawn.forEach((title, index) => {
      const [place = '', times] = title.split(', ');
      const form = { place, deaths: Number.parseInt(times ?? '1', 10) };
      const own = (chains[index % AT_ONCE] ?? Promise.resolve())
        .then(databaseOf)
        .then(async (database) => await scenario(form, database));
      // Its own test tells a failure.
      chains = chains.with(
        index % AT_ONCE,
        own.catch(() => undefined),
      );
      outcomes.set(title, own);
      own.catch(() => undefined);
    });
  });
  for (const title of drawn) {
    itInBoth(title, async () => {
      const outcome = await outcomes.get(title);
      assert.equal(outcome?.signal, 'SIGKILL', 'it came to the place and was killed');
      if (outcome.call?.disposition === 'failed') {
        assert.ok(outcome.diedForMs > PROMISE_MS, `it is unknown after ${outcome.diedForMs} ms`);
        assert.ok(outcome.rings <= 1, 'the phone was not called twice');
        assert.ok(outcome.cards.at(-1)?.includes(UNKNOWN), 'the card tells so');
        return;
      }
      assert.equal(outcome.call?.disposition, 'answered');
      assert.equal(outcome.rings, 1, 'the phone was called once');
      assert.ok(outcome.spoken >= 1, 'the message was heard');
      assert.ok(outcome.cards.at(-1)?.includes(END), 'the card tells the end');
    });
  }
}

describe('killed at any place, a call goes on after the restart', function () {
  describe('on PGlite', () => {
    const folders: string[] = [];
    after(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    eachPlace(cases('crash on PGlite', all, []), async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-crash-'));
      folders.push(dataDir);
      await fillDataDir(dataDir);
      return { dataDir };
    });
  });

  onPostgres((_open, freshUrl) => {
    const drawn = cases('crash on PostgreSQL', all, []);
    let urls: string[] = [];
    // In a hook of the suite: what is opened while a test runs is removed with that test.
    before('make the databases', async () => {
      urls = await Promise.all(drawn.map(freshUrl));
    });
    eachPlace(drawn, async () => ({ url: urls.pop() ?? assert.fail('there is one for each place') }));
  });
});
