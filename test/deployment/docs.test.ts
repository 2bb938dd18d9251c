import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentSchema } from '../../src/config/environment.ts';
import { isObject, textOf } from './armTemplate.ts';
import { deployPair, pairs, readJson } from './templates.ts';
import { anchorsOf, FENCE } from '../support/markdown.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const documents = [
  'docs/deploy.md',
  'docs/setup-teams.md',
  'docs/containers.md',
  'docs/upgrades.md',
  'docs/unconfirmed.md',
  'deploymentTemplates/deployUseExistResourceGroup/readme.md',
  'deploymentTemplates/deployWithNewResourceGroup/readme.md',
];

describe('documents about the deployment', () => {
  it('every section that Ringdown’s advice links to exists', () => {
    const there = anchorsOf(read('docs/setup-teams.md'));
    const used = globSync('{src,scripts,deploymentTemplates}/**/*.{ts,sh,ps1}', { cwd: root }).flatMap(
      (file) =>
        [...read(file).matchAll(/(?:setup-teams\.md#|\bsection: ')([\w-]+)/g)].map(([, anchor = '']) => ({
          file,
          anchor,
        })),
    );
    assert.ok(used.length > 10);
    for (const { file, anchor } of used) assert.ok(there.has(anchor), `${file}: #${anchor}`);
  });

  for (const name of documents) {
    it(`${name}: every file, parameter, output and variable that it names exists`, () => {
      const text = read(name);
      for (const [file] of text.matchAll(/\bdeploymentTemplates\/scripts\/[\w.-]+/g)) {
        assert.ok(existsSync(join(root, file)), file);
      }
      for (const [file] of text.matchAll(/\b(?:parameters-for-)?template-\w+-(?:with|new)-rg\.json/g)) {
        const folder = file.includes('new') ? 'deployWithNewResourceGroup' : 'deployUseExistResourceGroup';
        assert.ok(existsSync(join(root, 'deploymentTemplates', folder, file)), file);
      }
      const names = (key: string): string[] =>
        pairs.flatMap(({ templatePath }) => {
          const part = readJson(templatePath)[key];
          return isObject(part) ? Object.keys(part) : [];
        });
      for (const [, output = ''] of text.matchAll(/\$\(output (\w+)\)/g)) {
        assert.ok(names('outputs').includes(output), output);
      }
      for (const [, parameter = ''] of text.matchAll(/^\s+--parameters (?!@)(\w+)=/gm)) {
        assert.ok(names('parameters').includes(parameter), parameter);
      }
      const settings = [
        ...Object.keys(environmentSchema.shape),
        'POSTGRES_PASSWORD',
        'AZURE_TENANT_ID',
        'AZURE_CLIENT_ID',
        'AZURE_CLIENT_SECRET',
        // Variables of App Service, and an example that belongs to nobody.
        'WEBSITE_SWAP_WARMUP_PING_PATH',
        'WEBSITE_SWAP_WARMUP_PING_STATUSES',
        'HOOK_SECRET',
        'TEAMS_WEBSITE_URL',
        'TEAMS_PRIVACY_URL',
        'TEAMS_TERMS_URL',
        'WEBSITE_RUN_FROM_PACKAGE',
        'NODE_COMPILE_CACHE',
      ];
      for (const [, setting = ''] of text.matchAll(/`([A-Z][A-Z]+_[A-Z_]+|MicrosoftApp\w+)`/g)) {
        assert.ok(settings.includes(setting), setting);
      }
    });
  }

  it('the button in deploy.md deploys the same template as its commands', () => {
    const text = read('docs/deploy.md');
    const [, button = ''] =
      /^RAW=https:\/\/raw\.githubusercontent\.com\/OWNER\/ringdown\/main\/(\S+)$/m.exec(text) ?? [];
    assert.ok(existsSync(join(root, button)), button);
    assert.match(
      text,
      new RegExp(`--name ringdown-BotApp \\\\\\n +--template-file ${button.replaceAll('.', '\\.')} `),
    );
  });

  /** The commands in the order that people type them. `<group>` is a placeholder to fill in. */
  const lines = (name: string): string =>
    [...read(name).matchAll(FENCE)]
      .filter(([, language]) => language === 'bash')
      .map(([, , block = '']) => block.replaceAll(/<[^<>\n()]+>/g, 'x'))
      .join('\n');
  const deployment = lines('docs/deploy.md');
  for (const [name, before] of [
    ['docs/deploy.md', /^APP_ID=.*$/m.exec(lines('docs/setup-teams.md'))?.[0]],
    ['docs/containers.md', /^export GROUP=.*$/m.exec(deployment)?.[0]],
    ['docs/upgrades.md', `APP_ID=x\n${deployment}`],
  ] as const) {
    it(`the commands of ${name}, run in order, use no variable before it is set`, () => {
      const programs = 'az cat cd curl docker helm kubectl node npm openssl pwsh read'.split(' ');
      const standIns = programs.map((program) => `${program}() { echo x; }`).join('\n');
      // Scripts of the repository are replaced by a program without output.
      const typed = `${before}\n${lines(name)}`.replaceAll(/^deploymentTemplates\/scripts\/\S+/gm, 'node');
      const { stderr } = spawnSync('bash', ['-u'], {
        input: `${standIns}\n${typed}`,
        encoding: 'utf8',
        env: {},
      });
      assert.equal(stderr, '');
    });
  }

  it('the commands of deploy.md show what they would do before they do it', () => {
    const steps = read('docs/deploy.md').match(/^.*az deployment sub (?!show|delete).*$/gm) ?? [];
    assert.equal(steps.length, 2);
    for (const step of steps) assert.match(step, /az deployment sub \$step /);
    assert.equal(read('docs/deploy.md').match(/^for step in what-if create; do$/gm)?.length, steps.length);
  });

  for (const pair of pairs) {
    it(`the output of ${pair.title} names the next step, with existing files`, () => {
      const said = textOf(deployPair(pair).outputs.nextStep, 'nextStep');
      const files = said.match(/\b(?:deploymentTemplates|docs)\/[\w./-]*\w/g) ?? [];
      assert.ok(files.length > 0, said);
      for (const file of files) assert.ok(existsSync(join(root, file)), file);
    });
  }

  it('deploy.md says that it was not run against Azure', () => {
    assert.match(read('docs/deploy.md').slice(0, 400), /not run against Azure/);
  });

  it('each step of setup-teams.md says how to verify it', () => {
    const text = read('docs/setup-teams.md');
    const steps = [...text.matchAll(/^\| \d+\. \[([^\]]+)\]/gm)].map(([, title = '']) => title);
    assert.equal(steps.length, 8);
    for (const step of steps.slice(0, -1)) {
      const [, section = ''] = text.split(new RegExp(`^## ${step}$`, 'm'));
      assert.match(section.split(/^## /m)[0] ?? '', /\*\*To check:\*\*/, step);
    }
  });

  it('every permission of Graph that the script grants is explained', () => {
    const text = read('docs/setup-teams.md');
    const script = read('deploymentTemplates/scripts/grant-graph-permissions.sh');
    const known = /known=\(([^)]+)\)/.exec(script)?.[1]?.split(/\s+/) ?? [];
    assert.ok(known.length > 3);
    for (const permission of known) assert.match(text, new RegExp(`^\\| \`${permission}\` +\\|`, 'm'));
  });
});
