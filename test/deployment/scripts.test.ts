import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';

const path = (name: string) =>
  fileURLToPath(new URL(`../../deploymentTemplates/scripts/${name}`, import.meta.url));
const principal = '50000000-0000-4000-8000-000000000005';

/** Answers as the Azure CLI would. The role id of a permission is derived from its name. */
const fakeAz = `#!/usr/bin/env bash
echo "$*" >>"$AZ_LOG"
case "$*" in
  'cloud show'*) echo https://graph.microsoft.com/ ;;
  *'--query id '*) echo graph-principal ;;
  *appRoles*) [[ $* =~ value==\\'([A-Za-z.]+)\\' ]] && [[ \${BASH_REMATCH[1]} != "$AZ_UNKNOWN" ]] && echo "role-\${BASH_REMATCH[1]}" || true ;;
  'rest --method get'*) echo "$AZ_GRANTED" ;;
  'rest --method post'*) exit "\${AZ_FAILS:-0}" ;;
  *) echo "not known: $*" >&2; exit 9 ;;
esac
`;

describe('deploymentTemplates/scripts', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringdown-scripts-'));
    writeFileSync(join(folder, 'az'), fakeAz);
    chmodSync(join(folder, 'az'), 0o755);
    writeFileSync(join(folder, 'log'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const grant = (parameters: string[], variables: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      [path('grant-graph-permissions.sh'), ...parameters],
      {
        encoding: 'utf8',
        env: {
          PATH: `${folder}:${env.PATH}`,
          AZ_LOG: join(folder, 'log'),
          AZ_GRANTED: '',
          AZ_UNKNOWN: '',
          ...variables,
        },
      },
    );
    const posted = readFileSync(join(folder, 'log'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('rest --method post'));
    return { status, stdout, stderr, posted };
  };

  describe('grant-graph-permissions.sh', () => {
    it('grants by default what calls need', () => {
      const { status, stdout, posted } = grant([principal]);
      assert.equal(status, 0);
      assert.match(stdout, /User\.Read\.All: granted\nPresence\.Read\.All: granted\n/);
      assert.equal(posted.length, 2);
      assert.match(
        posted[0] ?? '',
        new RegExp(`https://graph.microsoft.com/v1.0/servicePrincipals/${principal}/`),
      );
      const body = /--body (\{.*\})/.exec(posted[0] ?? '')?.[1] ?? '';
      assert.deepEqual(JSON.parse(body), {
        principalId: principal,
        resourceId: 'graph-principal',
        appRoleId: 'role-User.Read.All',
      });
    });

    it('grants nothing twice', () => {
      const { status, stdout, posted } = grant([principal], { AZ_GRANTED: 'role-User.Read.All' });
      assert.equal(status, 0);
      assert.match(stdout, /User\.Read\.All: already granted/);
      assert.equal(posted.length, 1);
    });

    it('grants the given permissions, and refuses those that Ringdown does not use', () => {
      assert.equal(grant([principal, 'Schedule.Read.All']).posted.length, 1);
      const { status, stderr, posted } = grant([principal, 'Directory.ReadWrite.All']);
      assert.equal(status, 2);
      assert.match(stderr, /does not use Directory\.ReadWrite\.All/);
      assert.equal(posted.length, 1, 'only that of the first run');
    });

    for (const parameters of [[], ['ringdown'], ['--help']]) {
      it(`prints its usage for ${JSON.stringify(parameters)}`, () => {
        const { status, stderr, posted } = grant(parameters);
        assert.equal(status, 2);
        assert.match(stderr, /^Grants Ringdown's identity[\s\S]*usage: /);
        assert.deepEqual(posted, []);
      });
    }

    it('lists those that it may not grant', () => {
      const { status, stdout, posted } = grant([principal], { AZ_FAILS: '1' });
      assert.equal(status, 3);
      assert.match(stdout, /^User\.Read\.All: refused\nPresence\.Read\.All: refused\n$/);
      assert.equal(posted.length, 2);
    });

    it('stops if something fails', () => {
      const { status, stderr } = grant([principal, 'Schedule.Read.All'], { AZ_UNKNOWN: 'Schedule.Read.All' });
      assert.equal(status, 1);
      assert.match(stderr, /has no application permission/);
    });
  });

  it('allow-calling.ps1 keeps the resources that are already allowed', () => {
    const script = readFileSync(path('allow-calling.ps1'), 'utf8');
    assert.match(script, /SupportsShouldProcess/);
    assert.match(script, /\$all = @\(\$allowed \+ \$ResourceId/);
    assert.match(script, /-AllowedAcsResources \$all\b/);
    // There is no PowerShell here to parse it. At least check that brackets match.
    for (const [open, close] of ['{}', '()', '[]'].map((pair) => [...pair])) {
      assert.equal(script.split(open ?? '').length, script.split(close ?? '').length);
    }
  });
});
