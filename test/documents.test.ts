import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anchorsOf, FENCE, withoutCode } from './support/markdown.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const pages = globSync(
  ['*.md', 'docs/*.md', 'emulator/*.md', 'deploymentTemplates/**/*.md', 'bench/**/*.md'],
  { cwd: root },
).toSorted();
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** What a page tells people to type: blocks of a shell, and code within sentences. */
function commands(text: string): string[] {
  const blocks = [...text.matchAll(FENCE)]
    .filter(([, language = '']) => /^(|bash|sh|console)$/.test(language))
    .map(([, , block = '']) => block);
  const spans = [...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')), ...spans];
}

/** What programs make, and nobody keeps. */
const made = read('.gitignore').split('\n');

/** Files of the repository that a command names. What stands in another folder is named relative to it. */
const FILE = /(?<![\w./<>{*-])(?:src|test|scripts|deploymentTemplates|docs|emulator|bench|demo)\/[\w./-]*\w/g;

describe('Every page', () => {
  it('is looked at', () => {
    assert.ok(pages.length > 20, pages.join());
  });

  for (const name of pages) {
    it(`${name}: every link to a file or paragraph leads somewhere`, () => {
      for (const [, target = ''] of withoutCode(read(name)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^(https?|mailto):/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? name : relative(root, join(root, dirname(name), file));
        assert.ok(existsSync(join(root, path)), target);
        if (anchor !== undefined) assert.ok(anchorsOf(read(path)).has(anchor), target);
      }
    });

    it(`${name}: every command names scripts and files that are there`, () => {
      for (const command of commands(read(name))) {
        for (const [, script = ''] of command.matchAll(/\bnpm run (?!-)([\w:-]+)/g)) {
          assert.ok(script in scripts, `npm run ${script}`);
        }
        for (const [file] of command.matchAll(FILE)) {
          assert.ok(existsSync(join(root, file)) || made.includes(file), `${file} in: ${command}`);
        }
      }
    });

    it(`${name}: what is to be typed into a shell can be read by one`, () => {
      for (const [, language = '', block = ''] of read(name).matchAll(FENCE)) {
        if (language !== 'bash' && language !== 'sh') continue;
        // `<group>` stands for something that is to be filled in.
        const filled = block.replaceAll(/<[^<>\n()]+>/g, 'x');
        const { status, stderr } = spawnSync('bash', ['-n'], { input: filled, encoding: 'utf8' });
        assert.equal(status, 0, `${stderr}\n${block}`);
      }
    });
  }

  it('of docs/ is in its index', () => {
    const listed = [...read('docs/README.md').matchAll(/^\| \[[^\]]+\]\(([\w-]+\.md)\)/gm)].map(
      ([, page]) => page,
    );
    const there = globSync('*.md', { cwd: join(root, 'docs') }).filter((page) => page !== 'README.md');
    assert.deepEqual(new Set(listed), new Set(there));
  });

  it('the folders that commands change to have the files that they name there', () => {
    for (const name of pages) {
      for (const [, , block = ''] of read(name).matchAll(FENCE)) {
        let folder = dirname(name);
        for (const line of block.replaceAll('\\\n', ' ').split('\n')) {
          const [, changed] = /^cd (\S+)$/.exec(line) ?? [];
          if (changed !== undefined) folder = changed === '../..' ? '.' : changed;
          for (const [, file = ''] of line.matchAll(/(?:--template-file |--parameters @)([\w.-]+\.json)/g)) {
            assert.ok(existsSync(join(root, folder, file)), `${name}: ${folder}/${file}`);
          }
        }
      }
    }
  });
});
