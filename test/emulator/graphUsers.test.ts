import assert from 'node:assert/strict';
import { z } from 'zod';
import { directory } from '../../emulator/people/directory.ts';
import { startWorld } from '../support/emulator/world.ts';
import { isInDirectory } from '../../emulator/people/person.ts';
import type { World } from '../support/emulator/world.ts';

const Users = z.looseObject({
  value: z.array(z.looseObject({ id: z.string(), displayName: z.string().optional() })),
  '@odata.nextLink': z.string().optional(),
  '@odata.count': z.number().optional(),
});

describe('emulator: users in Graph', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const get = async (pathOrUrl: string, headers: Record<string, string> = {}): Promise<Response> => {
    const url = pathOrUrl.startsWith('http') ? pathOrUrl : `${world.at.graphUrl}/v1.0${pathOrUrl}`;
    return fetch(url, { headers: { authorization: `Bearer ${world.at.graphToken}`, ...headers } });
  };
  const eventual = { ConsistencyLevel: 'eventual' };
  const users = async (
    query: Record<string, string>,
    headers: Record<string, string> = eventual,
  ): Promise<string[]> => {
    const answer = await get(`/users?${new URLSearchParams(query).toString()}`, headers);
    if (!answer.ok) return [`${answer.status} ${await codeOf(answer)}`];
    return Users.parse(await answer.json()).value.map(({ displayName, id }) => displayName ?? id);
  };

  it('returns one by object id or user principal name, ignoring case', async () => {
    for (const id of [
      '87d349ed-44d7-43e1-9a83-5f2406dee5bd',
      'adele@contoso.example',
      'ADELE@contoso.example',
    ]) {
      const user = z.looseObject({ displayName: z.string() }).parse(await (await get(`/users/${id}`)).json());
      assert.equal(user.displayName, 'Adele Vance');
    }
  });

  it('answers 404 in Graph’s format', async () => {
    const answer = await get('/users/nobody%40contoso.example');
    assert.equal(answer.status, 404);
    assert.equal(await codeOf(answer), 'Request_ResourceNotFound');
  });

  it('requires its token and the permission', async () => {
    const answer = await fetch(`${world.at.graphUrl}/v1.0/users`);
    assert.equal(`${answer.status} ${await codeOf(answer)}`, '401 InvalidAuthenticationToken');
    assert.equal((await get('/users', { authorization: 'Bearer other' })).status, 401);
    world.emulator.graph.permissions.delete('User.Read.All');
    const refused = await get('/users');
    assert.equal(`${refused.status} ${await codeOf(refused)}`, '403 Authorization_RequestDenied');
    world.emulator.graph.permissions.add('User.ReadBasic.All');
    const basic = await get('/users/adele@contoso.example?$select=displayName,assignedPlans');
    const user = z
      .looseObject({ displayName: z.string(), assignedPlans: z.unknown() })
      .parse(await basic.json());
    assert.deepEqual([user.displayName, user.assignedPlans], ['Adele Vance', null]);
  });

  it('returns the selected properties', async () => {
    const answer = await get(
      '/users/adele@contoso.example?$select=id,department,assignedPlans,accountEnabled,userType',
    );
    const user = z.record(z.string(), z.unknown()).parse(await answer.json());
    assert.deepEqual(Object.keys(user).toSorted(), [
      '@odata.context', 'accountEnabled', 'assignedPlans', 'department', 'id', 'userType',
    ]); // prettier-ignore
    const [, phone] = z.array(z.looseObject({ servicePlanId: z.string() })).parse(user['assignedPlans']);
    assert.equal(phone?.servicePlanId, '4828c8ec-dc2e-4779-b502-87ac9ce28ab7');
  });

  const filters: [filter: string, found: string[]][] = [
    ["mail eq 'adele@contoso.example'", ['Adele Vance']],
    ["userPrincipalName eq 'ALEX@contoso.example'", ['Alex Wilber']],
    ["displayName eq 'Chris Green'", ['Chris Green', 'Chris Green']],
    ["displayName eq 'Siân O''Connor-Łukasz'", ["Siân O'Connor-Łukasz"]],
    ["startswith(displayName,'Siân O''')", ["Siân O'Connor-Łukasz"]],
    ["startswith(displayName,'ad') or startswith(userPrincipalName,'megan')", ['Adele Vance', 'Megan Bowen']],
    ["displayName eq 'Chris Green' and department eq 'Finance'", ['Chris Green']],
    ["(givenName eq 'Adele' or givenName eq 'Alex') and surname eq 'Wilber'", ['Alex Wilber']],
    ["proxyAddresses/any(p:p eq 'smtp:adele@contoso.example')", ['Adele Vance']],
    ["proxyAddresses/any(x:startswith(x,'smtp:sian.o'''))", ["Siân O'Connor-Łukasz"]],
    ["id in ('87d349ed-44d7-43e1-9a83-5f2406dee5bd','626cbf8c-5dde-46b0-8385-9e40d64736fe')", ['Adele Vance', 'Alex Wilber']],
    ['accountEnabled eq false', ['Henrietta Mueller']],
    ["userType eq 'Guest'", ['Patti Fernandez']],
    ["startswith(displayName,'田')", ['田中 太郎']],
    ["displayName eq 'Adele'", []],
    ["displayName eq 'Adele", ['400 Request_BadRequest']],
    ["nickname eq 'Adele'", ['400 Request_BadRequest']],
    ["displayName eq 'a' or", ['400 Request_BadRequest']],
    ["endswith(mail,'vance')", ['400 Request_UnsupportedQuery']],
    ["not startswith(displayName,'A')", ['400 Request_UnsupportedQuery']],
  ]; // prettier-ignore
  for (const [$filter, found] of filters) {
    it(`filters ${$filter}`, async () => {
      assert.deepEqual(await users({ $filter }, {}), found);
    });
  }

  it('filters by endswith and not, with eventual consistency and a count', async () => {
    const query = { $filter: "endswith(mail,'fabrikam.example')", $count: 'true' };
    assert.deepEqual(await users(query), ['Patti Fernandez']);
    assert.equal((await users({ $filter: "userType ne 'Member'", $count: 'true' })).length, 1);
  });

  const searches: [search: string, found: string[]][] = [
    ['"displayName:adele"', ['Adele Vance']],
    ['"displayName:van"', ['Adele Vance']],
    ['"displayName:vance adele"', ['Adele Vance']],
    ['"displayName:ance"', []],
    ['"displayName:chris green"', ['Chris Green', 'Chris Green']],
    ['"displayName:o\'connor"', ["Siân O'Connor-Łukasz"]],
    ['"displayName:太郎"', ['田中 太郎']],
    ['"mail:alex"', ['Alex Wilber']],
    ['"mail:contoso"', []],
    ['"displayName:adele" OR "mail:alex"', ['Adele Vance', 'Alex Wilber']],
    ['"displayName:chris" AND "userPrincipalName:chris.green2"', ['Chris Green']],
    ['"displayName:a\\"b\\\\c"', []],
    ['displayName:adele', ['400 Request_BadRequest']],
    ['"adele"', ['400 Request_BadRequest']],
    ['"displayName:adele" or "mail:alex"', ['400 Request_BadRequest']],
    ['"displayName:a"b"', ['400 Request_BadRequest']],
    ['"shoeSize:42"', ['400 Request_BadRequest']],
  ];
  for (const [$search, found] of searches) {
    it(`searches ${$search}`, async () => {
      assert.deepEqual(await users({ $search }), found);
    });
  }

  it('refuses a search without ConsistencyLevel: eventual', async () => {
    assert.deepEqual(await users({ $search: '"displayName:adele"' }, {}), ['400 Request_UnsupportedQuery']);
  });

  it('pages by next links, which list everybody once', async () => {
    const everybody = world.emulator.people.list().filter(isInDirectory).length;
    const seen: string[] = [];
    let next: string | undefined = '/users?$top=7&$select=id&$count=true';
    while (next !== undefined) {
      const page: z.infer<typeof Users> = Users.parse(await (await get(next)).json());
      assert.ok(page.value.length <= 7);
      assert.equal(page['@odata.count'], everybody);
      seen.push(...page.value.map(({ id }) => id));
      next = page['@odata.nextLink'];
    }
    assert.equal(new Set(seen).size, everybody);
    assert.equal(seen.length, new Set(seen).size);
    for (const query of ['$top=1000', '$top=0', '$skip=5', '$skiptoken=zzz']) {
      assert.equal((await get(`/users?${query}`)).status, 400, query);
    }
  });

  it('does not list communication users', async () => {
    world.emulator.people.add({ id: '8:acs:x_y', displayName: 'Browser page' });
    assert.deepEqual(await users({ $search: '"displayName:browser"' }), []);
    assert.equal((await get('/users/8:acs:x_y')).status, 404);
  });

  it('is fast with 50,000 people', async () => {
    for (const person of directory({ count: 50_000 })) world.emulator.people.add(person);
    assert.equal(world.emulator.people.index.users.length, 50_000 + 20);
    const started = performance.now();
    for (let number = 0; number < 50; number += 1) {
      const found = await users({ $search: `"displayName:zoë ${'mbglvgn'[number % 7] ?? ''}"`, $top: '20' });
      assert.ok(found.length <= 20);
    }
    const perSearch = (performance.now() - started) / 50;
    assert.ok(perSearch < 250, `${perSearch} ms each`);
  });

  it('generates the same people from the same seed', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => [...directory({ count: 100, seed })]);
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
  });
});

async function codeOf(answer: Response): Promise<string> {
  return z.object({ error: z.looseObject({ code: z.string() }) }).parse(await answer.json()).error.code;
}
