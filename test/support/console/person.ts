import type { World } from '../world.ts';

interface Answer {
  status: number;
  body: unknown;
}

/** Somebody who reads the console, where one chooses who one is. */
export interface ConsolePerson {
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
}

/** @param name as the emulator's directory has it */
export function consolePerson({ url, emulator }: World, name: string): ConsolePerson {
  const { id } = emulator.people.get(name);
  const send = async (method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}/console/api${path}`, {
      method,
      headers: {
        authorization: `Bearer as:${id}`,
        'accept-language': 'en',
        'x-time-zone': 'UTC',
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  };
  return {
    get: async (path) => await send('GET', path),
    post: async (path, body = {}) => await send('POST', path, body),
  };
}
