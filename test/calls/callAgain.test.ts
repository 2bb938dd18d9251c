import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Cause } from '../../src/calls/call.ts';
import { callAgain, type CallAgain } from '../../src/calls/callAgain.ts';
import { textsFor } from '../../src/texts/texts.ts';

const causes = textsFor('en').cards.cause;
const isCause = (word: string): word is Cause => Object.hasOwn(causes, word);

/** How docs/escalations.md says it: what a step does, and whether people can call again. */
const words: Record<CallAgain, RegExp> = {
  atOnce: /^at once; .+ wait \| yes$/,
  afterPause: /^after 15 seconds; .+ wait \| yes$/,
  afterRinging: /^30 seconds after the ring timeout; .+ \| yes$/,
  onRequest: /^no; .+ \| yes$/,
  never: /^no; .+ \| no$/,
};

describe('calling again', () => {
  it('docs/escalations.md has each cause once, with what the policy says', async () => {
    const docs = await readFile(new URL('../../docs/escalations.md', import.meta.url), 'utf8');
    const [, table = ''] = docs.split(/^\| why the call ended .*\n.*\n/m);
    const rows = table.split('\n\n')[0]?.split('\n') ?? [];
    assert.equal(rows.length, Object.keys(words).length);
    const listed = rows.flatMap((row) => {
      const [, , again = '', people = '', named = ''] = row.split('|').map((cell) => cell.trim());
      return [...named.matchAll(/`(\w+)`/g)].map(([, cause = '']) => ({ cause, is: `${again} | ${people}` }));
    });
    assert.deepEqual(listed.map(({ cause }) => cause).toSorted(), Object.keys(causes).toSorted());
    for (const { cause, is } of listed) {
      assert.ok(isCause(cause));
      assert.match(is, words[callAgain(cause)], cause);
    }
  });

  it('an escalation uses its tries for every fault, since codes do not tell which faults last', () => {
    for (const cause of ['serviceFault', 'throttled', 'invalidArgument', 'notFound', 'unsupported'] as const)
      assert.equal(callAgain(cause), 'atOnce', cause);
  });
});
