import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentSchema } from '../../src/environment.ts';
import { isObject } from './armTemplate.ts';
import { pairs, readJson } from './templates.ts';
import { anchorsOf } from '../support/markdown.ts';

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

describe('Documents of the deployment', () => {
  it('every paragraph that Ringdown’s advice leads to is there', () => {
    const there = anchorsOf(read('docs/setup-teams.md'));
    const used = globSync('{src,scripts,deploymentTemplates}/**/*.{ts,sh,ps1}', { cwd: root }).flatMap(
      (file) =>
        [...read(file).matchAll(/(?:\$\{SETUP\}|setup-teams\.md)#([\w-]+)/g)].map(([, anchor = '']) => ({
          file,
          anchor,
        })),
    );
    assert.ok(used.length > 10);
    for (const { file, anchor } of used) assert.ok(there.has(anchor), `${file}: #${anchor}`);
  });

  for (const name of documents) {
    it(`${name}: every file, parameter, output and variable that it names is there`, () => {
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
        ...['POSTGRES_PASSWORD', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'],
        // Of App Service, and of nobody: an example.
        ...['WEBSITE_SWAP_WARMUP_PING_PATH', 'WEBSITE_SWAP_WARMUP_PING_STATUSES', 'HOOK_SECRET'],
        ...['TEAMS_WEBSITE_URL', 'TEAMS_PRIVACY_URL', 'TEAMS_TERMS_URL'],
        ...['WEBSITE_RUN_FROM_PACKAGE', 'NODE_COMPILE_CACHE'],
      ];
      for (const [, setting = ''] of text.matchAll(/`([A-Z][A-Z]+_[A-Z_]+|MicrosoftApp\w+)`/g)) {
        assert.ok(settings.includes(setting), setting);
      }
    });
  }

  it('deploy.md says that it was not run against Azure', () => {
    assert.match(read('docs/deploy.md').slice(0, 400), /not run against Azure/);
  });

  it('each step of setup-teams.md says how to see that it took', () => {
    const text = read('docs/setup-teams.md');
    const steps = [...text.matchAll(/^\| \d+\. \[([^\]]+)\]/gm)].map(([, title = '']) => title);
    assert.equal(steps.length, 8);
    for (const step of steps.slice(0, -1)) {
      const [, section = ''] = text.split(new RegExp(`^## ${step}$`, 'm'));
      assert.match(section.split(/^## /m)[0] ?? '', /\*\*To see that it took:\*\*/, step);
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
