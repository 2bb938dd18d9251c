import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { bundleInto } from '../../scripts/bundle/bundle.ts';
import { writeServerZip } from '../../scripts/serverZip.ts';
import { lockDataDir } from '../../src/database/dataDirLock.ts';
import { afterTest } from '../support/afterTest.ts';
import { botProcess, type BotProcess } from '../support/botProcess.ts';
import { itLong } from '../support/long.ts';
import { until } from '../support/until.ts';
import type { CallAnswer } from '../support/world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const billOfMaterials = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      hashes: z.tuple([z.object({ alg: z.literal('SHA-512'), content: z.string() })]),
    }),
  ),
});
const lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});
const manifest = z.object({ type: z.string(), scripts: z.record(z.string(), z.string()) });

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-zip-test-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();

/** A listing that shows whether something was written there. */
const stateOf = (folder: string): string[] =>
  filesIn(folder).map((file) => {
    const { size, mtimeMs } = statSync(join(folder, file));
    return `${file} ${size} ${mtimeMs}`;
  });

/** Unpacked as App Service mounts it: read-only, and with no packages in a parent folder. */
function unpack(archive: Uint8Array): string {
  const folder = join(temporary(), 'wwwroot');
  for (const [name, contents] of Object.entries(unzipSync(archive))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents, { mode: 0o444 });
  }
  const programs = ['azure', 'standIn', 'console'].map((name) => `server/browser/${name}`);
  const inside = ['server', 'server/browser', ...programs, 'texts', 'texts/commands'];
  const folders = [folder, ...inside.map((name) => join(folder, name))];
  for (const one of folders) chmodSync(one, 0o555);
  afterTest(() => folders.forEach((one) => chmodSync(one, 0o755)));
  for (let above = folder; above !== dirname(above); above = dirname(above)) {
    assert.ok(!existsSync(join(above, 'node_modules')), above);
  }
  return folder;
}

async function startEmulator(): Promise<Emulator> {
  const emulator = createEmulator({ timings: { perCharacterMs: 2 } });
  await emulator.start();
  afterTest(async () => await emulator.stop());
  return emulator;
}

async function botOf(folder: string, emulator: Emulator, dataDir: string): Promise<BotProcess> {
  const env = { NODE_COMPILE_CACHE: join(temporary(), 'compiled') };
  const program = pathToFileURL(join(folder, 'server', 'main.js'));
  const bot = await botProcess(emulator, { dataDir }, env, { program });
  afterTest(async () => await bot.stop());
  return bot;
}

describe('the bundled server', function () {
  this.timeout(240_000);

  it('contains everything that it loads and opens, and its errors name source lines', async () => {
    const folder = temporary();
    await bundleInto(folder);
    const files = filesIn(folder);
    const { type, scripts } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    assert.equal(type, 'module');
    assert.match(scripts['start'] ?? '', /^exec node .*server\/main\.js$/);
    for (const command of Object.values(scripts)) assert.ok(files.includes(command.split(' ').at(-1) ?? ''));
    const texts = globSync('texts/**/*.json', { cwd: join(root, 'src') }).toSorted();
    assert.ok(texts.includes('texts/ja.json') && texts.includes('texts/commands/ja.json'));
    assert.deepEqual(
      files.filter((file) => file.startsWith('texts/')),
      texts,
    );
    for (const file of [
      'LICENSE',
      'THIRD-PARTY-NOTICES.txt',
      'server/calendarReader.js',
      'server/pgliteCreator.js',
      'server/browser/azure/page.css',
      'server/browser/azure/page.js',
      'server/browser/standIn/page.js',
    ]) {
      assert.ok(files.includes(file), file);
    }
    assert.equal(files.filter((file) => /^server\/browser\/console\/main-\w+\.js$/.test(file)).length, 1);
    assert.deepEqual(
      files.filter((file) => /\.ts$|node_modules|mocha|esbuild|fflate|sinon/.test(file)),
      [],
    );

    let asked = 0;
    for (const file of files.filter((name) => /^server\/[^/]+\.js$/.test(name))) {
      const code = readFileSync(join(folder, file), 'utf8');
      const beside = [
        ...code.matchAll(/new URL\("([^"]+\.\w+)",import\.meta\.url\)/g),
        ...code.matchAll(/(?:from|import\(|import)"(\.[^"]+)"/g),
      ].map(([, name = '']) => relative(folder, join(folder, 'server', name)));
      asked += beside.length;
      for (const name of beside) assert.ok(files.includes(name), `${file} wants ${name}`);
      for (const [, name = ''] of code.matchAll(/(?:^|;)import[^"'`;]*?from"([^".][^"]*)"/g)) {
        assert.ok(isBuiltin(name), `${file} wants ${name}`);
      }
    }

    assert.ok(asked > 10, 'chunks, and the files of the embedded database');

    const licences = readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['botbuilder', 'kysely', '@electric-sql/pglite', '@azure/communication-calling']) {
      assert.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'), name);
    }
    assert.match(licences, /Microsoft Software License Terms/i);

    const { components } = billOfMaterials.parse(
      JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')),
    );
    const held = components.map(({ name, version }) => `${name} ${version}`);
    assert.deepEqual(
      new Set(held),
      new Set([...licences.matchAll(/^-{80}\n\n(\S+ \S+) \(/gm)].map(([, title]) => title)),
      'the same packages as in the notices',
    );
    assert.equal(new Set(held).size, held.length, 'each once');
    // A package that the server loads, one that only the page contains, and packages that are only for the build.
    const holds = (name: string) => held.some((title) => title.startsWith(`${name} `));
    assert.ok(holds('restify') && holds('@azure/communication-calling'));
    for (const name of ['esbuild', 'mocha', 'typescript', 'fflate']) assert.ok(!holds(name), name);
    const installed = lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages;
    for (const { name, version, purl, hashes } of components) {
      assert.equal(purl, `pkg:npm/${encodeURIComponent(name).replace('%2F', '/')}@${version}`);
      const copies = Object.entries(installed).filter(
        ([path, one]) => path.endsWith(`node_modules/${name}`) && one.version === version,
      );
      const hash = copies.map(([, { integrity = '' }]) =>
        Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'),
      );
      assert.ok(hash.includes(hashes[0].content), name);
    }

    const dataDir = temporary();
    afterTest(await lockDataDir(dataDir));
    const bot = await botOf(folder, await startEmulator(), dataDir);
    const source = readFileSync(join(root, 'src/database/dataDirLock.ts'), 'utf8').split('\n');
    const line = source.findIndex((text) => text.includes('throw new DataDirInUse(')) + 1;
    await assert.rejects(
      bot.start(),
      new RegExp(`at (?:async )?lockDataDir \\([^)]*/src/database/dataDirLock\\.ts:${line}:\\d+\\)`),
    );
  });

  itLong('places a call from a read-only folder with only Node, and stops when told', async () => {
    const path = join(temporary(), 'ringdown.zip');
    const { bytes } = await writeServerZip(path);
    assert.ok(bytes < 20e6, `${bytes} bytes`);
    const archive = readFileSync(path);
    await writeServerZip(path);
    assert.ok(archive.equals(readFileSync(path)), 'the same sources produce the same bytes');

    const folder = unpack(archive);
    const before = stateOf(folder);
    const emulator = await startEmulator();
    emulator.people.script('Adele Vance', { answers: { afterMs: 10 } });
    const bot = await botOf(folder, emulator, temporary());
    await bot.start();
    emulator.channel.connect(`${bot.url}/api/messages`);
    const page = await fetch(`${bot.url}/talk/assets/page.js`);
    assert.deepEqual(
      Buffer.from(await page.arrayBuffer()),
      readFileSync(join(folder, 'server/browser/standIn/page.js')),
    );
    const html = await (await fetch(`${bot.url}/console`)).text();
    const assets = [...html.matchAll(/"\/console\/assets\/([\w-]+\.js)"/g)].map(([, name = '']) => name);
    assert.match(assets.at(-1) ?? '', /^main-/);
    for (const name of assets) {
      const script = await fetch(`${bot.url}/console/assets/${name}`);
      assert.deepEqual(
        Buffer.from(await script.arrayBuffer()),
        readFileSync(join(folder, 'server/browser/console', name)),
      );
    }
    await emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
    const calls = async (): Promise<CallAnswer[]> =>
      ((await bot.get('/api/v1/calls')) as { items: CallAnswer[] }).items;
    await until(async () => (await calls())[0]?.status === 'ended', 'the call has ended');
    assert.equal((await calls())[0]?.disposition, 'answered');

    await emulator.channel.send({
      from: 'Megan Bowen',
      text: 'Adele Vanceに電話して：ビルドが失敗しました',
      locale: 'ja-JP',
    });
    await until(async () => (await calls()).filter(({ status }) => status === 'ended').length === 2, 'ended');
    assert.match(
      emulator.phone('Adele Vance').spoken().at(-1) ?? '',
      /伝言をお伝えします。ビルドが失敗しました/,
    );
    bot.kill('SIGTERM');
    assert.equal(await bot.ended(), null);
    assert.equal(bot.exitCode, 0);
    assert.deepEqual(stateOf(folder), before);
  });
});
