import type { Command } from '../command.ts';
import { isOnlyClosing, withoutClosing } from '../courtesies.ts';
import { trimEdges } from '../edges.ts';
import { policyCommand, policyIn } from '../policyNames.ts';
import { phraseAt, phrases, sliceOf, type Context, type Word } from '../words.ts';

const onCallWords = phrases("|who_is|who's|whos on_call|on-call|oncall, who_is|who's|whos on duty");

export function parseOnCall(words: readonly Word[], { text }: Context): Command | undefined {
  return policyCommand('onCall', words, phraseAt(words, 0, onCallWords), text);
}

const coverVerbs = phrases("|i'll|i_will|let_me cover for|");

const untilWords = phrases('until, till, til');

export function parseCover(words: readonly Word[], { text }: Context): Command | undefined {
  const verb = phraseAt(words, 0, coverVerbs);
  if (verb === 0) return undefined;
  const limit = words.findIndex((_, at) => at >= verb && phraseAt(words, at, untilWords) > 0);
  const named = words.slice(verb, limit < 0 ? undefined : limit);
  if (isOnlyClosing(named)) return { kind: 'incomplete', of: 'cover', missing: 'policy' };
  const policy = policyIn(named, text);
  if (policy === undefined) return { kind: 'unknown', near: 'cover' };
  const until = limit < 0 ? '' : trimEdges(sliceOf(text, withoutClosing(words.slice(limit + 1))));
  return until === ''
    ? { kind: 'incomplete', of: 'cover', missing: 'until' }
    : { kind: 'cover', policy, until };
}
