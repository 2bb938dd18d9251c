import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentSchema } from '../../../src/config/environment.ts';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { hashOf } from '../../support/http/api/api.ts';

const script = fileURLToPath(new URL('../../../scripts/key.ts', import.meta.url));
const run = async (...names: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [script, ...names])).stdout;

describe('npm run key', () => {
  it('creates a 256-bit key, and prints the configuration lines for it', async () => {
    const [first, second] = await Promise.all([run('ci'), run('ci')]);
    const key = /^ {2}(rd_[\w-]{43})$/m.exec(first)?.[1] ?? '';
    assert.equal(Buffer.from(key.slice(3), 'base64url').length, 32);
    assert.ok(!second.includes(key), 'each one is new');
    assert.equal(first.split(key).length, 2, 'it is shown once');

    const hash = hashOf(key);
    const line = /^ {2}(- \{name: ci, hash: .*may.*)$/m.exec(first)?.[1] ?? '';
    assert.equal(readRingdownYaml(`apiKeys:\n  ${line}`, {}).apiKeys[0]?.hash, hash);
    const integration = /^ {2}(- \{name: ci, kind.*)$/m.exec(first)?.[1]?.replace('<policy>', 'p') ?? '';
    const file = `policies: {p: {steps: [{targets: [{user: a}]}]}}\nintegrations:\n  ${integration}`;
    assert.equal(readRingdownYaml(file, {}).integrations[0]?.hash, hash);
    const variable = /^ {2}API_KEYS=(.*)$/m.exec(first)?.[1];
    assert.deepEqual(environmentSchema.shape.API_KEYS.parse(variable), [{ name: 'ci', hash }]);
  });

  it('requires one name', async () => {
    for (const names of [[], ['a', 'b'], ['a:b'], ['a b']]) {
      await assert.rejects(run(...names), { code: 1 }, names.join());
    }
  });
});
