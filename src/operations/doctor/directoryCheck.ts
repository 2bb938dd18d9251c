import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import type { Cloud } from '../../config/clouds.ts';
import type { Config } from '../../config/config.ts';
import type { GraphClient, GraphRequest } from '../../directory/graphClient.ts';
import { GraphFault } from '../../directory/graphFault.ts';
import { rulesOf } from '../fileNames.ts';
import { ask } from './ask.ts';
import { timeIn, type TimeHeard } from './clockCheck.ts';
import { found, passed, type Finding } from './findings.ts';
import { lookUp } from '../../config/lookUp.ts';

export interface DirectoryParts {
  config: Config;
  now: () => number;
  graph: GraphClient;
  /** @throws if this machine has no identity */
  getToken: () => Promise<string>;
  /** A token of the bot's own application. @throws if it gets none */
  getBotToken: () => Promise<string>;
}

/** Application permissions, and what Ringdown needs them for. */
const permissions = {
  'User.Read.All': 'users',
  'User.ReadBasic.All': 'basic',
  'Presence.Read.All': 'presence',
  'GroupMember.Read.All': 'groups',
  'Schedule.Read.All': 'shifts',
  'TeamsAppInstallation.ReadWriteSelfForUser.All': 'apps',
} as const;

/** `apps`: installs the app whose manifest names the bot; `everyApp`: also those that name another application. */
type Held = (typeof permissions)[keyof typeof permissions] | 'everyApp';

/** Broader permissions that include one of ours. Source: Microsoft Graph permissions reference. */
const contained: Readonly<Record<string, readonly Held[]>> = {
  'Directory.Read.All': ['users', 'basic', 'groups'],
  'Directory.ReadWrite.All': ['users', 'basic', 'groups'],
  'User.ReadWrite.All': ['users', 'basic'],
  'Group.Read.All': ['groups', 'shifts'],
  'Group.ReadWrite.All': ['groups', 'shifts'],
  'Schedule.ReadWrite.All': ['shifts'],
  'Presence.ReadWrite.All': ['presence'],
  'TeamsAppInstallation.ReadWriteForUser.All': ['apps', 'everyApp'],
};

const GRANT = 'deploymentTemplates/scripts/grant-graph-permissions.sh <principal id>';
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** The parts of Graph that the configuration uses. */
interface Wanted {
  groups: boolean;
  shifts: boolean;
}

export interface DirectoryExamined {
  findings: Finding[];
  times: TimeHeard[];
  /** The permissions that we have; null if there are none. */
  held: ReadonlySet<Held> | null;
}

/** Checks whether people can be found, and which Graph permissions are granted. */
export async function checkDirectory(parts: DirectoryParts): Promise<DirectoryExamined> {
  const { config, now, graph, getToken, getBotToken } = parts;
  const asked = await ask(`${config.graph.url}/v1.0/$metadata`, now, { method: 'HEAD' });
  if (asked.kind !== 'answered') {
    const finding = found(
      'graphUnreachable',
      `${config.graph.url} does not answer: ${asked.why}. Nobody can be found.`,
      `curl -sI ${config.graph.url}   must work on this machine; GRAPH_URL and AZURE_CLOUD must match`,
    );
    return { findings: [finding], times: [], held: null };
  }
  const times = timeIn('Microsoft Graph', asked);
  let token: string;
  try {
    token = await getToken();
  } catch (error) {
    const finding = found(
      'graphTokenUnavailable',
      `This machine has no identity that Entra knows (${error instanceof Error ? error.name : 'unknown'}): it gets no token for Microsoft Graph.`,
      'AZURE_CLIENT_ID=<client id of the managed identity>   or, outside Azure, AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
    );
    return { findings: [finding], times, held: null };
  }
  const users = await status(graph, { path: '/users', query: { $top: '1', $select: 'id,assignedPlans' } });
  if (users.status === 401) {
    const finding = found(
      'graphTokenRefused',
      'Microsoft Graph refuses the token (401).',
      `AZURE_CLOUD=<public, gcc, gcch or dod>   must be that of the tenant${config.graph.token === undefined ? '' : '; GRAPH_TOKEN must be the one that GRAPH_URL expects'}`,
    );
    return { findings: [finding], times, held: null };
  }
  const held = rolesIn(token) ?? (await tryOut(graph, users));
  // The app installer uses the same identity, or this is a configuration that can only be tried.
  const botToken = await getBotToken().catch(() => '');
  const others = held.has('apps') && botToken !== token;
  if (botToken !== token) {
    const heldByBot = rolesIn(botToken);
    for (const one of ['apps', 'everyApp'] as const) {
      if (heldByBot?.has(one)) held.add(one);
      else held.delete(one);
    }
  }
  const findings = judge(held, wanted(config), config.cloud);
  if (!held.has('apps')) findings.push(appsNotHeld(config, { others }));
  else if (!held.has('everyApp')) findings.push(...appOfConsole(config));
  return { findings, times, held: held.has('users') || held.has('basic') ? held : null };
}

/** The roles in an Entra token; null if it cannot be parsed. */
function rolesIn(token: string): Set<Held> | null {
  try {
    const roles = z.array(z.string()).optional().parse(decodeJwt(token)['roles']);
    return new Set((roles ?? []).flatMap((role) => heldBy(role)));
  } catch {
    return null;
  }
}

function heldBy(role: string): readonly Held[] {
  const own = Object.entries(permissions).find(([name]) => name === role)?.[1];
  return own ? [own] : (lookUp(contained, role) ?? []);
}

/**
 * Probes permissions by asking for things that do not exist: 403 means a missing permission, anything else a granted
 * one.
 */
async function tryOut(graph: GraphClient, users: Answered): Promise<Set<Held>> {
  const questions: [Held, GraphRequest][] = [
    ['presence', { method: 'POST', path: '/communications/getPresencesByUserId', body: { ids: [NOBODY] } }],
    ['groups', { path: `/groups/${randomUUID()}/members` }],
    ['shifts', { path: `/teams/${randomUUID()}/schedule/shifts` }],
    ['apps', { path: `/users/${users.firstId ?? NOBODY}/teamwork/installedApps` }],
  ];
  const answers = await Promise.all(
    questions.map(async ([held, request]): Promise<Held[]> => {
      const { status: code } = await status(graph, request);
      if (code === null || code === 401 || code === 403) return [];
      // Which apps it may install cannot be tried out.
      return held === 'apps' ? ['apps', 'everyApp'] : [held];
    }),
  );
  const ofUsers: Held[] = users.status === 200 ? (users.showsPlans ? ['users', 'basic'] : ['basic']) : [];
  return new Set([...ofUsers, ...answers.flat()]);
}

interface Answered {
  status: number | null;
  firstId: string | null;
  showsPlans: boolean;
}

const listed = z.object({
  value: z.array(z.looseObject({ id: z.string(), assignedPlans: z.array(z.unknown()).nullish() })),
});

async function status(graph: GraphClient, request: GraphRequest): Promise<Answered> {
  try {
    const answer = await graph.within(8_000, async (deadline) => graph.request(request, deadline));
    const first = listed.safeParse(answer.body).data?.value[0];
    return {
      status: answer.status,
      firstId: first?.id ?? null,
      showsPlans: Array.isArray(first?.assignedPlans),
    };
  } catch (error) {
    if (!(error instanceof GraphFault)) throw error;
    return { status: error.status, firstId: null, showsPlans: false };
  }
}

function wanted({ ringdown }: Config): Wanted {
  const { permissions: rules, policies } = ringdown;
  const targets = Object.values(policies).flatMap(({ steps }) => steps.flatMap((step) => step.targets));
  const all = targets.flatMap((target) =>
    'shifts' in target && target.fallback ? [target, target.fallback] : [target],
  );
  const whos = Object.values(rulesOf(rules)).flat();
  return {
    groups: [...all, ...whos].some((one) => 'group' in one),
    shifts: all.some((target) => 'shifts' in target),
  };
}

function judge(held: ReadonlySet<Held>, want: Wanted, cloud: Cloud): Finding[] {
  const findings: Finding[] = [];
  if (!held.has('users') && !held.has('basic')) {
    findings.push(
      found(
        'usersUnreadable',
        'The token lacks User.Read.All: people cannot be found by name.',
        `${GRANT} User.Read.All`,
      ),
    );
  } else if (held.has('users')) {
    findings.push(passed('directory', 'People can be found by name.'));
  } else {
    findings.push(
      found(
        'usersBasicOnly',
        'The token has only User.ReadBasic.All: a missing licence is noticed only when the call fails, and managerOf finds nobody.',
        `${GRANT} User.Read.All`,
      ),
    );
  }
  if (want.groups && !held.has('groups')) {
    findings.push(
      found(
        'groupsUnreadable',
        'The token lacks GroupMember.Read.All: permissions with a group allow nobody, and steps with a group reach nobody.',
        `${GRANT} GroupMember.Read.All`,
      ),
    );
  }
  if (want.shifts && !cloud.hasShifts) {
    findings.push(
      found(
        'shiftsNotInCloud',
        `Graph has no Shifts in the cloud ${cloud.name}: steps with shifts use their fallback, or reach nobody.`,
        '{rotation: <name>}   in ringdown.yaml instead of {shifts: …}',
      ),
    );
  } else if (want.shifts && !held.has('shifts')) {
    findings.push(
      found(
        'shiftsUnreadable',
        'The token lacks Schedule.Read.All: steps with shifts use their fallback, or reach nobody.',
        `${GRANT} Schedule.Read.All`,
      ),
    );
  }
  if (!held.has('presence')) {
    findings.push(
      found(
        'presenceUnreadable',
        'The token lacks Presence.Read.All: the caller is not warned that the callee is in a meeting.',
        `${GRANT} Presence.Read.All`,
      ),
    );
  }
  return findings;
}

/**
 * Teams allows an application to install the app whose manifest names that application. The manifest names the bot's.
 *
 * @param options.others whether the identity for the rest of Graph has the permission, and is not the bot's
 */
function appsNotHeld({ teamsAppId, bot }: Config, { others }: { others: boolean }): Finding {
  const instead = others
    ? ' The identity of this machine has it, but the manifest of the Teams app does not name that identity.'
    : '';
  return found(
    teamsAppId === undefined ? 'appsUnknown' : 'appsNotInstallable',
    `The bot's own application (MicrosoftAppId ${bot.appId ?? 'is not set'}) lacks TeamsAppInstallation.ReadWriteSelfForUser.All: people without the Teams app get no card to acknowledge on.${instead}`,
    `${GRANT} TeamsAppInstallation.ReadWriteSelfForUser.All   with the principal id "$(az ad sp show --id ${bot.appId ?? '<MicrosoftAppId>'} --query id --output tsv)"`,
  );
}

/** If the console has its own registration, `npm run package` names that one in place of the bot's. */
function appOfConsole({ teamsAppId, bot, consoleClientId }: Config): Finding[] {
  if (teamsAppId === undefined || consoleClientId === undefined || consoleClientId === bot.appId) return [];
  const permission = 'TeamsAppInstallation.ReadWriteForUser.All';
  const finding = found(
    'appOfConsole',
    `The Teams app names the console (CONSOLE_CLIENT_ID) if it was packaged with it. Then the bot needs ${permission} to install it for callees.`,
    `${GRANT} ${permission}   with the principal id of the bot, or a setup policy that installs the app`,
  );
  return [finding];
}
