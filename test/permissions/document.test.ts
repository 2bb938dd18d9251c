import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { refusalReasons } from '../support/permissions/reasons.ts';

describe('docs/permissions.md', () => {
  let text = '';
  before(async () => {
    text = await readFile(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
  });

  it('shows only valid files', () => {
    const examples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => example);
    assert.equal(examples.length, 8);
    for (const example of examples) readRingdownYaml(example, {});
  });

  it('explains each reason for a refusal', () => {
    for (const reason of refusalReasons) {
      assert.match(text, new RegExp(`^\\| .*\`${reason}\`.* \\| `, 'm'), reason);
    }
  });
});
