import { createEmulator } from '../emulator/emulator.ts';
import { systemClock } from '../src/clock.ts';
import type { Directory } from '../src/directory/directory.ts';
import { createGraphDirectory } from '../src/directory/graphDirectory.ts';
import { emulated } from '../test/support/directory/emulated.ts';
import { crowd, type MadePerson } from '../test/support/directory/people.ts';
import type { Part } from './part.ts';
import { round, spreadOf, type Spread } from './tables.ts';

const PEOPLE = 50_000;

/** How somebody may be named, and what that must find. */
interface Wording {
  name: string;
  query: (person: MadePerson) => string;
  /** An identifier means one person; a name may mean several. */
  finds: 'person' | 'name' | 'anything';
}

const wordings: readonly Wording[] = [
  { name: 'object id', query: ({ id }) => id, finds: 'person' },
  { name: 'user principal name', query: ({ userPrincipalName }) => userPrincipalName, finds: 'person' },
  { name: 'given name and surname', query: fullName, finds: 'name' },
  { name: 'surname', query: ({ surname }) => surname ?? '', finds: 'name' },
  { name: 'two letters exchanged', query: mistyped, finds: 'anything' },
];

interface Measured {
  wording: string;
  state: 'cold' | 'warm';
  times: Spread;
  /** Requests to Graph of one lookup; a batch is one. */
  requests: Spread;
}

/** Part h: whom a name means, in a directory of 50,000 people, with the emulator's Graph. */
export const lookups: Part = {
  name: 'h',
  title: 'Lookups of people among 50,000',
  async run({ seed, random, short, print }) {
    const people = crowd(PEOPLE, seed);
    const emulator = createEmulator({ people: people.map(emulated), random });
    const wrong: string[] = [];
    const measured: Measured[] = [];
    try {
      const { graphUrl, graphToken } = await emulator.start();
      const open = (): Directory =>
        createGraphDirectory({ graphUrl, getToken: async () => graphToken, clock: systemClock });
      const count = short ? 3 : 200;
      const chosen = sample(
        people.filter(({ accountEnabled }) => accountEnabled),
        count * (wordings.length + 1),
        random,
      );
      const asked = async (query: string, lookUp: () => Promise<void>): Promise<[number, number]> => {
        const before = emulator.requests.list().length;
        const begin = performance.now();
        await lookUp().catch((error: unknown) => wrong.push(`"${query}": ${String(error)}`));
        return [performance.now() - begin, emulator.requests.list().length - before];
      };
      const measure = async (
        wording: string,
        state: Measured['state'],
        some: readonly MadePerson[],
        queryOf: (person: MadePerson) => string,
        lookUp: (query: string, person: MadePerson) => Promise<void>,
      ): Promise<void> => {
        const samples: [number, number][] = [];
        for (const person of some) {
          const query = queryOf(person);
          samples.push(await asked(query, async () => await lookUp(query, person)));
        }
        const times = spreadOf(samples.map(([ms]) => ms));
        const requests = spreadOf(samples.map(([, number]) => number));
        measured.push({ wording, state, times, requests });
        print(`${wording}, ${state}: ${times.p50} ms, ${requests.p50} requests`);
      };

      // What the emulator and loopback take of it: one request, by nobody's library.
      const bare = async (id: string): Promise<void> => {
        const headers = { authorization: `Bearer ${graphToken}` };
        const response = await fetch(`${graphUrl}/v1.0/users/${id}?$select=id,displayName`, { headers });
        await response.text();
        if (!response.ok) wrong.push(`a bare request was answered ${response.status}`);
      };
      await open().find({ text: 'nobody of that name' }, null); // the emulator makes its index at the first search
      await measure('bare GET of one person', 'cold', chosen.slice(0, count), ({ id }) => id, bare);
      for (const [index, { name, query, finds }] of wordings.entries()) {
        const directory = open();
        const some = chosen.slice((index + 1) * count, (index + 2) * count);
        const once = distinct(some, query);
        const lookUp = async (text: string, person: MadePerson): Promise<void> => {
          const found = await directory.find({ text }, null);
          const first = found.kind === 'one' ? found.person : null;
          if (finds === 'person' && first?.id !== person.id)
            wrong.push(`"${text}" does not find ${person.id}`);
          if (finds === 'name' && found.kind === 'none') wrong.push(`"${text}" finds nobody`);
          if (finds === 'name' && first && !isNamed(first, text)) {
            wrong.push(`"${text}" finds ${first.displayName}`);
          }
        };
        await measure(name, 'cold', once, query, lookUp);
        await measure(name, 'warm', once, query, lookUp);
      }
    } finally {
      await emulator.stop();
    }
    const [first] = measured;
    return {
      tables: [
        {
          title: `Lookups among ${PEOPLE} people, one after another; milliseconds, the emulator's own included`,
          columns: ['named by', 'answers', 'lookups', 'p50', 'p99', 'requests p50', 'requests p99'],
          rows: measured.map(({ wording, state, times, requests }) => [
            wording,
            state,
            times.count,
            times.p50,
            times.p99,
            requests.p50,
            requests.p99,
          ]),
        },
      ],
      figures: {
        people: PEOPLE,
        measured,
        timesTheBareRequest: measured.map(({ wording, state, times }) => ({
          wording,
          state,
          p50: round(times.p50 / (first?.times.p50 ?? Number.NaN)),
        })),
      },
      wrong,
    };
  },
};

function fullName({ givenName, surname }: MadePerson): string {
  return `${givenName ?? ''} ${surname ?? ''}`;
}

/** As it is typed in a hurry: two letters in the middle of the surname stand the wrong way round. */
function mistyped(person: MadePerson): string {
  const letters = [...fullName(person)];
  const at = letters.length - Math.max(2, Math.floor((person.surname ?? '').length / 2));
  const [one = '', two = ''] = letters.slice(at, at + 2);
  return [...letters.slice(0, at), two, one, ...letters.slice(at + 2)].join('');
}

function isNamed({ givenName, surname }: { givenName: string | null; surname: string | null }, text: string) {
  return text === surname || text === `${givenName ?? ''} ${surname ?? ''}` || text === givenName;
}

/** People of whom each is named otherwise: a second lookup of the same words would not be a cold one. */
function distinct(people: readonly MadePerson[], query: (person: MadePerson) => string): MadePerson[] {
  return [...new Map(people.map((person) => [query(person).toLowerCase(), person])).values()];
}

function sample<T>(items: readonly T[], count: number, random: () => number): T[] {
  const rest = [...items];
  return Array.from({ length: Math.min(count, rest.length) }, () =>
    rest.splice(Math.floor(random() * rest.length), 1),
  ).flat();
}
