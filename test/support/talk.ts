import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { newestCall, startWorld, type World, type WorldOptions } from './world.ts';

/** A person whom Teams does not know. They may call Adele, and nobody else. */
export const nadia = { id: 'nadia', name: 'Nadia' };
export const talkYaml = `
talk: true
permissions: {anonymous: {mayCall: [{user: Adele Vance}]}}
`;

/** A world in which people outside Teams call from the browser. */
export async function talkWorld(options: WorldOptions): Promise<World> {
  return await startWorld({ yaml: talkYaml, ...options });
}

/** Says something in a web chat. @returns the conversation */
export async function say(world: World, text: string, from = nadia): Promise<string> {
  const { conversationId } = await world.emulator.channel.send({ from, text, channelId: 'webchat' });
  await world.settle();
  return conversationId;
}

export function newest(world: World, conversationId: string): string {
  return JSON.stringify(world.emulator.channel.messages(conversationId).at(-1)?.activity);
}

/** The link in the newest message of a chat. */
export function addressIn(world: World, conversationId: string): string {
  const found = /http:\/\/127\.0\.0\.1:\d+\/talk\/[\w-]{43}/.exec(newest(world, conversationId))?.[0];
  assert.ok(found, newest(world, conversationId));
  return found;
}

/** The state of the newest call: status, disposition and the service's result. */
export async function outcome(world: World): Promise<unknown[]> {
  const call = await newestCall(world);
  return [call?.status, call?.disposition, call?.code, call?.subCode];
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const second = 1000;

/** What the page does, by hand. */
export class Page {
  readonly session = randomBytes(32).toString('base64url');
  readonly #world: Pick<World, 'url' | 'settle' | 'pass'>;
  readonly #address: string;

  constructor(world: Pick<World, 'url' | 'settle' | 'pass'>, address: string) {
    this.#world = world;
    this.#address = address;
  }

  async join(): Promise<Answer> {
    return await this.#post(`${this.#address}/join`, { session: this.session });
  }

  async report(state: string, more: object = {}): Promise<Answer> {
    const whole = { state, code: 0, subCode: 0, recording: false, transcription: false, ...more };
    const answer = await this.#post(`${this.#world.url}/talk/session/report`, whole);
    await this.#world.settle();
    return answer;
  }

  /** Reports regularly while time passes. */
  async stays(state: string, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5 * second) {
      await this.#world.pass(5 * second);
      await this.report(state);
    }
  }

  async #post(address: string, body: object): Promise<Answer> {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.session}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}

/** Calls a person with only a token, as anybody who has obtained it can. */
export async function callWith(world: World, token: unknown, whom: string): Promise<Answer> {
  const { person } = world.emulator.phone(whom);
  const response = await fetch(`${world.emulator.addresses.url}/calling/clientCalls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${String(token)}` },
    body: JSON.stringify({ to: `8:orgid:${person.id}`, displayName: 'The Chief Executive' }),
  });
  await world.settle();
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
