import assert from 'node:assert/strict';
import type { Directory, Found } from '../../src/directory/directory.ts';
import { createGraphDirectory } from '../../src/directory/graphDirectory.ts';
import { createEmulator } from '../../emulator/emulator.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import { testClock } from '../support/clock.ts';
import { cast } from '../support/directory/cast.ts';
import { emulated } from '../support/directory/emulated.ts';
import { crowd } from '../support/directory/people.ts';
import type { MadePerson } from '../support/directory/people.ts';
import { rows } from '../support/directory/queries.ts';
import type { Expected } from '../support/directory/queries.ts';

describe('a directory of 50,000 people', function () {
  const made = Object.values(cast);
  const people = [...made, ...crowd(50_000 - made.length, 20_261_123)];
  let emulator: Emulator;
  let directory: Directory;

  before(async () => {
    emulator = createEmulator({ people: people.map(emulated) });
    const { graphUrl, graphToken } = await emulator.start();
    const getToken = async (): Promise<string> => graphToken;
    directory = createGraphDirectory({ graphUrl, getToken, clock: testClock() });
    assert.equal(emulator.people.list().length, 50_000);
  });

  after(() => emulator.stop());

  it('asks before a call to a person with an enabled namesake, and finds a person without one', async () => {
    const nameOfMade = ({ givenName, surname }: MadePerson): string => `${givenName} ${surname}`;
    const enabled = people.filter(({ accountEnabled }) => accountEnabled);
    const count = Map.groupBy(enabled, nameOfMade);
    const rare = enabled.filter((person) => count.get(nameOfMade(person))?.length === 1);
    const asked = [...people.filter((_, at) => at % 997 === 0), ...rare.slice(0, 60)];
    let [called, offered] = [0, 0];
    for (const person of asked) {
      const name = nameOfMade(person);
      const namesakes = count.get(name) ?? [];
      const found = await directory.find({ text: name }, null);
      if (namesakes.length > 1) assert.equal(found.kind, 'several', name);
      if (found.kind === 'several') offered += 1;
      if (found.kind !== 'one') continue;
      assert.equal(found.person.id, (namesakes[0] ?? person).id, name);
      called += 1;
    }
    assert.ok(called > 30 && offered > 40, `${called} called, ${offered} offered`);
  });

  for (const [query, expected, asker] of rows) {
    const shown = query.length > 60 ? `${query.slice(0, 57)}…` : query;
    it(`"${shown}" ${titleOf(expected)}${asker ? `, asked by ${JSON.stringify(asker)}` : ''}`, async () => {
      const { recentCalleeIds = [], ...said } = asker ?? {};
      const found = await directory.find(
        { text: query },
        asker ? { ...said, recentCallees: async () => await Promise.resolve(recentCalleeIds) } : null,
      );
      const seen = nameOf(found);
      if (expected === 'asks') assert.equal(found.kind, 'several', JSON.stringify(seen));
      else assert.deepEqual(seen, expected);
    });
  }
});

function titleOf(expected: Expected): string {
  return typeof expected === 'string' ? expected : Object.entries(expected).join().replace(',', ' ');
}

/** The result in the words of the table; people outside the cast by display name. */
function nameOf(found: Found): unknown {
  const names = new Map(Object.entries(cast).map(([name, { id }]) => [id, name]));
  switch (found.kind) {
    case 'one':
      return { calls: names.get(found.person.id) ?? found.person.displayName };
    case 'several':
      return { asks: found.people.map(({ id, displayName }) => names.get(id) ?? displayName)[0] };
    case 'none': {
      const [first] = found.suggestions;
      return first ? { suggests: names.get(first.id) ?? first.displayName } : 'nobody';
    }
  }
}
