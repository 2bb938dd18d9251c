import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { environmentSchema, variables } from '../../src/config/environment.ts';

/** The entries of .env.example: each assignment and the comment above it, joined to one line. */
function entries() {
  const source = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const found: { name: string; value: string; commented: boolean; comment: string }[] = [];
  let comment: string[] = [];
  for (const line of source.split('\n')) {
    const [, mark, name, value] = /^(# ?)?([A-Za-z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      found.push({ name, value, commented: mark !== undefined, comment: comment.join(' ') });
      comment = [];
    } else if (line === '') comment = [];
    else comment.push(line.replace(/^# /, ''));
  }
  return { source, found };
}

describe('.env.example', () => {
  it('has every variable of the schema with its default and comment, and no other', () => {
    const expected = Object.entries(environmentSchema.shape).map(([name, rule]) => {
      const variable = variables.get(rule);
      return {
        name,
        value: variable?.default ?? '',
        commented: variable?.toFill !== true,
        comment: variable?.about,
      };
    });
    assert.deepEqual(entries().found, expected);
  });

  it('is an environment in which everything is empty until filled in', () => {
    assert.deepEqual(new Set(Object.values(parseEnv(entries().source))), new Set(['']));
  });
});
