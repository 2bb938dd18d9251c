import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterTest } from '../support/afterTest.ts';
import { imported } from '../support/import/imported.ts';

const script = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-import-'));
  afterTest(() => rmSync(folder, { recursive: true }));
  return folder;
}

const users = [
  { id: 'P1', name: 'Adele', email: 'adele@contoso.example' },
  { id: 'P2', name: 'Alex', email: 'alex@contoso.example' },
];
const layer = {
  start: '2026-01-01T00:00:00Z',
  end: null,
  rotation_virtual_start: '2026-01-05T09:00:00Z',
  rotation_turn_length_seconds: 604_800,
  users: users.map(({ id }) => ({ user: { id } })),
  restrictions: [],
};
const schedules = [{ id: 'S1', name: 'web', time_zone: 'UTC', schedule_layers: [layer] }];

describe('npm run import', function () {
  this.timeout(30_000);

  it('writes a file once, says what is missing, and replaces it only by --force', () => {
    const folder = ownFolder();
    const run = (...words: string[]) => {
      const { status, stdout, stderr } = spawnSync(execPath, [script('src/import.ts'), ...words], {
        cwd: folder,
        encoding: 'utf8',
      });
      return { status, said: stdout + stderr };
    };
    const services = [{ id: 'V', name: 'Checkout', escalation_policy: null, integration_key: 's3cr3t' }];
    const whole = { users, schedules, escalation_policies: [] };
    // As PowerShell writes it.
    writeFileSync(join(folder, 'with.json'), `\uFEFF${JSON.stringify({ ...whole, services })}`, 'utf16le');
    writeFileSync(join(folder, 'whole.json'), JSON.stringify(whole));

    const first = run('pagerduty', 'with.json');
    assert.equal(first.status, 2, first.said);
    assert.match(first.said, /^Written: ringdown\.yaml \(rotations: 1, policies: 0\)$/m);
    assert.match(first.said, /^- service "Checkout": its integration keys are not carried over/m);
    const written = readFileSync(join(folder, 'ringdown.yaml'), 'utf8');
    assert.match(written, /# - service "Checkout"/);
    assert.ok(!`${written}${first.said}`.includes('s3cr3t'));

    const again = run('pagerduty', 'whole.json');
    assert.deepEqual(again, {
      status: 1,
      said: 'ringdown.yaml exists. Use --force to replace it, or --out for another name\n',
    });
    assert.equal(readFileSync(join(folder, 'ringdown.yaml'), 'utf8'), written);

    const forced = run('pagerduty', 'whole.json', '--force');
    assert.equal(forced.status, 0, forced.said);
    assert.match(forced.said, /Everything was carried over/);
    assert.notEqual(readFileSync(join(folder, 'ringdown.yaml'), 'utf8'), written);

    assert.deepEqual(readdirSync(folder).toSorted(), ['ringdown.yaml', 'whole.json', 'with.json']);
  });
});

describe('scripts/exportOncall.ts', function () {
  this.timeout(30_000);

  /** Answers of a system by path, with a page for each entry as the system pages. */
  async function serving(answers: (request: IncomingMessage, url: URL) => unknown): Promise<string> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://127.0.0.1');
      const answer = answers(request, url);
      response.writeHead(answer === undefined ? 403 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    afterTest(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    });
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  async function exported(system: string, url: string): Promise<string> {
    const file = join(ownFolder(), 'export.json');
    await promisify(execFile)(execPath, [script('scripts/exportOncall.ts'), system, file], {
      env: { ...env, API_URL: url, API_KEY: 'key' },
    });
    return readFileSync(file, 'utf8');
  }

  it('PagerDuty: all pages; the layers of schedules', async () => {
    const url = await serving(({ headers }, { pathname, searchParams }) => {
      if (headers.authorization !== 'Token token=key') return undefined;
      const offset = Number(searchParams.get('offset') ?? 0);
      if (pathname === '/users') {
        return { users: users.slice(offset, offset + 1), offset, limit: 1, more: offset === 0 };
      }
      if (pathname === '/schedules' && searchParams.get('include[]') === 'schedule_layers') {
        return { schedules, more: false };
      }
      return pathname === '/escalation_policies' ? { escalation_policies: [], more: false } : undefined;
    });
    const { rotations, losses } = imported('pagerduty', await exported('pagerduty', url));
    assert.deepEqual(losses, []);
    assert.equal(rotations['web']?.members.length, 2);
  });

  it('Grafana OnCall: all pages, by links of whatever host; no key goes there', async () => {
    const shift = {
      id: 'O1',
      type: 'rolling_users',
      start: '2026-01-05T09:00:00',
      duration: 604_800,
      frequency: 'weekly',
      rolling_users: [['P1'], ['P2']],
    };
    const lists: Record<string, unknown[]> = {
      users,
      schedules: [{ id: 'S1', name: 'web', type: 'web', shifts: ['O1'] }],
      on_call_shifts: [shift],
      escalation_chains: [],
      escalation_policies: [],
    };
    const url = await serving(({ headers }, { pathname, searchParams }) => {
      const list = lists[pathname.split('/')[3] ?? ''];
      if (headers.authorization !== 'key' || list === undefined) return undefined;
      const page = Number(searchParams.get('page') ?? 1);
      const next = page < list.length ? `https://elsewhere.invalid${pathname}?page=${page + 1}` : null;
      return { results: list.slice(page - 1, page), next };
    });
    const { rotations, losses } = imported('grafana-oncall', await exported('grafana-oncall', url));
    assert.deepEqual(losses, []);
    assert.equal(rotations['web']?.members.length, 2);
  });

  it('Opsgenie: all pages, and each team with its members', async () => {
    const rule = { condition: 'if-not-acked', notifyType: 'all', recipient: { type: 'team', id: 't1' } };
    const url = await serving(({ headers }, { pathname, searchParams }) => {
      if (headers.authorization !== 'GenieKey key') return undefined;
      const offset = Number(searchParams.get('offset') ?? 0);
      const next = `https://elsewhere.invalid/v2/users?limit=1&offset=${offset + 1}`;
      const answers: Record<string, unknown> = {
        '/v2/users': {
          data: users.slice(offset, offset + 1).map(({ id, email }) => ({ id, username: email })),
          paging: offset === 0 ? { next } : {},
        },
        '/v2/schedules': { data: [] },
        '/v2/escalations': { data: [{ id: 'e1', name: 'ops', rules: [rule] }] },
        '/v2/teams': { data: [{ id: 't1', name: 'ops' }] },
        '/v2/teams/t1': {
          data: { id: 't1', name: 'ops', members: users.map(({ id }) => ({ user: { id } })) },
        },
      };
      return answers[pathname];
    });
    const { file } = imported('opsgenie', await exported('opsgenie', url));
    assert.deepEqual(file.policies['ops']?.steps[0]?.targets, [
      { user: 'adele@contoso.example' },
      { user: 'alex@contoso.example' },
    ]);
  });
});
