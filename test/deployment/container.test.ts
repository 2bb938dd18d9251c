import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { startWords } from '../../demo/startCommand.ts';
import { environmentSchema, variables } from '../../src/config/environment.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(path(name), 'utf8');
const known = Object.keys(environmentSchema.shape);
const secretName = /password|secret|token|key|connection_string|database_url/i;

const manifest = z
  .object({ devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));

interface Instruction {
  name: string;
  words: string;
}

/** Instructions of a Dockerfile, with continuation lines joined. */
const instructions: Instruction[] = read('Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.split(' ', 1)[0] ?? '', words: line.slice(line.indexOf(' ') + 1) }));
const stageStarts = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
const last = instructions.slice(stageStarts.at(-1));
const one = (name: string): string => {
  const found = last.filter((instruction) => instruction.name === name);
  assert.equal(found.length, 1, name);
  return found[0]?.words ?? '';
};
const execForm = (words: string): string[] => z.array(z.string()).parse(JSON.parse(words));

describe('Dockerfile', () => {
  it('uses the Node version of the tests, and images that a digest can replace', () => {
    const images = instructions.slice(0, stageStarts[0]);
    assert.deepEqual(images, [
      { name: 'ARG', words: 'NODE_IMAGE=node:24-slim' },
      { name: 'ARG', words: 'BASE_IMAGE=debian:bookworm-slim' },
    ]);
    assert.deepEqual(
      stageStarts.map((start) => instructions[start]?.words),
      ['${NODE_IMAGE} AS bundle', '${BASE_IMAGE}'],
    );
    assert.match(manifest.devDependencies.node ?? '', /^24\./);
    assert.ok(last.some(({ words }) => words === '--from=bundle /usr/local/bin/node /usr/local/bin/node'));
  });

  it('caches compiled code, built with the path, user and flags that it runs with', () => {
    const building = instructions.slice(0, stageStarts[1]);
    const user = building.findIndex(({ name }) => name === 'USER');
    assert.equal(building[user]?.words, one('USER'));
    const { name, words = '' } = building[user + 1] ?? {};
    assert.equal(`${name} ${words.split(' &&', 1)[0]}`, 'RUN node scripts/bundle/compile.ts /app');
    assert.equal(one('WORKDIR'), '/app');
    const flags = /\[('--[^\]]*), 'server\/main\.js'\]/.exec(read('scripts/bundle/compile.ts'))?.[1];
    assert.equal(flags?.replaceAll(/[',]/g, ''), startWords().slice(1, -1).join(' '));
  });

  it('installs locked packages, without dev dependencies and install scripts', () => {
    const runs = instructions.filter(({ name }) => name === 'RUN').map(({ words }) => words);
    assert.ok(runs.some((words) => words.startsWith('npm ci --omit=dev --ignore-scripts ')));
    assert.ok(runs.every((words) => !/npm install|curl|wget|apt/.test(words)));
  });

  it('copies only existing files that .dockerignore includes', () => {
    const [all, ...letThrough] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(all, '*');
    const through = letThrough.map((line) => line.replace(/^!/, ''));
    const copies = instructions.filter(({ name }) => name === 'COPY').map(({ words }) => words);
    assert.ok(instructions.every(({ name }) => name !== 'ADD'));
    const sources = copies
      .filter((words) => !words.startsWith('--from='))
      .flatMap((words) => words.split(' ').slice(0, -1));
    for (const source of sources) {
      assert.ok(existsSync(path(source)), source);
      assert.ok(through.includes(source), `${source} is kept out by .dockerignore`);
    }
    assert.deepEqual([...new Set(sources)].toSorted(), through.toSorted());
    assert.ok(!through.some((name) => /^\.env|^data|node_modules|\.git/.test(name)));
  });

  it('copies rarely changed files before often changed ones', () => {
    const at = (pattern: RegExp) =>
      instructions.findIndex(({ name, words }) => pattern.test(`${name} ${words}`));
    const order = [
      /^COPY package\.json package-lock/,
      /^RUN npm ci/,
      /^COPY src/,
      /^RUN node scripts\/bundle\/main/,
      /^COPY --from=bundle \/usr/,
      /^COPY --from=bundle \/app/,
      /^CMD/,
    ];
    const found = order.map(at);
    assert.ok(!found.includes(-1));
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
  });

  it('runs as a non-root user who may write only to the data folder', () => {
    assert.equal(one('USER'), '1000:1000');
    assert.equal(one('VOLUME'), '/data');
    assert.ok(last.some(({ name, words }) => name === 'ENV' && words === 'DATA_DIR=/data'));
    const afterUser = last.slice(last.findIndex(({ name }) => name === 'USER'));
    assert.ok(afterUser.every(({ name }) => name !== 'RUN' && name !== 'COPY'));
  });

  it('starts Ringdown on its port, and stops it with a signal that it handles', () => {
    assert.deepEqual(execForm(one('CMD')), [...startWords().slice(0, -1), 'server/main.js']);
    assert.equal(one('EXPOSE'), variables.get(environmentSchema.shape.PORT)?.default);
    assert.equal(one('STOPSIGNAL'), 'SIGTERM');
  });

  it('contains no secrets', () => {
    for (const { name, words } of instructions) {
      if (name !== 'ENV' && name !== 'ARG') continue;
      const [variable = ''] = words.split('=');
      assert.ok(!secretName.test(variable), words);
      assert.ok(['NODE_IMAGE', 'BASE_IMAGE', 'NODE_ENV', ...known].includes(variable), words);
    }
  });

  describe('health check', () => {
    const [node, flag, script = ''] = execForm(one('HEALTHCHECK').replace(/^.*?CMD /, ''));

    const check = async (port: number): Promise<number> =>
      await new Promise((resolve) => {
        const child = execFile(
          execPath,
          ['-e', script],
          { env: { ...env, PORT: String(port) } },
          () => undefined,
        );
        child.on('exit', (code) => resolve(code ?? -1));
      });

    for (const [status, exitCode] of [
      [200, 0],
      [503, 1],
    ] as const) {
      it(`ends with ${exitCode} when /healthz answers ${status}`, async () => {
        assert.deepEqual([node, flag], ['node', '-e']);
        const asked: string[] = [];
        const server = createServer((request, response) => {
          asked.push(request.url ?? '');
          // Not chained: restify, which other tests load, patches writeHead so that it returns nothing.
          response.writeHead(status);
          response.end();
        }).listen(0, '127.0.0.1');
        await once(server, 'listening');
        const address = server.address();
        assert.ok(typeof address === 'object' && address !== null);
        try {
          assert.equal(await check(address.port), exitCode);
          assert.deepEqual(asked, ['/healthz']);
        } finally {
          server.close();
          server.closeAllConnections();
        }
        assert.equal(await check(address.port), 1, 'nobody listens');
      });
    }
  });
});

const Service = z.looseObject({
  image: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  env_file: z.string().optional(),
  deploy: z.object({ replicas: z.number() }).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  depends_on: z.unknown().optional(),
  privileged: z.boolean().optional(),
});
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
  configs: z.record(z.string(), z.object({ content: z.string() })),
});

describe('compose.yaml', () => {
  const { services, volumes, configs } = Compose.parse(parse(read('compose.yaml')));
  const { ringdown, database, proxy } = services;
  assert.ok(ringdown && database && proxy);

  it('runs two replicas on PostgreSQL, which is not reachable from outside', () => {
    assert.equal(ringdown.deploy?.replicas, 2);
    assert.equal(database.image, 'postgres:17');
    assert.equal(database.ports, undefined);
    assert.equal(ringdown.ports, undefined, 'two replicas cannot have one port of the machine');
    assert.deepEqual(proxy.ports, ['80:80', '443:443']);
  });

  it('sets only known variables, to valid values', () => {
    for (const [name, value] of Object.entries(ringdown.environment ?? {})) {
      assert.ok(known.includes(name), name);
      const rule = Object.entries(environmentSchema.shape).find(([key]) => key === name)?.[1];
      const filled = value.replaceAll(/\$\{[^}]*\}/g, 'x');
      assert.equal(rule?.safeParse(filled).success, true, name);
    }
    assert.equal(ringdown.env_file, '.env');
  });

  it('contains no secrets: they come from .env', () => {
    for (const { environment = {} } of Object.values(services)) {
      for (const [name, value] of Object.entries(environment)) {
        const isSecret = secretName.test(name) && !/^postgres:\/\/\w+@/.test(value);
        if (isSecret) assert.match(value, /^\$\{[A-Z_]+:\?[^}]+\}$/, name);
      }
    }
    const asked = [...read('compose.yaml').matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map(([, name]) => name ?? '');
    for (const name of asked) assert.ok([...known, 'POSTGRES_PASSWORD'].includes(name), name);
    assert.match(read('.gitignore'), /^\.env$/m);
  });

  it('accepts any characters in the password, because no URL contains it', () => {
    assert.equal(ringdown.environment?.['PGPASSWORD'], database.environment?.['POSTGRES_PASSWORD']);
    assert.equal(new URL(ringdown.environment?.['DATABASE_URL'] ?? '').password, '');
  });

  it('lets Ringdown write only to memory', () => {
    assert.equal(ringdown.read_only, true);
    assert.deepEqual(ringdown.tmpfs, ['/tmp']);
    for (const service of Object.values(services)) assert.notEqual(service.privileged, true);
  });

  it('the proxy uses Ringdown’s port, and logs no request paths', () => {
    const { content } = configs.proxy ?? { content: '' };
    assert.match(content, new RegExp(`dynamic a ringdown ${ringdown.environment?.PORT} `));
    assert.doesNotMatch(content, /\blog\b/);
    assert.equal(content.split('{').length, content.split('}').length);
  });

  it('all referenced files exist', () => {
    for (const { volumes: used = [] } of Object.values(services)) {
      for (const volume of used) assert.ok((volume.split(':')[0] ?? '') in volumes, volume);
    }
    assert.ok(existsSync(path('Dockerfile')));
  });
});

const Workflow = z.looseObject({
  on: z.looseObject({}),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({
      'timeout-minutes': z.number(),
      needs: z.string().optional(),
      permissions: z.unknown().optional(),
      steps: z.array(
        z.looseObject({
          uses: z.string().optional(),
          run: z.string().optional(),
          with: z.record(z.string(), z.unknown()).optional(),
        }),
      ),
    }),
  ),
});

for (const name of ['ci', 'release']) {
  describe(`GitHub workflow ${name}`, () => {
    const text = read(`.github/workflows/${name}.yml`);
    const workflow = Workflow.parse(parse(text));
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

    it('runs the same CI as everywhere', () => {
      assert.ok(steps.some(({ run }) => run === 'bash .ci/run'));
      assert.ok(existsSync(path('.ci/run')));
      for (const job of Object.values(workflow.jobs)) assert.ok(job['timeout-minutes'] >= 1);
    });

    it('fails if a production package has a known vulnerability', () => {
      assert.ok(steps.some(({ run }) => run === 'npm audit --omit=dev --audit-level=high'));
    });

    it('pins actions to a commit, and names the version', () => {
      const used = [...text.matchAll(/uses: (\S+)(.*)/g)];
      assert.ok(used.length > 0);
      for (const [, action = '', comment = ''] of used) {
        assert.match(action, /^(actions\/(checkout|setup-node)|sigstore\/cosign-installer)@[0-9a-f]{40}$/);
        assert.match(comment, /^ # v\d+\.\d+\.\d+$/);
      }
    });

    it('may only read the code, except to write a release', () => {
      assert.deepEqual(workflow.permissions, { contents: 'read' });
      const release = { contents: 'write', packages: 'write', 'id-token': 'write' };
      for (const [called, job] of Object.entries(workflow.jobs)) {
        const writes = name === 'release' && called === 'image';
        assert.deepEqual(job.permissions, writes ? release : undefined);
        // Packages run with the permissions of their job, so a job that can write must not install any.
        if (writes)
          assert.ok(!job.steps.some(({ run = '' }) => /\.ci\/run|npm (ci|install|test|run)/.test(run)));
      }
      assert.doesNotMatch(text, /secrets\.|pull_request_target/);
      // User input, such as the name of a tag, must not be part of a script.
      for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
      for (const { uses, with: given } of steps) {
        if (uses?.startsWith('actions/checkout@')) assert.equal(given?.['persist-credentials'], false);
      }
    });
  });
}

describe('a release', () => {
  const workflow = Workflow.parse(parse(read('.github/workflows/release.yml')));
  const scripts = Object.values(workflow.jobs).flatMap((job) => job.steps.map(({ run = '' }) => run));

  it('signs only what has passed the checks', () => {
    assert.deepEqual(workflow.jobs['image']?.needs, 'checks');
  });

  it('is made from a tag, and signs exactly the image that it pushed, with its bill of materials', () => {
    assert.deepEqual(workflow.on, { push: { tags: ['v*'] } });
    const order = [
      'bash .ci/run',
      'npm audit',
      'docker build',
      ':/app/sbom.cdx.json" sbom.cdx.json',
      'docker push',
      'cosign sign',
      'gh release create',
    ];
    const places = order.map((part) => scripts.findIndex((text) => text.includes(part)));
    assert.ok(!places.includes(-1));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.ok(scripts.some((text) => /cosign sign --yes "\$DIGEST"\ncosign attest .* "\$DIGEST"/.test(text)));
  });
});
