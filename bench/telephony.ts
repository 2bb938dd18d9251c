import { setTimeout as pause } from 'node:timers/promises';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import type { Script } from '../emulator/people/script.ts';
import { API_KEY, type BenchBot } from './bots.ts';
import { closedLoop, post } from './load.ts';
import type { Run } from './part.ts';

export interface Callee {
  id: string;
  displayName: string;
  userPrincipalName: string;
}

export interface Telephony {
  emulator: Emulator;
  callees: Callee[];
}

/** The emulator, quick and without the limits of chats, and as many people as are wanted. */
export async function startTelephony(
  { random }: Pick<Run, 'random'>,
  people: number,
  script: Script | ((index: number) => Script),
): Promise<Telephony> {
  const callees = Array.from({ length: people }, (_, index) => ({
    id: idOf(index),
    displayName: `Person ${index}`,
    userPrincipalName: `person${index}@contoso.example`,
  }));
  const emulator = createEmulator({
    random,
    people: callees.map((callee, index) => ({
      ...callee,
      script: typeof script === 'function' ? script(index) : script,
    })),
    timings: { perCharacterMs: 1 },
  });
  await emulator.start();
  emulator.channel.limits.enabled = false;
  return { emulator, callees };
}

/** Asks the API for a call; Ringdown's own ring timeout if none is given. @returns the status of the answer */
export async function place(
  bot: Pick<BenchBot, 'url'>,
  callee: Callee,
  ringTimeoutSeconds?: number,
): Promise<number> {
  const { status } = await post(
    `${bot.url}/api/v1/calls`,
    { authorization: `Bearer ${API_KEY}` },
    { target: { user: callee.id }, message: 'The build is red', ringTimeoutSeconds },
  );
  return status;
}

/** Places calls of these people by the API, but for those who were called before, until all are at the phone. */
export async function openCalls(
  emulator: Emulator,
  bot: Pick<BenchBot, 'url'>,
  callees: readonly Callee[],
  ringTimeoutSeconds?: number,
): Promise<void> {
  const wanted = callees.filter(({ id }) => emulator.phone(id).rings().length === 0);
  await closedLoop(
    20,
    (begun) => begun >= wanted.length,
    async (number) => {
      const callee = wanted[number];
      if (!callee) return;
      const status = await place(bot, callee, ringTimeoutSeconds);
      if (status !== 202) throw new Error(`a call was answered ${status}`);
    },
  );
  for (const { id } of wanted) {
    while (emulator.phone(id).rings().length === 0) await pause(20);
  }
}

/** How many calls the service has that have not ended. */
export function openAt({ calls }: Emulator): number {
  return calls.list().filter(({ state }) => state !== 'disconnected').length;
}

/** Tells when `createCall` for somebody has come to the service: the times, by `performance.now()`. */
export class Arrivals {
  readonly #waiting = new Map<string, (at: number) => void>();
  /** How often each person was called. */
  readonly counts = new Map<string, number>();
  total = 0;
  #listeners: ((personId: string, at: number) => void)[] = [];

  constructor(emulator: Emulator) {
    const known = new Set<string>();
    emulator.changes.subscribe((change) => {
      if (change.type !== 'call' || change.state !== 'connecting' || known.has(change.callConnectionId))
        return;
      const at = performance.now();
      known.add(change.callConnectionId);
      const personId = emulator.calls.record(change.callConnectionId)?.target.personId;
      if (!personId) return;
      this.total += 1;
      this.counts.set(personId, (this.counts.get(personId) ?? 0) + 1);
      this.#waiting.get(personId)?.(at);
      this.#waiting.delete(personId);
      for (const listener of this.#listeners) listener(personId, at);
    });
  }

  on(listener: (personId: string, at: number) => void): void {
    this.#listeners.push(listener);
  }

  /** The next call of this person. @returns when it came; null if it did not within `limitMs` */
  async next(personId: string, limitMs = 60_000): Promise<number | null> {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(personId);
        resolve(null);
      }, limitMs);
      this.#waiting.set(personId, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
  }
}

function idOf(index: number): string {
  return `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}
