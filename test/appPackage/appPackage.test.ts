import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import { fill, packageFiles, PackageFaults, packagePath, placeholders } from '../../scripts/package.ts';
import { zip } from '../../scripts/zip.ts';
import { parseCommand } from '../../src/chat/language/parseCommand.ts';
import { languages } from '../../src/texts/texts.ts';
import { isComplete } from '../support/languages.ts';
import { accent, iconPath, icons } from './drawIcons.ts';
import { readPng } from './png.ts';

/** Microsoft publishes the schemas of the manifest in this package. */
const schemas = new URL('json-schemas/teams/v1.29/', import.meta.resolve('@microsoft/app-manifest'));
const environment = {
  MicrosoftAppId: '30000000-0000-4000-8000-000000000003',
  PUBLIC_URL: 'https://ringdown.contoso.example',
  CONSOLE_CLIENT_ID: '70000000-0000-4000-8000-000000000007',
};
const { CONSOLE_CLIENT_ID: _console, ...withoutConsole } = environment;

const Command = z.looseObject({
  title: z.string(),
  description: z.string(),
  type: z.string().optional(),
  prompt: z.string().optional(),
});
const Manifest = z.looseObject({
  manifestVersion: z.string(),
  id: z.string(),
  version: z.string(),
  name: z.looseObject({ short: z.string(), full: z.string() }),
  description: z.looseObject({ short: z.string(), full: z.string() }),
  accentColor: z.string(),
  icons: z.record(z.string(), z.string()),
  localizationInfo: z.looseObject({
    additionalLanguages: z.array(z.object({ languageTag: z.string(), file: z.string() })),
  }),
  bots: z.tuple([
    z.looseObject({
      botId: z.string(),
      scopes: z.array(z.string()),
      commandLists: z.array(z.looseObject({ scopes: z.array(z.string()), commands: z.array(Command) })),
    }),
  ]),
  composeExtensions: z.tuple([
    z.looseObject({
      botId: z.string(),
      commands: z.array(z.looseObject({ id: z.string(), title: z.string(), description: z.string() })),
    }),
  ]),
  staticTabs: z.array(
    z.object({
      entityId: z.string(),
      name: z.string(),
      contentUrl: z.string(),
      websiteUrl: z.string(),
      scopes: z.array(z.string()),
    }),
  ),
  configurableTabs: z.tuple([z.looseObject({ configurationUrl: z.string(), scopes: z.array(z.string()) })]),
  validDomains: z.array(z.string()),
  webApplicationInfo: z.object({ id: z.string(), resource: z.string() }),
});

const text = (name: string, variables: Record<string, string> = environment): string =>
  Buffer.from(packageFiles(variables)[name] ?? []).toString('utf8');
const manifest = Manifest.parse(JSON.parse(text('manifest.json')));
const lists = manifest.bots[0].commandLists;
/** Files for the languages of the manifest: texts by path, such as `bots[0].commandLists[0].commands[0].title`. */
const translations = manifest.localizationInfo.additionalLanguages.map(({ languageTag, file }) => ({
  languageTag,
  file,
  texts: z.record(z.string(), z.string()).parse(JSON.parse(text(file))),
}));
/** What is not the beginning of a command: a title may lack its person or policy. */
const notACommand = ['unknown', 'empty'];

const localization = 'MicrosoftTeams.Localization.schema.json';

/** The path of each text that can be translated, with its limit in characters. */
const translatable: ReadonlyMap<string, number> = new Map([
  ['name.short', 30],
  ['name.full', 100],
  ['description.short', 80],
  ['description.full', 4000],
  ...lists.flatMap(({ commands }, list) =>
    commands.flatMap(({ prompt }, index): [string, number][] => {
      const path = `bots[0].commandLists[${list}].commands[${index}]`;
      const texts: [string, number][] = [
        [`${path}.title`, 32],
        [`${path}.description`, 128],
      ];
      return prompt === undefined ? texts : [...texts, [`${path}.prompt`, 4000]];
    }),
  ),
  ...manifest.composeExtensions[0].commands.flatMap((_, index): [string, number][] => [
    [`composeExtensions[0].commands[${index}].title`, 32],
    [`composeExtensions[0].commands[${index}].description`, 128],
  ]),
  ...manifest.staticTabs.map((_, index): [string, number] => [`staticTabs[${index}].name`, 128]),
]);

function hasVersion(schema: unknown): void {
  assert.ok(typeof schema === 'string' && schema.includes(`/v${manifest.manifestVersion}/`), String(schema));
}

function faults(file: string, value: unknown): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const raw: unknown = JSON.parse(readFileSync(new URL(file, schemas), 'utf8'));
  const { id: _id, $schema: _draft, ...schema } = z.looseObject({}).parse(raw);
  const validate = ajv.compile(schema);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('Teams app package', () => {
  describe('manifest', () => {
    it('fits the schema of its version', () => {
      assert.deepEqual(faults('MicrosoftTeams.schema.json', manifest), []);
      assert.notDeepEqual(faults('MicrosoftTeams.schema.json', { ...manifest, accentColor: 'red' }), []);
    });

    it('has the schema of its version', () => hasVersion(manifest.$schema));

    it('is that of the bot in the environment', () => {
      assert.equal(manifest.id, environment.MicrosoftAppId);
      assert.equal(manifest.bots[0].botId, environment.MicrosoftAppId);
      assert.equal(manifest.composeExtensions[0].botId, environment.MicrosoftAppId);
      assert.deepEqual(manifest.validDomains, ['ringdown.contoso.example']);
      assert.doesNotMatch(text('manifest.json'), /\$\{\{/);
    });

    it('shows pages of the console as tabs, in which people are signed in by the console’s registration', () => {
      const { CONSOLE_CLIENT_ID: id } = environment;
      assert.deepEqual(manifest.webApplicationInfo, {
        id,
        resource: `api://ringdown.contoso.example/${id}`,
      });
      const ids = manifest.staticTabs.map(({ entityId }) => entityId);
      assert.deepEqual(ids, ['now', 'duty', 'history', 'policies', 'health']);
      for (const { entityId, contentUrl, websiteUrl, scopes } of manifest.staticTabs) {
        const page = entityId === 'now' ? '' : `/${entityId}`;
        assert.equal(contentUrl, `https://ringdown.contoso.example/console${page}`);
        assert.equal(websiteUrl, contentUrl);
        assert.deepEqual(scopes, ['personal']);
      }
      const [{ configurationUrl, scopes }] = manifest.configurableTabs;
      assert.equal(configurationUrl, 'https://ringdown.contoso.example/console/configure');
      assert.deepEqual(scopes, ['team', 'groupChat']);
    });

    it('has nothing of the console without CONSOLE_CLIENT_ID', () => {
      const plain = z.looseObject({}).parse(JSON.parse(text('manifest.json', withoutConsole)));
      assert.deepEqual(faults('MicrosoftTeams.schema.json', plain), []);
      const { staticTabs, configurableTabs, webApplicationInfo, ...rest } = manifest;
      assert.ok(staticTabs.length > 0 && configurableTabs.length > 0);
      assert.deepEqual(plain, {
        ...rest,
        webApplicationInfo: {
          id: environment.MicrosoftAppId,
          resource: webApplicationInfo.resource.replace(webApplicationInfo.id, environment.MicrosoftAppId),
        },
      });
      for (const { file } of translations) {
        const names = Object.keys(z.looseObject({}).parse(JSON.parse(text(file, withoutConsole))));
        assert.deepEqual(
          names,
          ['$schema', ...translatable.keys()].filter((key) => !/Tabs/.test(key)),
          file,
        );
      }
    });

    it('keeps to the limits', () => {
      assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
      assert.ok(manifest.name.short.length <= 30 && manifest.name.full.length <= 100);
      assert.ok(manifest.description.short.length <= 80 && manifest.description.full.length <= 4000);
      assert.ok(lists.length <= 3);
      for (const { commands } of lists) {
        assert.ok(commands.length <= 12);
        for (const { title, description } of commands)
          assert.ok(title.length <= 32 && description.length <= 128);
      }
      for (const { title, description } of manifest.composeExtensions[0].commands) {
        assert.ok(title.length <= 32 && description.length <= 128);
      }
    });

    it('has a list of commands for each place where the bot is', () => {
      assert.deepEqual(lists.flatMap(({ scopes }) => scopes).toSorted(), manifest.bots[0].scopes.toSorted());
    });

    for (const { scopes, commands } of lists) {
      for (const { title, type, prompt } of commands) {
        it(`"${prompt ?? title}" in ${scopes.join()} is something that the bot understands`, () => {
          assert.equal(type === 'prompt', prompt !== undefined);
          const { kind } = parseCommand(prompt ?? title, []);
          const wrong = prompt === undefined ? notACommand : [...notACommand, 'incomplete'];
          assert.ok(!wrong.includes(kind), kind);
        });
      }
    }
  });

  it('speaks every language that has all texts of the bot', () => {
    const tags = new Set(['en', ...translations.map(({ languageTag }) => languageTag)]);
    const complete = languages.filter(isComplete).map((language) => language.toLowerCase());
    assert.deepEqual(
      complete.filter((tag) => !tags.has(tag)),
      [],
    );
  });

  for (const { languageTag, file, texts } of translations) {
    describe(file, () => {
      const { $schema, ...own } = texts;

      it('fits the schema of the manifest’s version', () => {
        assert.deepEqual(faults(localization, texts), []);
        assert.notDeepEqual(faults(localization, { ...texts, 'name.long': 'x' }), []);
        hasVersion($schema);
      });

      it('has every text of the manifest that can be translated, in its order', () => {
        assert.deepEqual(Object.keys(own), [...translatable.keys()]);
      });

      it('keeps to the limits of the manifest', () => {
        for (const [path, limit] of translatable) {
          const { length } = own[path] ?? '';
          assert.ok(length > 0 && length <= limit, `${path} has ${length} characters; ${limit} are allowed`);
        }
      });

      it('shows commands that the bot understands', () => {
        for (const [list, { commands }] of lists.entries()) {
          for (const [index, { title, prompt }] of commands.entries()) {
            const path = `bots[0].commandLists[${list}].commands[${index}].${prompt === undefined ? 'title' : 'prompt'}`;
            const said = own[path] ?? '';
            const { kind } = parseCommand(said, [], { locale: languageTag });
            const meant = parseCommand(prompt ?? title, []);
            assert.ok(meant.kind === kind || meant.kind === 'incomplete', `${path}: ${said} is ${kind}`);
            assert.ok(!notACommand.includes(kind), `${path}: ${said} is ${kind}`);
          }
        }
      });

      it('describes the app with commands that the bot understands', () => {
        const quoted = [...(own['description.full'] ?? '').matchAll(/\*\*([^*]+)\*\*/g)].map(
          ([, said = '']) => said,
        );
        assert.ok(quoted.length > 0);
        for (const said of quoted) {
          const { kind } = parseCommand(said, [], { locale: languageTag });
          assert.ok(![...notACommand, 'incomplete'].includes(kind), `${said} is ${kind}`);
        }
      });
    });
  }

  describe('icons', () => {
    for (const [name, drawn] of Object.entries(icons)) {
      it(`${name} is what node test/appPackage/drawIcons.ts draws`, () => {
        const read = readPng(readFileSync(iconPath(name)));
        assert.equal(read.size, drawn.size);
        assert.ok(Buffer.from(read.pixels).equals(Buffer.from(drawn.pixels)));
      });
    }

    it('the colour icon is 192 × 192, full, on the accent colour', () => {
      const { size, pixels } = readPng(readFileSync(iconPath('color.png')));
      assert.equal(size, 192);
      assert.ok(pixels.every((value, index) => index % 4 !== 3 || value === 255));
      assert.equal(manifest.accentColor, accent);
      assert.equal(`#${Buffer.from(pixels.subarray(0, 3)).toString('hex')}`.toUpperCase(), accent);
    });

    it('the outline is 32 × 32, white on transparent ground', () => {
      const { size, pixels } = readPng(readFileSync(iconPath('outline.png')));
      assert.equal(size, 32);
      assert.ok(pixels.every((value, index) => index % 4 === 3 || value === 255));
      const alpha = pixels.filter((_, index) => index % 4 === 3);
      assert.equal(alpha[0], 0);
      assert.ok(alpha.includes(255));
    });
  });

  describe('zip', () => {
    it('holds the manifest and what it names, at its root, and nothing else', () => {
      const archive = unzipSync(zip(packageFiles(environment)));
      const named = [
        'manifest.json',
        ...Object.values(manifest.icons),
        ...manifest.localizationInfo.additionalLanguages.map(({ file }) => file),
      ];
      assert.deepEqual(Object.keys(archive).toSorted(), named.toSorted());
      for (const [name, bytes] of Object.entries(packageFiles(environment))) {
        assert.ok(Buffer.from(archive[name] ?? []).equals(Buffer.from(bytes)), name);
      }
    });

    it('is the same for the same environment', () => {
      const [first, second] = [0, 1].map(() => Buffer.from(zip(packageFiles(environment))));
      assert.ok(first?.equals(second ?? Buffer.alloc(0)));
    });

    const script = fileURLToPath(new URL('../../scripts/package.ts', import.meta.url));
    let folder = '';
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'ringdown-package-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));
    const run = (variables: Record<string, string>) =>
      spawnSync(execPath, [script], { env: { ...variables, PATH: '' }, cwd: folder, encoding: 'utf8' });

    it('npm run package writes it, and reads .env', () => {
      writeFileSync(join(folder, '.env'), `PUBLIC_URL=${environment.PUBLIC_URL}\n`);
      for (const [given, console] of [
        [withoutConsole, 'without the console'],
        [environment, 'with the console'],
      ] as const) {
        const { PUBLIC_URL: inFile, ...variables } = given;
        const { stdout, status } = run(variables);
        assert.equal(status, 0);
        assert.match(stdout, /dist.ringdown-teams\.zip: app 30000000-/);
        assert.ok(stdout.includes(console) && inFile === environment.PUBLIC_URL);
        const bytes = readFileSync(join(folder, packagePath));
        assert.ok(bytes.equals(Buffer.from(zip(packageFiles(given)))));
      }
    });

    it('npm run package names all that is missing, and repeats no value', () => {
      const { status, stderr } = run({ PUBLIC_URL: 'http://bad.example/x' });
      assert.equal(status, 1);
      assert.match(stderr, /MicrosoftAppId/);
      assert.match(stderr, /PUBLIC_URL/);
      assert.doesNotMatch(stderr, /bad\.example| at /);
    });
  });

  describe('placeholders', () => {
    it('the id in the app catalogue is not the manifest’s', () => {
      const TEAMS_APP_ID = '80000000-0000-4000-8000-000000000008';
      assert.equal(placeholders({ ...environment, TEAMS_APP_ID }).TEAMS_APP_ID, environment.MicrosoftAppId);
      const TEAMS_MANIFEST_ID = '90000000-0000-4000-8000-000000000009';
      assert.equal(placeholders({ ...environment, TEAMS_MANIFEST_ID }).TEAMS_APP_ID, TEAMS_MANIFEST_ID);
    });

    it('pages about the app are given, or Ringdown’s own address', () => {
      assert.equal(placeholders(environment).PRIVACY_URL, environment.PUBLIC_URL);
      const TEAMS_PRIVACY_URL = 'https://contoso.example/privacy';
      assert.equal(placeholders({ ...environment, TEAMS_PRIVACY_URL }).PRIVACY_URL, TEAMS_PRIVACY_URL);
    });

    for (const [what, changes] of Object.entries({
      'an address of this machine': { PUBLIC_URL: 'http://localhost:3978' },
      'a console whose id is no GUID': { CONSOLE_CLIENT_ID: 'console' },
      'no bot': { MicrosoftAppId: '' },
      'a bot whose id is no GUID': { MicrosoftAppId: 'ringdown' },
      'a page that is no address': { TEAMS_TERMS_URL: 'terms' },
    })) {
      it(`refuses ${what}`, () => {
        assert.throws(() => placeholders({ ...environment, ...changes }), PackageFaults);
      });
    }

    it('a placeholder without a value is a fault', () => {
      assert.throws(() => fill('"${{UNKNOWN}}"', {}), PackageFaults);
      assert.equal(fill('"${{IT}}"', { IT: 'a "b"' }), '"a \\"b\\""');
    });
  });
});
