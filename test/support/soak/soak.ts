import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { startBalancer } from '../../../bench/balancer.ts';
import { seeded } from '../../../bench/random.ts';
import { freePort } from '../../../demo/ports.ts';
import { createEmulator } from '../../../emulator/emulator.ts';
import { settingsFor } from '../../../emulator/settings.ts';
import { ownEnv } from '../botProcess.ts';
import { createDatabase, startPostgres } from '../postgresServer.ts';
import { ASKERS, isFinal, say, untilCardsAreFinal } from './chats.ts';
import { Replica } from './replica.ts';
import { addFaults, scriptFor } from './services.ts';

export interface SoakOptions {
  calls: number;
  seed: number;
  /** Maximum rate of chat messages per second. */
  rate: number;
  /** Whether events are lost too. Then some calls end only by their deadlines, which takes a minute. */
  drops: boolean;
  /** How many kills, at random times while people ask for calls. */
  kills: number;
  /** How long one replica freezes in the middle; milliseconds. */
  freezeMs: number;
  print: (line: string) => void;
}

export interface SoakResult {
  seed: number;
  calls: number;
  kills: number;
  /** People whose phone rang more than once, or never. */
  calledTwice: number;
  neverCalled: number;
  /** People who heard the message more than once, which is not guaranteed never to happen. */
  heardTwice: number;
  /** How often people were told that nothing was placed, and asked again. */
  refusals: number;
  notEnded: number;
  cardsNotFinal: number;
  dispositions: Record<string, number>;
  seconds: number;
}

/** At most this many people wait for their reply: the soak does not overload the machine. */
const CROWD = 60;
/** After this long a load balancer sends nothing more to a replica that does not answer. */
const NOTICED_MS = 5_000;
const API_KEY = 'a-key-for-the-soak';
const page = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      disposition: z.string().nullable(),
      target: z.object({ id: z.string() }),
    }),
  ),
  nextCursor: z.string().nullable(),
});

type CallItem = z.infer<typeof page>['items'][number];

/**
 * Many calls, two replicas on one PostgreSQL, random SIGKILLs, a frozen replica, faulty events and faulty services.
 * By the emulator's record every phone must ring exactly once, every call must end, and every card must show an end.
 */
export async function soak({
  calls,
  seed,
  rate,
  drops,
  kills: wanted,
  freezeMs,
  print,
}: SoakOptions): Promise<SoakResult> {
  const random = seeded(seed);
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-soak-'));
  const postgres = await startPostgres();
  const databaseUrl = await createDatabase(postgres.url, 'soak');
  const people = Array.from({ length: calls }, (_, index) => ({
    id: randomUUID(),
    displayName: `Person ${index}`,
    userPrincipalName: `person${index}@contoso.example`,
    script: scriptFor(random()),
  }));
  const askers = Array.from({ length: ASKERS }, (_, index) => ({
    id: randomUUID(),
    displayName: `Asker ${index}`,
    userPrincipalName: `asker${index}@contoso.example`,
  }));
  const emulator = createEmulator({ random, people: [...askers, ...people], timings: { perCharacterMs: 5 } });
  const addresses = await emulator.start();
  emulator.channel.limits.enabled = false;
  addFaults(emulator, drops);

  const configFile = join(folder, 'ringdown.yaml');
  writeFileSync(
    configFile,
    'limits: {createCallsPerSecond: 1000, perCaller: 1000000/1h, perCallee: 1000/1h}\n',
  );
  const ports = [await freePort(), await freePort()];
  const balancer = await startBalancer(ports);
  const publicUrl = `http://127.0.0.1:${balancer.port}`;
  const replicas = ports.map(
    (port) =>
      new Replica(port, join(folder, `${port}.log`), {
        ...ownEnv(),
        PORT: String(port),
        HOST: '127.0.0.1',
        PUBLIC_URL: publicUrl,
        DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
        ...settingsFor(addresses),
        RING_TIMEOUT_SECONDS: '8',
        DATABASE_URL: databaseUrl,
        CONFIG_FILE: configFile,
        LOG_LEVEL: 'warn',
        API_KEYS: `soak:${createHash('sha256').update(API_KEY).digest('hex')}`,
      }),
  );
  let kills = 0;
  let isRight = false;
  try {
    for (const replica of replicas) await replica.start();
    emulator.channel.connect(`${publicUrl}/api/messages`);

    let frozen: Replica | undefined;
    const kill = async (): Promise<void> => {
      const victims = replicas.filter((one) => one !== frozen);
      kills += 1;
      await victims[Math.floor(random() * victims.length)]?.killAndRestart();
    };
    const freeze = async (): Promise<void> => {
      frozen = replicas[Math.floor(random() * replicas.length)];
      frozen?.freeze();
      // Like a load balancer whose readiness probe gets no answer.
      await pause(NOTICED_MS);
      ports.splice(0, ports.length, ...replicas.filter((one) => one !== frozen).map(({ port }) => port));
      await pause(freezeMs - NOTICED_MS);
      frozen?.thaw();
      frozen = undefined;
      ports.splice(0, ports.length, ...replicas.map(({ port }) => port));
    };

    const conversations = new Map<string, string>();
    let refusals = 0;
    const waiting = new Set<string>();
    const begin = performance.now();
    const asking = people.map((person, index) => async () => {
      waiting.add(person.id);
      const said = await say(emulator, person.id, index);
      waiting.delete(person.id);
      conversations.set(person.id, said.conversation);
      refusals += said.refusals;
    });
    const pending: Promise<void>[] = [];
    // Kills one replica after the other, at random points of the work, not of the clock.
    let killing = Promise.resolve();
    let freezing = Promise.resolve();
    const killsAt = Array.from({ length: wanted }, (_, nth) =>
      Math.floor(((nth + 0.2 + random() * 0.8) * calls) / wanted),
    );
    for (const [index, ask] of asking.entries()) {
      await pause(1000 / rate);
      while (waiting.size >= CROWD) await pause(100);
      pending.push(ask());
      if (killsAt.includes(index)) killing = killing.then(kill);
      if (index === Math.floor(calls / 3)) freezing = killing.then(freeze);
      if (index % 100 === 99) print(`${index + 1} asked for after ${seconds(begin)} s, ${kills} kills`);
    }
    await Promise.all(pending);
    print(`${calls} messages taken in ${seconds(begin)} s, ${kills} kills`);
    await Promise.all([killing, freezing]);

    const ends = await untilAllEnded(publicUrl, calls, print);
    // The last card updates may still be in progress.
    const unfinished = await untilCardsAreFinal(emulator, conversations);
    const rings = people.map((person) => emulator.phone(person.id).rings().length);
    const records = emulator.calls.list();
    const asked = new Map<string | null, number>();
    for (const { target } of records) asked.set(target.personId, (asked.get(target.personId) ?? 0) + 1);
    const answered = [...ends.values()];
    const dispositions: Record<string, number> = {};
    for (const { disposition } of answered)
      dispositions[disposition ?? '-'] = (dispositions[disposition ?? '-'] ?? 0) + 1;
    const result: SoakResult = {
      seed,
      calls,
      kills,
      calledTwice: people.filter(({ id }, index) => (asked.get(id) ?? 0) > 1 || (rings[index] ?? 0) > 1)
        .length,
      heardTwice: records.filter(({ spoken }) => spoken.length > 1).length,
      // Some phones never ring by their script, but every call was requested from the service.
      neverCalled: people.filter(({ id }) => !asked.has(id)).length,
      refusals,
      notEnded: calls - answered.filter(({ status }) => status === 'ended').length,
      cardsNotFinal: unfinished,
      dispositions,
      seconds: (performance.now() - started) / 1000,
    };
    isRight = result.calledTwice + result.neverCalled + result.notEnded + result.cardsNotFinal === 0;
    if (!isRight) writeFileSync(join(folder, 'wrong.json'), JSON.stringify(wrongOnes(), null, 1));
    return result;

    /** Everything known about the people whose call went wrong. */
    function wrongOnes(): object[] {
      const all = [...ends.values()];
      return people.flatMap((person, index) => {
        const own = all.filter(({ target }) => target.id === person.id);
        const sent = records.filter(({ target }) => target.personId === person.id);
        const conversation = conversations.get(person.id) ?? '';
        const messages = emulator.channel.messages(conversation);
        if (sent.length === 1 && own.length === 1 && own[0]?.status === 'ended' && isFinal(messages))
          return [];
        const said = messages.map(({ activity, history }) => ({ now: activity, versions: history.length }));
        return [{ index, person, rings: rings[index], calls: own, sent, said }];
      });
    }
  } finally {
    for (const replica of replicas) await replica.stop();
    await balancer.stop();
    await emulator.stop();
    await postgres.stop();
    if (isRight) rmSync(folder, { recursive: true, force: true });
    else print(`what the replicas logged: ${folder}`);
  }
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000);
}

async function untilAllEnded(
  url: string,
  calls: number,
  print: (line: string) => void,
): Promise<Map<string, CallItem>> {
  const deadline = performance.now() + 8 * 60_000;
  for (;;) {
    const found = new Map<string, CallItem>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor ? `?limit=200&cursor=${encodeURIComponent(cursor)}` : '?limit=200';
      const response = await fetch(`${url}/api/v1/calls${query}`, {
        headers: { authorization: `Bearer ${API_KEY}` },
      }).catch(() => null);
      const read = response?.ok ? page.parse(await response.json()) : null;
      if (!read) {
        await pause(200);
        continue;
      }
      for (const item of read.items) found.set(item.id, item);
      cursor = read.nextCursor;
    }
    const open = [...found.values()].filter(({ status }) => status !== 'ended').length;
    if ((found.size >= calls && open === 0) || performance.now() > deadline) return found;
    print(`${found.size} calls, ${open} open`);
    await pause(3_000);
  }
}
