import { writeFileSync } from 'node:fs';
import { argv, env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * `API_KEY=… [API_URL=…] node scripts/exportOncall.ts <system> <file>`: reads from another system's REST API what
 * `npm run import` wants, all pages of it, and writes it to a file (docs/import.md). It only reads. The file may hold
 * secrets of that system.
 */

interface System {
  /** Where its API is, unless API_URL says so. */
  url: string | null;
  authorization: (key: string) => string;
  lists: readonly List[];
}

interface List {
  name: string;
  path: string;
  /** A refusal is no fault: the key may not be allowed to read it. */
  isOptional?: true;
  /** Whether each entry must be read on its own, because the list leaves out what matters. */
  isEachRead?: true;
}

const systems: ReadonlyMap<string, System> = new Map([
  [
    'grafana-oncall',
    {
      url: null,
      authorization: (key: string) => key,
      lists: [
        { name: 'users', path: '/api/v1/users/' },
        { name: 'schedules', path: '/api/v1/schedules/' },
        { name: 'on_call_shifts', path: '/api/v1/on_call_shifts/' },
        { name: 'escalation_chains', path: '/api/v1/escalation_chains/' },
        { name: 'escalation_policies', path: '/api/v1/escalation_policies/' },
        { name: 'integrations', path: '/api/v1/integrations/', isOptional: true },
        { name: 'routes', path: '/api/v1/routes/', isOptional: true },
      ],
    },
  ],
  [
    'opsgenie',
    {
      url: 'https://api.opsgenie.com',
      authorization: (key: string) => `GenieKey ${key}`,
      lists: [
        { name: 'users', path: '/v2/users?limit=100' },
        { name: 'schedules', path: '/v2/schedules?expand=rotation' },
        { name: 'escalations', path: '/v2/escalations' },
        { name: 'teams', path: '/v2/teams', isOptional: true, isEachRead: true },
        { name: 'integrations', path: '/v2/integrations', isOptional: true },
      ],
    },
  ],
  [
    'pagerduty',
    {
      url: 'https://api.pagerduty.com',
      authorization: (key: string) => `Token token=${key}`,
      lists: [
        { name: 'users', path: '/users?limit=100' },
        { name: 'schedules', path: '/schedules?limit=100&include[]=schedule_layers' },
        { name: 'escalation_policies', path: '/escalation_policies?limit=100' },
        { name: 'services', path: '/services?limit=100', isOptional: true },
      ],
    },
  ],
]);

const USAGE = `API_KEY=… [API_URL=…] node scripts/exportOncall.ts ${[...systems.keys()].join('|')} <file>`;

/** Without `Retry-After`. */
const PAUSE_SECONDS = 10;

class Refused extends Error {}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads one answer. Waits if the system says that there were too many requests. */
async function read(url: URL, headers: Record<string, string>): Promise<Record<string, unknown>> {
  for (;;) {
    const answer = await fetch(url, { headers, redirect: 'error' });
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get('retry-after') ?? PAUSE_SECONDS);
      await sleep((Number.isFinite(seconds) ? seconds : PAUSE_SECONDS) * 1000);
      continue;
    }
    if (!answer.ok) throw new Refused(`${url.pathname} answered ${answer.status}`);
    const body: unknown = await answer.json();
    if (!isGroup(body)) throw new Refused(`${url.pathname} did not answer with a JSON object`);
    return body;
  }
}

/** The address of the next page. The key goes to no other host than the one that was named. */
function nextOf(url: URL, page: Record<string, unknown>): URL | null {
  const { next, paging, more, offset, limit } = page;
  const link = isGroup(paging) ? paging['next'] : next;
  if (typeof link === 'string' && link !== '') {
    const { pathname, search } = new URL(link, url);
    return new URL(`${pathname}${search}`, url);
  }
  if (more !== true) return null;
  const following = new URL(url);
  following.searchParams.set('offset', String(Number(offset) + Number(limit)));
  return following;
}

async function readPages(first: URL, headers: Record<string, string>): Promise<Record<string, unknown>[]> {
  const pages = [];
  for (let url: URL | null = first; url !== null;) {
    const page: Record<string, unknown> = await read(url, headers);
    pages.push(page);
    url = nextOf(url, page);
  }
  return pages;
}

/** `{"data": {…}}` of each entry of the pages. */
async function readEach(
  pages: readonly Record<string, unknown>[],
  list: URL,
  headers: Record<string, string>,
): Promise<unknown[]> {
  const entries = pages.flatMap(({ data }): unknown[] => (Array.isArray(data) ? data : []));
  const found = [];
  for (const entry of entries) {
    const id = isGroup(entry) ? String(entry['id']) : '';
    found.push((await read(new URL(`${list.pathname}/${encodeURIComponent(id)}`, list), headers))['data']);
  }
  return found;
}

async function readAll({ authorization, lists }: System, root: string, key: string) {
  const headers = {
    authorization: authorization(key),
    accept: 'application/json',
    // Grafana wants it beside the token of a service account.
    ...(env['GRAFANA_URL'] ? { 'x-grafana-url': env['GRAFANA_URL'] } : {}),
  };
  const found: Record<string, unknown> = {};
  for (const { name, path, isOptional, isEachRead } of lists) {
    const url = new URL(`${root}${path}`);
    try {
      const pages = await readPages(url, headers);
      found[name] = isEachRead ? await readEach(pages, url, headers) : pages;
      console.log(`${name}: read`);
    } catch (error) {
      if (!isOptional || !(error instanceof Refused)) throw error;
      console.log(`${name}: left out, because ${error.message}`);
    }
  }
  return found;
}

const [name = '', file, ...more] = argv.slice(2);
const system = systems.get(name);
const root = (env['API_URL'] || system?.url)?.replace(/\/+$/, '');
const key = env['API_KEY'];
if (system === undefined || file === undefined || more.length > 0 || !key || !root) {
  console.error(USAGE);
  process.exit(1);
}
try {
  const found = await readAll(system, root, key);
  writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
  console.log(`Written: ${file}. It may hold secrets: delete it when you have imported it.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : 'a fault');
  process.exitCode = 1;
}
