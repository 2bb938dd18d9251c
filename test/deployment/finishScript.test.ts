import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

/**
 * Stands in for the Azure CLI: files in $WORLD are Azure's state. It records its calls. $WORLD/fails contains an exit
 * code, and the command that fails with it.
 */
const az = `#!/usr/bin/env bash
echo "$*" >>"$WORLD/az.log"
if read -r code command <"$WORLD/fails" && [[ $* == $command ]]; then echo 'ERROR: made up' >&2; exit $code; fi
case "$*" in
  'deployment group show'*ringdown-AzureBot*) cat "$WORLD/web-chat-wanted" 2>/dev/null ;;
  'deployment group show'*) [[ $* =~ outputs\\.([A-Za-z]+)\\.value ]] && cat "$WORLD/output-\${BASH_REMATCH[1]}" ;;
  'cloud show'*) echo https://graph.microsoft.com/ ;;
  'ad sp show'*'--query id '*) echo graph-principal ;;
  'ad sp show'*) [[ $* =~ value==\\'([A-Za-z.]+)\\' ]] && echo "role-\${BASH_REMATCH[1]}" ;;
  'account get-access-token --resource-type oss-rdbms'*) echo token-of-admin ;;
  'account get-access-token --resource-type ms-graph'*) echo token-for-graph ;;
  'rest --method get'*teamsApps*) [[ -e $WORLD/may-not-read-catalogue ]] && exit 1; cat "$WORLD/catalogue" 2>/dev/null || true ;;
  'rest --method get'*) [[ -e $WORLD/may-not-read-grants ]] && exit 1; cat "$WORLD/granted" 2>/dev/null || true ;;
  'rest --method post'*) [[ -e $WORLD/may-not-grant ]] && exit 1; [[ $* =~ role-[A-Za-z.]+ ]] && echo "\${BASH_REMATCH[0]}" >>"$WORLD/granted" ;;
  'resource patch'*Enabled*) touch "$WORLD/database-is-open" ;;
  'resource patch'*Disabled*) [[ -e $WORLD/may-not-close ]] && exit 1; rm -f "$WORLD/database-is-open" ;;
  'resource create'*) [[ -e $WORLD/ctrl-c ]] && kill -INT 0; touch "$WORLD/rule" ;;
  'resource show'*publicNetworkAccess*) [[ -e $WORLD/database-is-open ]] && echo Enabled || echo Disabled ;;
  'resource delete'*firewallRules/finish*) rm -f "$WORLD/rule" ;;
  'resource show'*WebChatChannel*) [[ -e $WORLD/web-chat ]] || exit 3 ;;
  'resource delete'*WebChatChannel*) rm "$WORLD/web-chat" ;;
  'webapp restart'*) ;;
  'webapp config appsettings set'*) [[ $* =~ TEAMS_APP_ID=([^ ]+) ]] && echo "\${BASH_REMATCH[1]}" >"$WORLD/setting" ;;
  'webapp config appsettings list'*CONSOLE_CLIENT_ID*) echo console-id ;;
  'webapp config appsettings list'*) cat "$WORLD/setting" 2>/dev/null || true ;;
  *) echo "not known: $*" >&2; exit 9 ;;
esac
`;
/** Ringdown is ready if $WORLD/ready exists; an upload is allowed if $WORLD/may-upload exists. */
const curl = `#!/usr/bin/env bash
case "$*" in
  */readyz*) [[ -e $WORLD/ready ]] ;;
  *api.ipify.org*) echo 203.0.113.7 ;;
  *appCatalogs*) cat >"$WORLD/uploaded-with"; [[ -e $WORLD/may-upload ]] || exit 22
    [[ -e $WORLD/slow-catalogue ]] || echo catalogue-id >"$WORLD/catalogue"
    echo '{"id":"catalogue-id","displayName":"Ringdown"}' ;;
esac
`;
const npm = `#!/usr/bin/env bash
echo "$MicrosoftAppId $PUBLIC_URL $CONSOLE_CLIENT_ID" >"$WORLD/packaged"
`;
const pwsh = `#!/usr/bin/env bash
echo "$*" >"$WORLD/pwsh.log"; [[ ! -e $WORLD/no-teams ]]
`;

describe('finish.sh', function () {
  this.timeout(60_000);

  async function databaseServer() {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    return server;
  }

  /** @param server Azure's, for tests that need one */
  function setUp(server?: Awaited<ReturnType<typeof databaseServer>>) {
    const world = mkdtempSync(join(tmpdir(), 'ringdown-finish-'));
    afterTest(() => rmSync(world, { recursive: true }));
    for (const [name, text] of Object.entries({ az, curl, npm, pwsh })) {
      writeFileSync(join(world, name), text);
      chmodSync(join(world, name), 0o755);
    }
    const [pair] = pairs;
    assert.ok(pair);
    const { outputs } = deployPair(pair, { databaseAdminName: 'ringdown admin' });
    for (const [name, value] of Object.entries({ ...outputs, databaseHost: '127.0.0.1' })) {
      writeFileSync(join(world, `output-${name}`), `${textOf(value, name)}\n`);
    }
    const note = (name: string, text = ''): void => writeFileSync(join(world, name), text);
    const fails = (code: number, command: string): void => note('fails', `${code} ${command}\n`);
    fails(0, '');
    const kept = (name: string): string => readFileSync(join(world, name), 'utf8');
    const run = async (...words: string[]) => {
      // In its own process group, because Ctrl-C goes to the whole group.
      const script = spawn('bash', [path('finish.sh'), ...words], {
        detached: true,
        env: {
          PATH: `${world}:${env.PATH}`,
          WORLD: world,
          ...(server && { PGPORT: new URL(server.url).port }),
        },
      });
      const said: string[] = [];
      for (const stream of [script.stdout, script.stderr])
        stream.on('data', (text) => said.push(String(text)));
      await once(script, 'close');
      return { status: script.exitCode, said: said.join('') };
    };
    return { note, fails, kept, run };
  }

  it('does everything, and a second run finds nothing to do', async () => {
    const server = await databaseServer();
    const { note, kept, run } = setUp(server);
    note('may-upload');
    const first = await run('ringdown');
    assert.match(first.said, /Role ringdown-identity: done\nDatabase ringdown: done/);
    assert.match(first.said, /User\.Read\.All: granted\nPresence\.Read\.All: granted/);
    assert.match(first.said, /Restarted Ringdown/);
    assert.match(first.said, /Left to do:\n- write teamsAppId=catalogue-id into the parameter file/);
    assert.equal(first.status, 3);
    const { rows } = await server.query('SELECT oid FROM principals');
    assert.deepEqual(rows, [{ oid: ids.identityPrincipal }]);
    assert.match(kept('az.log'), /resource create .*firewallRules\/finish .*203\.0\.113\.7/);
    assert.throws(() => kept('database-is-open'), 'the database is closed again');
    assert.equal(kept('packaged'), `${ids.identityClient} https://ringdown.azurewebsites.net console-id\n`);
    assert.match(kept('pwsh.log'), new RegExp(`allow-calling\\.ps1 -ResourceId ${ids.immutableResource}`));
    assert.ok(!/token-(of|for)-/.test(first.said + kept('az.log')), 'no token is shown');
    assert.equal(kept('uploaded-with').trim(), 'Authorization: Bearer token-for-graph');

    note('ready');
    const second = await run('ringdown');
    assert.equal(second.status, 0, second.said);
    assert.match(second.said, /Nothing is left/);
    assert.equal(second.said.match(/already done|already granted/g)?.length, 4);
    assert.doesNotMatch(second.said, /[Rr]estarted/);
  });

  it('lists what others have to do if it lacks permission', async () => {
    const { note, run } = setUp();
    for (const what of ['ready', 'may-not-grant']) note(what);
    const { status, said } = await run('ringdown');
    assert.equal(status, 3);
    assert.match(said, /User\.Read\.All: refused\nPresence\.Read\.All: refused/);
    const [, left = ''] = said.split('Left to do:\n');
    assert.match(
      left,
      /^- a Privileged Role Administrator runs: deploymentTemplates\/scripts\/grant-graph-permissions\.sh/,
    );
    assert.match(left, /Teams Administrator uploads dist\/ringdown-teams\.zip .* then run this again/);
    assert.match(left, /npm run doctor/);
    assert.doesNotMatch(left, /Cannot be checked/);
  });

  it('lists separately what it cannot check and what is left to do', async () => {
    const { note, kept, run } = setUp();
    for (const what of ['ready', 'setting', 'no-teams', 'may-not-read-grants', 'may-not-read-catalogue'])
      note(what);
    const blind = await run(
      'ringdown',
      '--voice',
      "o'brien@contoso.example",
      '--voice',
      'alex@contoso.example',
    );
    const [left = '', unseen = ''] = blind.said.split('Cannot be checked from here:\n');
    assert.equal(blind.status, 3, 'the app’s id is not set');
    assert.match(left, /Left to do:\n- a Teams Administrator uploads .* sets TEAMS_APP_ID/);
    assert.match(unseen, /^- permissions of Graph, because of the fault above/);
    assert.match(
      unseen,
      /the PowerShell script failed\. A Teams Administrator runs: pwsh .*allow-calling\.ps1 .*-EnableVoiceFor "o'brien@contoso\.example,alex@contoso\.example"/,
    );
    assert.match(kept('pwsh.log'), /-EnableVoiceFor o'brien@contoso\.example,alex@contoso\.example/);

    note('setting', 'catalogue-id\n');
    const { status, said } = await run('ringdown');
    assert.equal(status, 4, said);
    assert.doesNotMatch(said, /Left to do|Nothing is left/);
    assert.match(said, /Ringdown has an id for it, catalogue-id: already done/);
  });

  it('says that it opens the database if it cannot reach Ringdown, and changes nothing there', async () => {
    const { note, kept, run } = setUp(await databaseServer());
    note('may-upload');
    await run('ringdown');
    const { status, said } = await run('ringdown', '--ip', '198.51.100.4');
    assert.equal(status, 0, said);
    assert.match(said, /cannot reach it\. .*\nOpening the database for 198\.51\.100\.4 until this is done/);
    assert.match(
      said,
      /Role ringdown-identity: already done\nDatabase ringdown: already done\n.*\nThe database is closed again/,
    );
    assert.doesNotMatch(said, /[Rr]estarted/);
    assert.throws(() => kept('database-is-open'));
  });

  it('closes the database after Ctrl-C', async () => {
    const { note, kept, run } = setUp();
    note('ctrl-c');
    const { status, said } = await run('ringdown');
    assert.equal(status, 130, said);
    assert.match(said, /The database is closed again/);
    assert.throws(() => kept('database-is-open'));
  });

  it('closes what a killed run left open', async () => {
    const { note, kept, run } = setUp();
    // Killed before it allowed an address, or afterwards.
    for (const opened of [['database-is-open'], ['rule', 'database-is-open']]) {
      for (const what of ['ready', ...opened]) note(what);
      const { said } = await run('ringdown');
      assert.match(
        said,
        /an earlier run was killed before it could turn it off\.\nThe database is closed again/,
      );
      for (const what of ['rule', 'database-is-open']) assert.throws(() => kept(what));
    }
  });

  it('says that the database may still be open if it could not close it', async () => {
    const { note, run } = setUp();
    for (const what of ['ready', 'database-is-open', 'may-not-close']) note(what);
    const { status, said } = await run('ringdown');
    assert.equal(status, 3);
    assert.match(said, /Left to do:\n- close the public access of the database in the portal/);
  });

  it('removes the Web Chat channel that Azure creates with each bot, unless it is wanted', async () => {
    const { note, kept, run } = setUp();
    for (const what of ['ready', 'web-chat']) note(what);
    const unknown = await run('ringdown');
    assert.match(
      unknown.said,
      /- whether Web Chat is wanted, .* To remove it: az resource delete --ids \S+WebChatChannel/,
    );
    note('web-chat-wanted', 'true\n');
    assert.match((await run('ringdown')).said, /5\. Web Chat\nIt is wanted/);
    kept('web-chat');
    note('web-chat-wanted', 'false\n');
    assert.match((await run('ringdown')).said, /5\. Web Chat\nThe channel is removed/);
    assert.match((await run('ringdown')).said, /5\. Web Chat\nThe channel does not exist/);
  });

  itLong('closes the database even if the role cannot be created', async () => {
    const server = await databaseServer();
    const { kept, run } = setUp(server);
    await server.query(`ALTER ROLE "ringdown admin" PASSWORD 'another'`);
    const { status, said } = await run('ringdown');
    assert.equal(status, 1);
    assert.match(said, /Database error \(28P01\)/);
    assert.match(kept('az.log').trim().split('\n').at(-1) ?? '', /^resource patch .*Disabled/);
  });

  it('reads the app’s id from the answer to the upload, because the catalogue may list it later', async () => {
    const { note, kept, run } = setUp();
    for (const what of ['ready', 'may-upload', 'slow-catalogue']) note(what);
    const { said } = await run('ringdown');
    assert.match(said, /Uploaded\.\nIn the catalogue\. Ringdown now knows its id/);
    assert.equal(kept('setting'), 'catalogue-id\n');
  });

  it('restarts Ringdown before it continues, because a second run would find nothing new', async () => {
    const { note, fails, kept, run } = setUp();
    note('ready');
    fails(1, 'rest --method get*teamsApps*');
    note('setting', 'catalogue-id\n');
    await run('ringdown');
    const asked = kept('az.log');
    assert.ok(asked.indexOf('webapp restart') < asked.indexOf('teamsApps'));
    assert.ok(asked.indexOf('webapp restart') > asked.lastIndexOf('rest --method post'));
  });

  it('gets the token before it opens the database', async () => {
    const { fails, kept, run } = setUp();
    fails(1, 'account get-access-token*oss-rdbms*');
    const { status, said } = await run('ringdown');
    assert.equal(status, 1);
    assert.doesNotMatch(said, /The database is opened|databaseRole/);
    assert.doesNotMatch(kept('az.log'), /resource patch/);
  });

  it('lists what it could not check, and claims nothing about it', async () => {
    const { note, fails, run } = setUp();
    note('ready');
    fails(1, 'resource show *');
    const { said } = await run('ringdown');
    const [, unseen = ''] = said.split('Cannot be checked from here:\n');
    assert.match(unseen, /^- whether an earlier run left the database open/);
    assert.match(unseen, /^- whether there is a Web Chat channel/m);
    assert.doesNotMatch(said, /The channel does not exist/);
  });

  itLong('ends cleanly whichever Azure CLI command fails', async function () {
    this.timeout(300_000);
    const server = await databaseServer();
    const world = () => {
      const made = setUp(server);
      for (const what of ['may-upload', 'web-chat']) made.note(what);
      made.note('web-chat-wanted', 'false\n');
      return made;
    };
    const whole = world();
    await whole.run('ringdown (test)');
    const commands = new Set(whole.kept('az.log').trim().split('\n'));
    assert.ok(commands.size > 20);
    for (const command of commands) {
      // The CLI's exit codes: an error, wrong usage, a resource that does not exist.
      for (const code of [1, 3]) {
        const { fails, kept, run } = world();
        fails(code, command.replaceAll(/[[\\*?]/g, '\\$&'));
        const { status, said } = await run('ringdown (test)');
        const ended = `${code} of ${command}: ${status}\n${said}`;
        assert.ok([0, 1, 3, 4].includes(status ?? -1), ended);
        assert.equal(status === 1, said.includes('Stopped because of the error above'), ended);
        if (status === 3) assert.match(said, /Left to do:/, ended);
        if (status === 4) assert.match(said, /Cannot be checked from here:/, ended);
        assert.ok(!/token-(of|for)-/.test(said), ended);
        if (!said.includes('may still be open')) assert.throws(() => kept('database-is-open'), ended);
      }
    }
  });

  it('names a missing tool', () => {
    const empty = mkdtempSync(join(tmpdir(), 'ringdown-finish-'));
    afterTest(() => rmSync(empty, { recursive: true }));
    symlinkSync('/usr/bin/dirname', join(empty, 'dirname'));
    const { status, stderr } = spawnSync('/bin/bash', [path('finish.sh'), 'ringdown'], {
      encoding: 'utf8',
      env: { PATH: empty },
    });
    assert.deepEqual({ status, stderr }, { status: 1, stderr: 'az is not installed.\n' });
  });

  it('says what is missing if nothing was deployed, and prints its usage', async () => {
    const { fails, run } = setUp();
    fails(3, 'deployment group show *');
    const nothing = await run('ringdown');
    assert.equal(nothing.status, 1);
    assert.match(nothing.said, /has no deployment ringdown-BotApp|ERROR: made up/);
    assert.equal(nothing.said.match(/made up/g)?.length, 1);
    const { status, stderr } = spawnSync('bash', [path('finish.sh')], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /^Does what Azure Resource Manager cannot do[\s\S]*usage: finish\.sh/);
  });

  it('is all that finish.ps1 runs, with all its parameters', () => {
    const [finish, wrapper] = ['finish.sh', 'finish.ps1'].map((name) => readFileSync(path(name), 'utf8'));
    assert.ok(finish !== undefined && wrapper !== undefined);
    const code = wrapper.slice(wrapper.indexOf('#>'));
    // finish.sh does every step, because finish.ps1 has no list of its own.
    assert.deepEqual(code.match(/^.*(?:& |\b(?:az|curl|pwsh|npm) ).*$/gm), [
      '& bash $script $ResourceGroup @options @Permission',
    ]);
    assert.match(code, /@Permission\nexit \$LASTEXITCODE\n$/, 'and its exit code');
    const options = [...finish.matchAll(/^ {4}(--\w+)\)/gm)].map(([, option = '']) => option);
    assert.deepEqual(
      options,
      [...code.matchAll(/\$options \+= '(--\w+)'/g)].map(([, option]) => option),
    );
    const parameters = [...code.matchAll(/^ {2}\[[\w[\]]+\] \$(\w+)/gm)].map(([, name = '']) => name);
    assert.deepEqual(parameters, ['ResourceGroup', 'Ip', 'EnableVoiceFor', 'Permission']);
    for (const name of parameters) assert.match(wrapper, new RegExp(`^\\.PARAMETER ${name}$`, 'm'));
    // There is no PowerShell here to parse it. At least check that brackets match.
    for (const [open, close] of ['{}', '()', '[]'].map((both) => [...both])) {
      assert.equal(wrapper.split(open ?? '').length, wrapper.split(close ?? '').length);
    }
  });

  it('uses outputs that template-BotApp has', () => {
    const outputs = objectOf(deployPair(pairs[0] ?? assert.fail()).outputs, 'outputs');
    const asked = [...readFileSync(path('finish.sh'), 'utf8').matchAll(/\$\(output (\w+)\)/g)];
    assert.ok(asked.length > 8);
    for (const [, name = ''] of asked) assert.ok(name in outputs, name);
  });
});
