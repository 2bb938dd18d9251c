import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TokenCredential } from '@azure/core-auth';
import { createEmulator } from '../../../emulator/emulator.ts';
import { settingsFor } from '../../../emulator/settings.ts';
import type { Script } from '../../../emulator/people/script.ts';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../src/clock.ts';
import { readConfig, secretValues, type Config } from '../../../src/config/config.ts';
import { examine } from '../../../src/operations/doctor/doctor.ts';
import { placeTestCall } from '../../../src/operations/doctor/testCall.ts';
import { exitCode } from '../../../src/operations/record/document.ts';
import { Pseudonyms } from '../../../src/operations/record/pseudonyms.ts';
import { record, type Written } from '../../../src/operations/record/record.ts';
import type { Answer, StepTools } from '../../../src/operations/record/run.ts';
import { steps, type Step } from '../../../src/operations/record/steps.ts';
import { afterTest } from '../../support/afterTest.ts';
import { ownEnv } from '../../support/botProcess.ts';
import { onPostgres } from '../../support/databases.ts';
import { itLong } from '../../support/long.ts';
import { startWorld, type World } from '../../support/world.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const adele = 'adele@contoso.example';
const nobody: TokenCredential = {
  getToken: async () => {
    throw new Error('there is no identity here');
  },
};

/** What the person with the phone does when told. */
const does: Readonly<Record<string, Script>> = {
  desktop: { answers: { afterMs: 20 } },
  mobile: { answers: { afterMs: 20 } },
  declined: { declines: { afterMs: 20 } },
  unanswered: { noAnswer: true },
  signedOut: { unreachable: true },
};

describe('npm run record', function () {
  this.timeout(90_000);

  onPostgres((open, freshUrl) => {
    let world: World;
    let config: Config;

    beforeEach(async () => {
      const databaseUrl = await freshUrl();
      const env = {
        CALLER_DISPLAY_NAME: 'Contoso Alarm Desk',
        EVENT_GRID_SECRET: 'the-secret-of-event-grid',
        RING_TIMEOUT_SECONDS: '5',
      };
      const emulator = { timings: { perCharacterMs: 2 } };
      world = await startWorld({ database: await open(databaseUrl), clock: 'real', env, emulator });
      const { addresses } = world.emulator;
      for (const permission of ['User.Read.All', 'Presence.Read.All'] as const) {
        world.emulator.graph.permissions.add(permission);
      }
      config = readConfig(
        {
          ...env,
          PUBLIC_URL: world.url,
          HOST: '127.0.0.1',
          MicrosoftAppId: '22222222-aaaa-4bbb-8ccc-000000000002',
          MicrosoftAppPassword: 'the-secret-of-the-bot',
          ...settingsFor(addresses),
          DATABASE_URL: databaseUrl,
        },
        () => 'operators: [Megan Bowen]',
      );
    });

    /** Runs against the emulator. The person follows each step, and gives the expected answers. */
    async function run(
      changes: Partial<StepTools> = {},
      chosen: readonly Step[] = steps,
      person = adele,
    ): Promise<Written & { printed: string[] }> {
      const printed: string[] = [];
      const print = (line: string): void => void printed.push(line);
      const written = await record(
        { config, version: '0.1.0', node: '24.0.0', environment: {}, person, chosen },
        {
          clock: systemClock,
          examine: async () =>
            await examine(config, {
              clock: systemClock,
              azure: nobody,
              botIdentity: nobody,
              loginUrl: world.emulator.addresses.entraUrl,
              botOpenIdUrl: world.emulator.addresses.botFrameworkOpenIdUrl,
            }),
          call: async () => await placeTestCall(person, { ...world.app, print }),
          prepare: async ({ id }) => {
            const script = does[id];
            if (script) world.emulator.people.script('Adele Vance', script);
            return true;
          },
          ask: async ({ confirms }): Promise<Answer> => confirms,
          print,
          ...changes,
        },
      );
      return { ...written, printed };
    }

    const verdicts = ({ steps: taken }: Written): Record<string, string> =>
      Object.fromEntries(taken.map(({ id, verdict }) => [id, verdict]));

    it('runs every step, and confirms true claims', async () => {
      const written = await run();
      assert.deepEqual(
        written.steps.filter(({ verdict }) => verdict !== 'confirmed'),
        [],
      );
      assert.equal(exitCode(written.steps), 0);
      const desktop = written.steps.find(({ id }) => id === 'desktop');
      assert.equal(desktop?.call?.disposition, 'answered');
      assert.ok(desktop.call.timeline.some(({ event }) => event === 'messageSpoken'));
      assert.match(written.markdown, /^# Record of \d{4}-\d\d-\d\d\n/);
      assert.match(written.markdown, /Against the emulator: this says nothing about Azure/);
      for (const { id } of steps) assert.ok(written.markdown.includes(`| \`${id}\` | confirmed |`), id);
      const document = JSON.parse(written.json) as { surroundings: unknown; steps: { id: string }[] };
      assert.deepEqual(
        document.steps.map(({ id }) => id),
        steps.map(({ id }) => id),
      );
    });

    it('contains no secrets, names or ids', async () => {
      const { emulator } = world;
      emulator.graph.permissions.delete('Presence.Read.All');
      const { markdown, json, printed } = await run();
      const calls = emulator.calls.list();
      assert.ok(calls.length >= 5);
      const { addresses } = emulator;
      const person = emulator.people.find('Adele Vance');
      const planted = [
        ...secretValues(config),
        'Adele',
        'Vance',
        adele,
        'Megan',
        'Contoso Alarm Desk',
        'contoso',
        addresses.tenantId,
        addresses.resourceId,
        person?.id ?? '',
        config.bot.appId ?? '',
        ...[...printed.join('\n').matchAll(/call_[0-9a-f]+/g)].map(([id]) => id),
        '127.0.0.1',
      ];
      assert.ok(planted.length > 15);
      assert.match(markdown, /presenceUnreadable/);
      for (const text of [markdown, json]) {
        for (const value of planted) {
          assert.ok(value !== '' && !text.toLowerCase().includes(value.toLowerCase()), value);
        }
        assert.doesNotMatch(text, /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/i);
      }
    });

    it('distinguishes refuted from failed, and continues after both', async () => {
      const written = await run({
        prepare: async ({ id }) => {
          // Everybody answers at once, even those who should decline.
          world.emulator.people.script('Adele Vance', { answers: { afterMs: 20 } });
          return id !== 'mobile';
        },
        examine: async () => {
          throw new Error('Adele Vance is in this text');
        },
        ask: async ({ text }) => (text.includes('first word') ? 'no' : 'skip'),
      });
      const { setup, desktop, mobile, declined, unanswered, chat } = verdicts(written);
      assert.deepEqual(
        { setup, desktop, mobile, declined, unanswered, chat },
        {
          setup: 'failed',
          desktop: 'refuted',
          mobile: 'open',
          declined: 'refuted',
          unanswered: 'refuted',
          chat: 'open',
        },
      );
      assert.equal(exitCode(written.steps), 1);
      assert.match(written.markdown, /ended as answered, not as declined/);
      assert.ok(!written.markdown.includes('Adele'));
    });

    it('a skipped step is open, and a person who cannot be found proves nothing', async () => {
      const left = await run({ prepare: async () => false });
      assert.deepEqual(new Set(Object.values(verdicts(left))), new Set(['open']));
      assert.equal(exitCode(left.steps), 3);
      const desktop = steps.filter(({ id }) => id === 'desktop');
      const stranger = await run({}, desktop, 'Nobody Known');
      assert.deepEqual(verdicts(stranger), { desktop: 'failed' });
      assert.ok(!stranger.markdown.includes('Nobody'));
      assert.equal(exitCode(stranger.steps), 1);
    });
  });

  describe('as a program', function () {
    // A start loads all of Ringdown and an embedded database.
    this.timeout(240_000);

    const start = async (
      options: string[],
      env: Record<string, string>,
    ): Promise<{ code: number; out: string }> =>
      await new Promise((resolve) => {
        const child = execFile(
          join(root, 'node_modules', '.bin', 'node'),
          ['src/record.ts', ...options],
          { cwd: root, env: { ...ownEnv(), ...env } },
          (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, out: stdout + stderr }),
        );
        child.stdin?.end();
        afterTest(() => void child.kill('SIGKILL'));
      });

    itLong('prints its usage if the command line or the configuration is wrong', async () => {
      const wrong = await start(['--step', 'none'], {});
      assert.equal(wrong.code, 2, wrong.out);
      assert.match(wrong.out, /unknown step: none[^]*npm run record -- --call <person>/);
      const unset = await start(['--call', adele], {});
      assert.equal(unset.code, 2, unset.out);
      assert.match(unset.out, /ACS_RESOURCE_ID/);
    });

    itLong('places the call with --yes, and writes both files', async () => {
      const emulator = createEmulator({ timings: { perCharacterMs: 2 } });
      const addresses = await emulator.start();
      afterTest(async () => await emulator.stop());
      emulator.people.script('Adele Vance', { answers: { afterMs: 20 } });
      const folder = mkdtempSync(join(tmpdir(), 'ringdown-record-'));
      afterTest(() => rmSync(folder, { recursive: true }));
      const port = await freePort();
      const out = join(folder, 'records');
      const { code, out: said } = await start(
        ['--call', 'Adele Vance', '--step', 'desktop', '--yes', '--out', out],
        {
          HOST: '127.0.0.1',
          PORT: String(port),
          PUBLIC_URL: `http://127.0.0.1:${port}`,
          DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
          ...settingsFor(addresses),
          DATABASE_URL: 'memory:',
        },
      );
      // Nobody is at a terminal to answer.
      assert.equal(code, 3, said);
      assert.ok(existsSync(out));
      const files = readdirSync(out).toSorted();
      assert.deepEqual(
        files.map((file) => file.replace(/.*\./, '')),
        ['json', 'md'],
      );
      const text = readFileSync(join(out, files[1] ?? ''), 'utf8');
      assert.match(text, /\| `desktop` \| open \|/);
      assert.match(text, /ended as answered/);
      assert.ok(!text.includes('Adele'));
    });
  });

  it('the list in docs/unconfirmed.md and the steps are the same', () => {
    const listed = [...read('docs/unconfirmed.md').matchAll(/^\| `(\w+)` +\|/gm)].map(([, id]) => id);
    assert.deepEqual(
      listed,
      steps.map(({ id }) => id),
    );
  });
});

describe('pseudonyms', () => {
  it('replace the same value with the same word each time, whatever its case', () => {
    const pseudonyms = new Pseudonyms(['a-long-secret']);
    pseudonyms.add('person', ['Adele Vance', 'Adele']);
    pseudonyms.add('host', ['ringdown.contoso.example', undefined, '']);
    const id = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
    assert.equal(
      pseudonyms.plain(
        `Adele Vance, ADELE; ${id}, ${id.toUpperCase()}; https://ringdown.contoso.example/x; a-long-secret`,
      ),
      '‹person 1›, ‹person 2›; ‹id 1›, ‹id 1›; https://‹host 1›/x; [redacted]',
    );
    assert.equal(pseudonyms.plain('10.1.2.3 and me@contoso.example'), '‹address 1› and [personal]');
  });
});
