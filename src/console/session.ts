import { z } from 'zod';
import type { Cloud } from '../config/clouds.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Directory, Person } from '../directory/directory.ts';
import type { ChosenLanguages } from '../languages/chosenLanguages.ts';
import { namedIn } from '../operations/fileNames.ts';
import { nullIfUnavailable } from '../permissions/known.ts';
import { consoleEndpoint, noBody, noQuery, type ConsoleEndpoint } from './endpoint.ts';
import type { Me, PersonRef, SignIn } from './model.ts';
import { SCOPE, type SignInMode } from './reader.ts';

interface Parts {
  mode: SignInMode;
  cloud: Pick<Cloud, 'loginUrl'>;
  ringdown: () => RingdownYaml;
  directory: Pick<Directory, 'find' | 'membersOf'>;
  languages: Pick<ChosenLanguages, 'of'>;
}

/** More people than this are not offered. */
const MOST_OFFERED = 100;

const person: z.ZodType<PersonRef> = z.object({ id: z.string(), name: z.string() });
const signInSchema: z.ZodType<SignIn> = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('choose'), people: z.array(person) }),
  z.object({
    mode: z.literal('entra'),
    clientId: z.string(),
    authority: z.string(),
    scope: z.string(),
  }),
]);
const meSchema: z.ZodType<Me> = z.object({
  person,
  seesAll: z.boolean(),
  operates: z.boolean(),
  language: z.string().nullable(),
  timeZone: z.string(),
});
const adele = { id: '87d349ed-44d7-43e1-9a83-5f2406dee5bd', name: 'Adele Vance' };

/** How people sign in, and who the reader is. */
export function sessionEndpoints({ mode, cloud, ringdown, directory, languages }: Parts): ConsoleEndpoint[] {
  const path = '/console/api/sign-in';
  return [
    {
      method: 'GET',
      path,
      operation: 'consoleSignIn',
      summary: 'How a browser signs in',
      description: 'Open to everybody.',
      credential: 'none',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: signInSchema,
      errors: ['forbidden'],
      examples: { answer: { mode: 'choose', people: [adele] } },
      route: (door) => ({
        method: 'GET',
        path,
        body: 'none',
        async admit({ headers }) {
          door.requireOwnPage(headers);
          const handle = async () => ({ status: 200, body: await signIn() });
          return await Promise.resolve({ isKnown: false, handle });
        },
      }),
    },
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/me',
      operation: 'consoleMe',
      summary: 'Who the reader is, and what they may do',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: meSchema,
      errors: [],
      examples: {
        answer: {
          person: adele,
          seesAll: false,
          operates: false,
          language: null,
          timeZone: 'Europe/Berlin',
        },
      },
      async handle({ reader: { requester, seesAll, operates, timeZone } }) {
        const { objectId: id, name } = requester;
        const language = languages.of(id) ?? null;
        const body: Me = { person: { id, name }, seesAll, operates, language, timeZone };
        return await Promise.resolve({ status: 200, body });
      },
    }),
  ];

  async function signIn(): Promise<SignIn> {
    if (mode.mode === 'choose') return { mode: 'choose', people: await peopleOfFile(ringdown(), directory) };
    const { clientId, tenantId } = mode;
    return {
      mode: 'entra',
      clientId,
      authority: `${cloud.loginUrl}/${tenantId}`,
      // An application that requests a token for itself must name itself by its GUID (AADSTS90009).
      scope: `${clientId}/${SCOPE}`,
    };
  }
}

/** The people whom ringdown.yaml names, by name. */
async function peopleOfFile(
  ringdown: RingdownYaml,
  directory: Pick<Directory, 'find' | 'membersOf'>,
): Promise<PersonRef[]> {
  const found = await Promise.all(
    namedIn(ringdown).map(async ({ spec }): Promise<readonly Person[]> => {
      if ('group' in spec) return (await directory.membersOf(spec.group).catch(nullIfUnavailable)) ?? [];
      const [name = ''] = Object.values(spec);
      const one = await directory.find({ text: name }, null).catch(nullIfUnavailable);
      return one?.kind === 'one' ? [one.person] : [];
    }),
  );
  const people = found
    .flat()
    .filter(({ kind }) => kind === 'user')
    .map(({ id, displayName }) => [id, { id, name: displayName }] as const);
  return [...new Map(people).values()]
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .slice(0, MOST_OFFERED);
}
