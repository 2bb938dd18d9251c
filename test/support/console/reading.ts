import type { World } from '../world.ts';

/** People of the emulator. */
export const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
export const alex = '626cbf8c-5dde-46b0-8385-9e40d64736fe';
export const megan = '48d31887-5fad-4d73-a9f5-3c356e68a038';

/** Reads an endpoint of the console as a person, in anonymous mode. */
// The caller says what is answered: tests read many kinds.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export async function read<Answer>(
  { url }: Pick<World, 'url'>,
  person: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`${url}/console/api${path}`, {
    headers: { authorization: `Bearer as:${person}`, 'x-time-zone': 'UTC', ...headers },
  });
  return { status: response.status, body: (await response.json()) as Answer };
}
