import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { SigningKeys } from '../entra/signingKeys.ts';
import type { FaultPlan } from '../faults/faultPlan.ts';
import { empty, json } from '../http/answer.ts';
import { bodyOf, param } from '../http/router.ts';
import type { EmulatorRequest, Handler, Route } from '../http/router.ts';
import type { OperationName } from '../operations.ts';
import type { People } from '../people/people.ts';
import { isInDirectory } from '../people/person.ts';
import type { Person } from '../people/person.ts';
import { batchHandler } from './batch.ts';
import {
  badRequest,
  badToken,
  conflict,
  noToken,
  notAllowedToManage,
  notFound,
  photoNotFound,
  requestDenied,
} from './errors.ts';
import type { Graph, Permission } from './graph.ts';
import { page } from './paging.ts';
import { photoOf } from './photo.ts';
import { shiftResource, shiftsFitting } from './shifts.ts';
import { selection, userResource } from './userResource.ts';
import type { Selection } from './userResource.ts';
import { findUsers } from './users.ts';

export interface GraphParts {
  graph: Graph;
  people: People;
  faults: FaultPlan;
  token: string;
  /** Lifetime of tokens that Entra issues to applications. */
  keys: SigningKeys;
  graphUrl: () => string;
  /** Called when the app has been installed for somebody through Graph. */
  onInstall: (person: Person) => void;
}

const Ids = z.looseObject({ ids: z.array(z.string()).min(1).max(650) });
const GroupIds = z.looseObject({ groupIds: z.array(z.string()).min(1).max(20) });
const InstallBody = z.looseObject({ 'teamsApp@odata.bind': z.string().min(1) });

/** The part of Microsoft Graph v1.0 that an application needs to call people. */
export function graphRoutes(parts: GraphParts): Route[] {
  const { graph, people } = parts;
  const readUsers: Permission[] = ['User.Read.All', 'User.ReadBasic.All'];

  const route = (
    method: string,
    path: string,
    operation: OperationName,
    permissions: Permission[],
    handle: Handler,
  ): Route => ({
    method,
    path: `/v1.0${path}`,
    operation,
    handle: async (request) => {
      if ((await applicationOf(request, parts)) === null) throw badToken();
      if (permissions.length > 0 && !permissions.some((name) => graph.permissions.has(name)))
        throw requestDenied();
      return await handle(request);
    },
  });
  /** With a permission for itself only, an application sees and installs only the app whose manifest names it. */
  const mayManageApp = async (request: EmulatorRequest): Promise<{ caller: string; may: boolean }> => {
    const caller = (await applicationOf(request, parts)) ?? '';
    const { manifestApplication } = graph;
    return { caller, may: manifestApplication === null || caller === manifestApplication };
  };
  const user = (request: EmulatorRequest): Person => userById(people, param(request, 'id'));
  const selected = (request: EmulatorRequest): Selection =>
    selection(request.url.searchParams.get('$select'), !graph.permissions.has('User.Read.All'));
  const context = (what: string): string => `${parts.graphUrl()}/v1.0/$metadata#${what}`;
  /** One page of a collection, with the link to the next one. */
  const collection = <T>(
    request: EmulatorRequest,
    what: string,
    items: T[],
    render: (item: T) => object,
  ): object => {
    const { items: value, next } = page(items, request.url.searchParams);
    const counted = request.url.searchParams.get('$count') === 'true' ? { '@odata.count': items.length } : {};
    const link =
      next === null ? {} : { '@odata.nextLink': `${parts.graphUrl()}${request.url.pathname}?${next}` };
    return { '@odata.context': context(what), ...counted, ...link, value: value.map(render) };
  };
  const members = (request: EmulatorRequest, ids: string[]): object => {
    const fields = selected(request);
    const resources = ids.flatMap((id): object[] => {
      const person = people.byId(id);
      if (person) return [{ '@odata.type': '#microsoft.graph.user', ...userResource(person, fields) }];
      const group = graph.groups.get(id);
      if (!group) return [];
      return [{ '@odata.type': '#microsoft.graph.group', id, displayName: group.displayName }];
    });
    return collection(request, 'directoryObjects', resources, (resource) => resource);
  };
  const groupMembers = (idsOf: (groupId: string) => string[]): Handler => {
    return (request) => {
      const id = param(request, 'id');
      if (!graph.groups.has(id)) throw notFound(id);
      return json(200, members(request, idsOf(id)));
    };
  };
  const direct = groupMembers((id) => graph.groups.get(id)?.members ?? []);
  const transitive = groupMembers((id) => graph.transitiveMembers(id));
  const photo: Handler = (request) => {
    const person = user(request);
    if (!person.hasPhoto) throw photoNotFound();
    const size = Math.min(Number(/^(\d+)x\d+$/.exec(param(request, 'size'))?.[1] ?? 96), 648);
    return { status: 200, headers: { 'content-type': 'image/png' }, body: photoOf(person.id, size) };
  };
  const install: Permission[] = ['TeamsAppInstallation.ReadWriteSelfForUser.All'];

  const routes: Route[] = [
    route('GET', '/users', 'graph.listUsers', readUsers, (request) => {
      const { searchParams: query } = request.url;
      const found = findUsers(
        {
          search: query.get('$search'),
          filter: query.get('$filter'),
          orderBy: query.get('$orderby'),
          count: query.get('$count') === 'true',
          eventual: request.headers['consistencylevel']?.toLowerCase() === 'eventual',
        },
        people.index,
      );
      const fields = selected(request);
      return json(
        200,
        collection(request, 'users', found, (person) => userResource(person, fields)),
      );
    }),
    route('GET', '/users/{id}', 'graph.getUser', readUsers, (request) =>
      json(200, {
        '@odata.context': context('users/$entity'),
        ...userResource(user(request), selected(request)),
      }),
    ),
    route('GET', '/users/{id}/manager', 'graph.getManager', readUsers, (request) => {
      const { managerId } = user(request);
      const manager = managerId === null ? null : people.byId(managerId);
      if (!manager) throw notFound('manager');
      return json(200, {
        '@odata.type': '#microsoft.graph.user',
        ...userResource(manager, selected(request)),
      });
    }),
    route('GET', '/users/{id}/photo/$value', 'graph.getPhoto', readUsers, photo),
    route('GET', '/users/{id}/photos/{size}/$value', 'graph.getPhoto', readUsers, photo),
    route('GET', '/users/{id}/presence', 'graph.getPresence', ['Presence.Read.All'], (request) => {
      // Users may be addressed by name too, but not for presence ("Get presence").
      if (people.byId(param(request, 'id')) === null) throw notFound(param(request, 'id'));
      return json(200, {
        '@odata.context': context('users/presence/$entity'),
        ...presenceOf(user(request)),
      });
    }),
    route(
      'POST',
      '/communications/getPresencesByUserId',
      'graph.getPresences',
      ['Presence.Read.All'],
      (request) => {
        const { ids } = read(request, Ids);
        const found = ids.flatMap((id) => people.byId(id) ?? []);
        return json(200, { '@odata.context': context('Collection(presence)'), value: found.map(presenceOf) });
      },
    ),
    route('GET', '/groups/{id}/members', 'graph.listGroupMembers', ['GroupMember.Read.All'], direct),
    route(
      'GET',
      '/groups/{id}/members/microsoft.graph.user',
      'graph.listGroupMembers',
      ['GroupMember.Read.All'],
      direct,
    ),
    route(
      'GET',
      '/groups/{id}/transitiveMembers',
      'graph.listGroupMembers',
      ['GroupMember.Read.All'],
      transitive,
    ),
    route(
      'GET',
      '/groups/{id}/transitiveMembers/microsoft.graph.user',
      'graph.listGroupMembers',
      ['GroupMember.Read.All'],
      transitive,
    ),
    route(
      'POST',
      '/users/{id}/checkMemberGroups',
      'graph.checkMemberGroups',
      ['GroupMember.Read.All'],
      (request) => {
        const { id } = user(request);
        const { groupIds } = read(request, GroupIds);
        const value = groupIds.filter((groupId) => graph.transitiveMembers(groupId).includes(id));
        return json(200, { '@odata.context': context('Collection(Edm.String)'), value });
      },
    ),
    route('GET', '/teams/{id}/schedule/shifts', 'graph.listShifts', ['Schedule.Read.All'], (request) => {
      const teamId = param(request, 'id');
      if (!graph.teams.has(teamId)) throw notFound(teamId);
      const ofTeam = graph.shifts.filter((shift) => shift.teamId === teamId);
      const found = shiftsFitting(ofTeam, request.url.searchParams.get('$filter'));
      return json(200, collection(request, 'shifts', found, shiftResource));
    }),
    route('POST', '/users/{id}/teamwork/installedApps', 'graph.installApp', install, async (request) => {
      const person = user(request);
      const { caller, may } = await mayManageApp(request);
      if (!may) throw notAllowedToManage(caller);
      const app = read(request, InstallBody)['teamsApp@odata.bind'];
      if (person.appInstalled) throw conflict(`The app ${app} is already installed for the user.`);
      person.appInstalled = true;
      parts.onInstall(person);
      return empty(201);
    }),
    route(
      'GET',
      '/users/{id}/teamwork/installedApps',
      'graph.listInstalledApps',
      install,
      async (request) => {
        const { id, appInstalled } = user(request);
        const { may } = await mayManageApp(request);
        const apps = appInstalled && may ? [{ id: Buffer.from(`${id}##ringdown`).toString('base64') }] : [];
        return json(
          200,
          collection(request, 'installedApps', apps, (app) => app),
        );
      },
    ),
  ];
  return [...routes, route('POST', '/$batch', 'graph.batch', [], batchHandler(routes, parts.faults))];
}

/** By object id or user principal name. @throws Refusal 404 */
function userById(people: People, idOrName: string): Person {
  const [named] = people.index.equal('userPrincipalName', idOrName);
  const person = people.byId(idOrName) ?? named;
  if (!person || !isInDirectory(person)) throw notFound(idOrName);
  return person;
}

function presenceOf({ id, presence }: Person): object {
  return { id, availability: presence.availability, activity: presence.activity, statusMessage: null };
}

/**
 * The application id in an Entra token for Graph; empty for the emulator's fixed token, null for any other.
 *
 * @throws Refusal 401 without a token
 */
async function applicationOf(
  request: EmulatorRequest,
  { token, keys, graphUrl }: GraphParts,
): Promise<string | null> {
  const given = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1];
  if (given === undefined) throw noToken();
  const [one, another] = [Buffer.from(given), Buffer.from(token)];
  if (one.length === another.length && timingSafeEqual(one, another)) return '';
  const claims = await keys.verify(given);
  if (claims?.aud !== graphUrl()) return null;
  return typeof claims['appid'] === 'string' ? claims['appid'] : '';
}

/** @throws Refusal 400 */
function read<T extends z.ZodType>(request: EmulatorRequest, schema: T): z.infer<T> {
  const parsed = schema.safeParse(bodyOf(request));
  if (!parsed.success) throw badRequest('Unable to read JSON request payload.');
  return parsed.data;
}
