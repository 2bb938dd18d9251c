import assert from 'node:assert/strict';
import { Client } from '@microsoft/microsoft-graph-client';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { z } from 'zod';
import { startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

const Values = z.looseObject({
  value: z.array(z.looseObject({ id: z.string(), displayName: z.string().optional() })),
});

describe('emulator: the rest of Graph', () => {
  let world: World;
  let graph: Client;
  beforeEach(async () => {
    world = await startWorld();
    graph = clientOf(world);
  });
  afterEach(() => world.stop());

  const idOf = (who: string): string => world.emulator.people.get(who).id;
  const statusOf = async (promise: Promise<unknown>): Promise<number> => {
    try {
      await promise;
      return 200;
    } catch (error) {
      assert.ok(
        error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number',
        String(error),
      );
      return error.statusCode;
    }
  };

  it('works with the Graph client', async () => {
    const found = Values.parse(
      await graph.api('/users').header('ConsistencyLevel', 'eventual').search('"displayName:adele"').get(),
    );
    assert.deepEqual(
      found.value.map(({ displayName }) => displayName),
      ['Adele Vance'],
    );
    assert.equal(await statusOf(graph.api('/users/nobody').get()), 404);
  });

  it('returns the presence of one and of many', async () => {
    const Presence = z.looseObject({ id: z.string(), availability: z.string(), activity: z.string() });
    const one = Presence.parse(await graph.api(`/users/${idOf('Lee Gu')}/presence`).get());
    assert.deepEqual([one.availability, one.activity], ['Busy', 'Busy']);
    const ids = [idOf('Adele Vance'), idOf('Isaiah Langer')];
    const many: unknown = await graph.api('/communications/getPresencesByUserId').post({ ids });
    const { value } = z.looseObject({ value: z.array(Presence) }).parse(many);
    assert.deepEqual(
      value.map(({ availability }) => availability),
      ['Available', 'Offline'],
    );
    world.emulator.graph.permissions.delete('Presence.Read.All');
    assert.equal(await statusOf(graph.api(`/users/${idOf('Lee Gu')}/presence`).get()), 403);
    assert.equal(await statusOf(graph.api('/communications/getPresencesByUserId').post({ ids })), 403);
  });

  it('has PNG photos of some people', async () => {
    const url = `${world.at.graphUrl}/v1.0/users/${idOf('Adele Vance')}/photos/48x48/$value`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${world.at.graphToken}` } });
    assert.equal(answer.headers.get('content-type'), 'image/png');
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(bytes.subarray(1, 4).toString('latin1'), 'PNG');
    assert.equal(bytes.readUInt32BE(16), 48);
    assert.equal(await statusOf(graph.api(`/users/${idOf('Megan Bowen')}/photo/$value`).get()), 404);
  });

  it('returns the manager, if there is one', async () => {
    const manager = z
      .looseObject({ displayName: z.string() })
      .parse(await graph.api(`/users/${idOf('Adele Vance')}/manager`).get());
    assert.equal(manager.displayName, 'Megan Bowen');
    assert.equal(await statusOf(graph.api(`/users/${idOf('Megan Bowen')}/manager`).get()), 404);
  });

  it('returns groups, including nested ones, in order', async () => {
    const inner = world.emulator.graph.addGroup({
      displayName: 'Web',
      members: ['Alex Wilber', 'Adele Vance'],
    });
    const outer = world.emulator.graph.addGroup({
      displayName: 'All',
      members: ['Megan Bowen', inner.id, 'Adele Vance'],
    });
    const names = async (path: string): Promise<(string | undefined)[]> =>
      Values.parse(await graph.api(path).get()).value.map(({ displayName }) => displayName);
    assert.deepEqual(await names(`/groups/${outer.id}/members`), ['Megan Bowen', 'Web', 'Adele Vance']);
    assert.deepEqual(await names(`/groups/${outer.id}/transitiveMembers`), [
      'Megan Bowen',
      'Alex Wilber',
      'Adele Vance',
    ]);
    const groupIds = [inner.id, outer.id, 'ffffffff-0000-4000-8000-000000000000'];
    const memberOf: unknown = await graph
      .api(`/users/${idOf('Alex Wilber')}/checkMemberGroups`)
      .post({ groupIds });
    assert.deepEqual(z.looseObject({ value: z.array(z.string()) }).parse(memberOf).value, [
      inner.id,
      outer.id,
    ]);
    assert.equal(await statusOf(graph.api('/groups/none/members').get()), 404);
  });

  it('lists the shifts of a team in a period', async () => {
    const hour = 3_600_000;
    const noon = Date.parse('2026-03-12T12:00:00Z');
    world.emulator.graph.addShift({
      teamId: 'team-1',
      person: 'Adele Vance',
      start: noon - 4 * hour,
      end: noon + 4 * hour,
    });
    world.emulator.graph.addShift({
      teamId: 'team-1',
      person: 'Alex Wilber',
      start: noon + 4 * hour,
      end: noon + 12 * hour,
    });
    const at = async (filter: string): Promise<string[]> => {
      const found: unknown = await graph.api('/teams/team-1/schedule/shifts').filter(filter).get();
      const Shifts = z.looseObject({ value: z.array(z.looseObject({ userId: z.string() })) });
      return Shifts.parse(found).value.map(({ userId }) => world.emulator.people.get(userId).displayName);
    };
    const now = '2026-03-12T12:00:00Z';
    assert.deepEqual(await at(`sharedShift/startDateTime le ${now} and sharedShift/endDateTime gt ${now}`), [
      'Adele Vance',
    ]);
    assert.deepEqual(await at(`sharedShift/startDateTime ge ${now}`), ['Alex Wilber']);
    assert.equal(await statusOf(graph.api('/teams/team-1/schedule/shifts').filter('nonsense').get()), 400);
    assert.equal(await statusOf(graph.api('/teams/none/schedule/shifts').get()), 404);
  });

  it('installs the app for a person once', async () => {
    const id = idOf('Lynne Robbins');
    const app = { 'teamsApp@odata.bind': `${world.at.graphUrl}/v1.0/appCatalogs/teamsApps/app-1` };
    const apps = async (): Promise<number> =>
      Values.parse(await graph.api(`/users/${id}/teamwork/installedApps`).get()).value.length;
    assert.equal(await apps(), 0);
    await graph.api(`/users/${id}/teamwork/installedApps`).post(app);
    assert.equal(await apps(), 1);
    assert.equal(await statusOf(graph.api(`/users/${id}/teamwork/installedApps`).post(app)), 409);
  });

  it('accepts up to twenty requests in a batch', async () => {
    const Batch = z.object({ responses: z.array(z.looseObject({ id: z.string(), status: z.number() })) });
    const later = { kind: 'status', status: 429, retryAfter: 7 } as const;
    world.emulator.faults.add({ operation: 'graph.getPresence', ...later });
    const requests = [
      { id: '1', method: 'GET', url: `/users/${idOf('Adele Vance')}` },
      { id: '2', method: 'GET', url: '/users/nobody' },
      { id: '3', method: 'GET', url: '/users/alex@contoso.example', dependsOn: ['2'] },
      { id: '4', method: 'GET', url: `/users/${idOf('Adele Vance')}/presence` },
      {
        id: '5',
        method: 'GET',
        url: '/users?$search="displayName:adele"',
        headers: { ConsistencyLevel: 'eventual' },
      },
      {
        id: '6',
        method: 'POST',
        url: '/communications/getPresencesByUserId',
        headers: { 'Content-Type': 'application/json' },
        body: { ids: [idOf('Adele Vance')] },
      },
    ];
    const { responses } = Batch.parse(await graph.api('/$batch').post({ requests }));
    assert.deepEqual(responses.map(({ id, status }) => `${id} ${status}`).toSorted(), [
      '1 200',
      '2 404',
      '3 424',
      '4 429',
      '5 200',
      '6 200',
    ]);
    const put = responses.find(({ id }) => id === '4');
    assert.deepEqual(
      z.looseObject({ 'retry-after': z.string() }).parse(put?.['headers'])['retry-after'],
      '7',
    );
    const many = Array.from({ length: 21 }, (_, number) => ({
      id: String(number),
      method: 'GET',
      url: '/users',
    }));
    assert.equal(await statusOf(graph.api('/$batch').post({ requests: many })), 400);
  });

  const user = { id: 'a', method: 'GET', url: '/users' };
  const presences = { id: 'b', method: 'POST', url: '/communications/getPresencesByUserId', body: {} };
  const malformed: readonly [what: string, requests: object[]][] = [
    ['without requests', []],
    ['with a duplicate id', [user, { ...user, id: 'A' }]],
    ['with a body without a content type', [user, presences]],
  ];
  for (const [what, requests] of malformed) {
    it(`refuses a batch ${what}`, async () => {
      assert.equal(await statusOf(graph.api('/$batch').post({ requests })), 400);
    });
  }

  it('returns presence by object id only', async () => {
    assert.equal(await statusOf(graph.api('/users/adele@contoso.example/presence').get()), 404);
  });
});

const Sent = z.object({
  request: z.string(),
  options: z.object({
    method: z.string(),
    body: z.string().optional(),
    headers: z.record(z.string(), z.string()),
  }),
});

/** The client does not send its token over plain http, so add it just before the request is sent. */
function clientOf(world: World): Client {
  const middleware: Middleware = {
    async execute(context: Context) {
      const { request, options } = Sent.parse(context);
      const headers = { ...options.headers, authorization: `Bearer ${world.at.graphToken}` };
      context.response = await fetch(request, { ...options, headers });
    },
  };
  return Client.initWithMiddleware({ baseUrl: world.at.graphUrl, defaultVersion: 'v1.0', middleware });
}
