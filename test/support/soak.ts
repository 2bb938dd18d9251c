import { mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createHash, randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { Message } from '../../emulator/connector/activity.ts';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { freePort } from '../../demo/ports.ts';
import { startArguments } from '../../demo/startCommand.ts';
import { createDatabase, startPostgres } from './postgresServer.ts';
import { startBalancer } from '../../bench/balancer.ts';
import { seeded } from '../../bench/random.ts';

export interface SoakOptions {
  calls: number;
  seed: number;
  /** Chat messages a second. */
  rate: number;
  /** Whether events are lost too: then some calls end by their deadlines only, which takes a minute. */
  drops: boolean;
  /** Mean time between kills; milliseconds. */
  killEveryMs: number;
  print: (line: string) => void;
}

export interface SoakResult {
  seed: number;
  calls: number;
  kills: number;
  /** People whose phone was called more than once, or never. */
  calledTwice: number;
  neverCalled: number;
  /** Who heard the message more than once; which is not promised never to happen. */
  heardTwice: number;
  /** How often somebody was told that nothing was placed just now, and asked anew. */
  refusals: number;
  notEnded: number;
  cardsNotFinal: number;
  dispositions: Record<string, number>;
  seconds: number;
}

/** What somebody is told whose call was not placed. */
const NOTHING_PLACED = /Nothing was placed|Something went wrong on my side/;
/** What they are told who have to look for a card, or for the call itself, before they ask again. */
const NOT_CERTAIN = /unless a card shows it|I do not know whether it was done/;
/** They were told to try again in a minute; most will not wait so long. A card shows up before. */
const AGAIN_AFTER_MS = 15_000;
const FINAL = /\b(Answered|Declined|No answer|Busy|Not reachable|Not allowed|Cancelled|Failed)\b/;
/** People who ask for calls: nobody asks for thousands. */
const ASKERS = 100;
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
 * Many calls, two replicas on one PostgreSQL, random SIGKILLs, faulty events and a faulty service. The emulator's own
 * record is the judge: everybody's phone is called exactly once, every call ends, every card shows an end.
 */
export async function soak({
  calls,
  seed,
  rate,
  drops,
  killEveryMs,
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
        PATH: process.env['PATH'] ?? '',
        PORT: String(port),
        HOST: '127.0.0.1',
        PUBLIC_URL: publicUrl,
        DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
        MicrosoftAppTenantId: addresses.tenantId,
        ACS_CONNECTION_STRING: addresses.connectionString,
        ACS_RESOURCE_ID: addresses.resourceId,
        ACS_CALLBACK_OPENID_URL: addresses.openIdUrl,
        ACS_CALLBACK_ISSUER: addresses.issuer,
        COGNITIVE_SERVICES_ENDPOINT: 'https://speech.contoso.example',
        GRAPH_URL: addresses.graphUrl,
        GRAPH_TOKEN: addresses.graphToken,
        RING_TIMEOUT_SECONDS: '8',
        DATABASE_URL: databaseUrl,
        CONFIG_FILE: configFile,
        LOG_LEVEL: 'warn',
        API_KEYS: `soak:${createHash('sha256').update(API_KEY).digest('hex')}`,
      }),
  );
  let kills = 0;
  let isRight = false;
  const killing = new AbortController();
  try {
    for (const replica of replicas) await replica.start();
    emulator.channel.connect(`${publicUrl}/api/messages`);

    const killer = (async () => {
      while (!killing.signal.aborted) {
        await pause(killEveryMs * (0.5 + random()), undefined, { signal: killing.signal }).catch(
          () => undefined,
        );
        if (killing.signal.aborted) break;
        const victim = replicas[Math.floor(random() * replicas.length)];
        kills += 1;
        await victim?.killAndRestart();
      }
    })();

    const conversations = new Map<string, string>();
    let refusals = 0;
    const begin = performance.now();
    const pending = people.map(async (person, index) => {
      await pause((index * 1000) / rate);
      const said = await say(emulator, person.id, index);
      conversations.set(person.id, said.conversation);
      refusals += said.refusals;
    });
    await Promise.all(pending);
    print(
      `${calls} messages taken in ${((performance.now() - begin) / 1000).toFixed(0)} s, ${kills} kills so far`,
    );
    killing.abort();
    await killer;

    const ends = await untilAllEnded(publicUrl, calls, print);
    // The last updates of cards may still be on their way.
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
      // Some phones never ring by their script, but the service was asked for every call.
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

    /** Everything that is known about those whose call went wrong. */
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
    killing.abort();
    for (const replica of replicas) await replica.stop();
    await balancer.stop();
    await emulator.stop();
    await postgres.stop();
    if (isRight) rmSync(folder, { recursive: true, force: true });
    else print(`what the replicas logged: ${folder}`);
  }
}

function scriptFor(chance: number) {
  if (chance < 0.7) return { answers: { afterMs: 200 + chance * 1000 } };
  if (chance < 0.8) return { declines: { afterMs: 500 } };
  if (chance < 0.9) return { noAnswer: true as const };
  if (chance < 0.95) return { busy: true as const };
  return { unreachable: true as const };
}

function addFaults(emulator: Emulator, drops: boolean): void {
  for (const kind of ['duplicate', 'delay', 'reorder', 'batch', 'unknown'] as const) {
    emulator.eventFaults.add({ kind, probability: 0.03 });
  }
  if (drops) emulator.eventFaults.add({ kind: 'drop', probability: 0.005 });
  emulator.faults.add({ operation: 'createCall', kind: 'status', status: 429, probability: 0.03 });
  emulator.faults.add({
    operation: 'createCall',
    kind: 'status',
    status: 503,
    retryAfter: 1,
    probability: 0.02,
  });
  emulator.faults.add({ operation: 'createCall', kind: 'reset', when: 'before', probability: 0.02 });
  emulator.faults.add({ operation: 'createCall', kind: 'reset', when: 'after', probability: 0.02 });
  emulator.faults.add({ operation: 'createCall', kind: 'malformed', probability: 0.01 });
  emulator.faults.add({ operation: 'play', kind: 'status', status: 500, probability: 0.02 });
  emulator.faults.add({
    operation: 'connector.updateActivity',
    kind: 'status',
    status: 429,
    probability: 0.02,
  });
  emulator.faults.add({
    operation: 'connector.updateActivity',
    kind: 'status',
    status: 502,
    probability: 0.02,
  });
}

/**
 * Says it as Teams does: again, the same, until it has been taken; and as a person does: anew, when told that nothing
 * was placed, or when no card has come of what was said to be uncertain.
 *
 * @returns the conversation, and how often the person had to ask anew
 */
async function say(
  emulator: Emulator,
  personId: string,
  index: number,
): Promise<{ conversation: string; refusals: number }> {
  const asker = `Asker ${index % ASKERS}`;
  const conversation = emulator.channel.groupChat([asker], `soak ${index}`);
  const answers = (): Message[] => emulator.channel.messages(conversation.id);
  let before = 0;
  for (let refusals = 0; ;) {
    const heard = await emulator.channel
      .send({
        from: asker,
        conversation,
        mentions: ['bot'],
        text: `call ${personId}: message number ${index}`,
        fields: { id: `soak-${index}-${refusals}` },
      })
      .catch(() => null);
    if (heard?.status !== 200) {
      await pause(500);
      continue;
    }
    // A delivery whose answer was lost may have been answered in the chat, and the next one with silence. What was said
    // before this message is no answer to it.
    const words = answers()
      .slice(before)
      .map(({ activity }) => activity.text ?? '')
      .find((text) => NOTHING_PLACED.test(text) || NOT_CERTAIN.test(text));
    if (words === undefined) return { conversation: conversation.id, refusals };
    await pause(AGAIN_AFTER_MS);
    if (NOT_CERTAIN.test(words) && answers().some(isCard)) return { conversation: conversation.id, refusals };
    before = answers().length;
    refusals += 1;
  }
}

function isCard({ activity }: Message): boolean {
  return (activity.attachments ?? []).length > 0;
}

/** Whether there is a card, and the newest shows an end. (After a crash there may be one that is not kept any more.) */
function isFinal(messages: readonly Message[]): boolean {
  return FINAL.test(JSON.stringify(messages.findLast(isCard)?.activity ?? {}));
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

/** @returns how many cards do not show an end after a minute */
async function untilCardsAreFinal(emulator: Emulator, conversations: Map<string, string>): Promise<number> {
  const open = new Set(conversations.values());
  for (let second = 0; second < 60 && open.size > 0; second++) {
    for (const id of open) {
      if (isFinal(emulator.channel.messages(id))) open.delete(id);
    }
    if (open.size > 0) await pause(1_000);
  }
  return open.size;
}

class Replica {
  readonly #port: number;
  readonly #env: Record<string, string>;
  readonly #log: string;
  #child: ChildProcess | null = null;

  constructor(port: number, log: string, env: Record<string, string>) {
    this.#port = port;
    this.#log = log;
    this.#env = env;
  }

  async start(): Promise<void> {
    const log = openSync(this.#log, 'a');
    this.#child = spawn(process.execPath, startArguments(), {
      env: this.#env,
      stdio: ['ignore', log, 'inherit'],
    });
    closeSync(log);
    for (;;) {
      if (this.#child.exitCode !== null)
        throw new Error(`a replica did not start (exit ${this.#child.exitCode})`);
      const ready = await fetch(`http://127.0.0.1:${this.#port}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      await pause(50);
    }
  }

  async killAndRestart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }
}
