import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterTest } from '../support/afterTest.ts';
import { entraStandIn } from '../support/database/entraStandIn.ts';
import { serverWithPasswords } from '../support/database/ownServer.ts';
import { itLong } from '../support/long.ts';
import { objectOf, textOf } from './armTemplate.ts';
import { deployPair, ids, pairs } from './templates.ts';

const path = (name: string) =>
  fileURLToPath(new URL(`../../deploymentTemplates/scripts/${name}`, import.meta.url));

/** In the place of the Azure CLI: the state of Azure are files in $WORLD. It keeps what it was asked. */
const az = `#!/usr/bin/env bash
echo "$*" >>"$WORLD/az.log"
case "$*" in
  'deployment group show'*) [[ $* =~ outputs\\.([A-Za-z]+)\\.value ]] && cat "$WORLD/output-\${BASH_REMATCH[1]}" ;;
  'cloud show'*) echo https://graph.microsoft.com/ ;;
  'ad sp show'*'--query id '*) echo graph-principal ;;
  'ad sp show'*) [[ $* =~ value==\\'([A-Za-z.]+)\\' ]] && echo "role-\${BASH_REMATCH[1]}" ;;
  'account get-access-token --resource-type oss-rdbms'*) echo token-of-admin ;;
  'account get-access-token --resource-type ms-graph'*) echo token-for-graph ;;
  'rest --method get'*teamsApps*) cat "$WORLD/catalogue" 2>/dev/null || true ;;
  'rest --method get'*) cat "$WORLD/granted" 2>/dev/null || true ;;
  'rest --method post'*) [[ -e $WORLD/may-not-grant ]] && exit 1; [[ $* =~ role-[A-Za-z.]+ ]] && echo "\${BASH_REMATCH[0]}" >>"$WORLD/granted" ;;
  'resource patch'*Enabled*) touch "$WORLD/database-is-open" ;;
  'resource patch'*Disabled*) rm -f "$WORLD/database-is-open" ;;
  'resource create'*|'resource delete'*|'webapp restart'*) ;;
  'webapp config appsettings set'*) [[ $* =~ TEAMS_APP_ID=([^ ]+) ]] && echo "\${BASH_REMATCH[1]}" >"$WORLD/setting" ;;
  'webapp config appsettings list'*) cat "$WORLD/setting" 2>/dev/null || true ;;
  *) echo "not known: $*" >&2; exit 9 ;;
esac
`;
/** Ringdown is ready once $WORLD/ready is there; an upload is allowed once $WORLD/may-upload is. */
const curl = `#!/usr/bin/env bash
case "$*" in
  */readyz*) [[ -e $WORLD/ready ]] ;;
  *api.ipify.org*) echo 203.0.113.7 ;;
  *appCatalogs*) cat >"$WORLD/uploaded-with"; [[ -e $WORLD/may-upload ]] && echo catalogue-id >"$WORLD/catalogue" ;;
esac
`;
const npm = `#!/usr/bin/env bash
echo "$MicrosoftAppId $PUBLIC_URL" >"$WORLD/packaged"
`;
const pwsh = `#!/usr/bin/env bash
echo "$*" >"$WORLD/pwsh.log"; [[ ! -e $WORLD/no-teams ]]
`;

describe('finish.sh', function () {
  this.timeout(60_000);

  async function setUp() {
    const world = mkdtempSync(join(tmpdir(), 'ringdown-finish-'));
    afterTest(() => rmSync(world, { recursive: true }));
    for (const [name, text] of Object.entries({ az, curl, npm, pwsh })) {
      writeFileSync(join(world, name), text);
      chmodSync(join(world, name), 0o755);
    }
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    const [pair] = pairs;
    assert.ok(pair);
    const { outputs } = deployPair(pair, { databaseAdminName: 'ringdown admin' });
    for (const [name, value] of Object.entries({ ...outputs, databaseHost: '127.0.0.1' })) {
      writeFileSync(join(world, `output-${name}`), `${textOf(value, name)}\n`);
    }
    const note = (name: string): void => writeFileSync(join(world, name), '');
    const kept = (name: string): string => readFileSync(join(world, name), 'utf8');
    const run = async (...words: string[]) =>
      await new Promise<{ status: number; said: string }>((resolve) => {
        execFile(
          'bash',
          [path('finish.sh'), ...words],
          { env: { PATH: `${world}:${env.PATH}`, WORLD: world, PGPORT: new URL(server.url).port } },
          (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), said: stdout + stderr }),
        );
      });
    return { server, note, kept, run };
  }

  it('does everything that it may, and a second run finds nothing to do', async () => {
    const { server, note, kept, run } = await setUp();
    note('may-upload');
    const first = await run('ringdown');
    assert.match(first.said, /Role ringdown-identity: done\nDatabase ringdown: done/);
    assert.match(first.said, /User\.Read\.All: granted\nPresence\.Read\.All: granted/);
    assert.match(first.said, /Ringdown is restarted/);
    assert.match(first.said, /Left to do:\n- write teamsAppId=catalogue-id into the parameter file/);
    assert.equal(first.status, 3);
    const { rows } = await server.query('SELECT oid FROM principals');
    assert.deepEqual(rows, [{ oid: ids.identityPrincipal }]);
    assert.match(kept('az.log'), /resource create .*firewallRules\/finish .*203\.0\.113\.7/);
    assert.throws(() => kept('database-is-open'), 'the database is shut again');
    assert.equal(kept('packaged'), `${ids.identityClient} https://ringdown.azurewebsites.net\n`);
    assert.match(kept('pwsh.log'), new RegExp(`allow-calling\\.ps1 -ResourceId ${ids.immutableResource}`));
    assert.ok(!/token-(of|for)-/.test(first.said + kept('az.log')), 'no token is shown');
    assert.equal(kept('uploaded-with').trim(), 'Authorization: Bearer token-for-graph');

    note('ready');
    const second = await run('ringdown');
    assert.equal(second.status, 0, second.said);
    assert.match(second.said, /Nothing is left/);
    assert.equal(second.said.match(/done before|granted before/g)?.length, 4);
    assert.doesNotMatch(second.said, /restarted/);
  });

  it('lists what others have to do where it may not', async () => {
    const { note, run } = await setUp();
    for (const what of ['may-not-grant', 'no-teams']) note(what);
    const { status, said } = await run('ringdown', '--ip', '198.51.100.4');
    assert.equal(status, 3);
    const [, left = ''] = said.split('Left to do:\n');
    assert.match(left, /Privileged Role Administrator runs: .*grant-graph-permissions\.sh/);
    assert.match(left, /Teams Administrator uploads dist\/ringdown-teams\.zip/);
    assert.match(left, /Teams Administrator runs: pwsh .*allow-calling\.ps1/);
    assert.match(left, /npm run doctor/);
  });

  itLong('shuts the database also when its role cannot be made', async () => {
    const { server, kept, run } = await setUp();
    await server.query(`ALTER ROLE "ringdown admin" PASSWORD 'another'`);
    const { status, said } = await run('ringdown');
    assert.equal(status, 1);
    assert.match(said, /The database said no \(28P01\)/);
    assert.match(kept('az.log').trim().split('\n').at(-1) ?? '', /^resource patch .*Disabled/);
  });

  it('says what is missing when nothing was deployed there, and explains itself', async () => {
    const { status, stderr } = spawnSync('bash', [path('finish.sh')], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /^Does what Azure Resource Manager cannot do[\s\S]*usage: finish\.sh/);
  });

  it('is what finish.ps1 calls, with a parameter for those who are to be called', () => {
    const script = readFileSync(path('finish.ps1'), 'utf8');
    assert.match(script, /& bash \$script \$ResourceGroup @Permission/);
    assert.match(script, /-EnableVoiceFor \$EnableVoiceFor/);
    // No PowerShell here to read it: at least what is opened is closed.
    for (const [open, close] of ['{}', '()', '[]'].map((both) => [...both])) {
      assert.equal(script.split(open ?? '').length, script.split(close ?? '').length);
    }
  });

  it('asks for outputs that template-BotApp has', () => {
    const outputs = objectOf(deployPair(pairs[0] ?? assert.fail()).outputs, 'outputs');
    const asked = [...readFileSync(path('finish.sh'), 'utf8').matchAll(/\$\(output (\w+)\)/g)];
    assert.ok(asked.length > 8);
    for (const [, name = ''] of asked) assert.ok(name in outputs, name);
  });
});
