import type { Command } from '../command.ts';
import { isOnlyClosing, withoutClosing } from '../courtesies.ts';
import { trimEdges } from '../edges.ts';
import { fillTwo } from '../frames.ts';
import { policyCommand, policyIn } from '../policyNames.ts';
import type { Context } from '../languages.ts';
import { sliceOf, type Word } from '../words.ts';

export const parseOnCall = (words: readonly Word[], context: Context): Command | undefined =>
  policyCommand('onCall', words, context);

export function parseCover(words: readonly Word[], context: Context): Command | undefined {
  const { language, text } = context;
  const said = withoutClosing(words, language);
  for (const frame of language.frames.cover) {
    const filled = fillTwo(said, frame);
    if (!filled) continue;
    const [named, limit] =
      frame.slots[0] === 'policy' ? [filled.first, filled.second] : [filled.second ?? [], filled.first];
    if (isOnlyClosing(named, language)) return { kind: 'incomplete', of: 'cover', missing: 'policy' };
    const policy = policyIn(named, context);
    if (policy === undefined) return { kind: 'unknown', near: 'cover' };
    const until = limit === undefined ? '' : trimEdges(sliceOf(text, withoutClosing(limit, language)));
    return until === ''
      ? { kind: 'incomplete', of: 'cover', missing: 'until' }
      : { kind: 'cover', policy, until };
  }
  return undefined;
}
