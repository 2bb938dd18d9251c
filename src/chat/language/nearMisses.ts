import type { Command, NearCommand } from './command.ts';
import { negations } from './verbs/fixedWordings.ts';
import { phraseAt, phrases, wordSet, type Word } from './words.ts';

const hints: readonly (readonly [near: NearCommand, keys: ReadonlySet<string>])[] = [
  ['escalate', wordSet('escalate escalates escalated escalating escalation')],
  ['acknowledge', wordSet('ack acknowledge acknowledged acknowledges acknowledging')],
  ['resolve', wordSet('resolve resolved resolves resolving')],
  ['hangUp', wordSet('hang hangup cancel abort')],
  [
    'call',
    wordSet('call calls called calling phone phoned phoning ring rang ringing dial dialed dialled telephone'),
  ],
  ['cover', wordSet('cover covers covering')],
  ['onCall', wordSet('on-call oncall duty')],
  ['status', wordSet('status')],
  ['history', wordSet('history')],
  ['test', wordSet('test tests testing')],
  ['pause', wordSet('pause paused')],
  ['resume', wordSet('resume resumed unpause')],
  ['forgetMe', wordSet('forget')],
  ['whoIs', wordSet('who whois')],
  ['help', wordSet('help')],
];

const stopsCalls = phrases(`stop calling|ringing|phoning me, ${negations} call|ring|phone me`);

export function unknown(words: readonly Word[]): Command {
  if (words.some((_, at) => phraseAt(words, at, stopsCalls) > 0))
    return { kind: 'unknown', near: 'stopCallingMe' };
  const keys = new Set(words.map(({ key }) => key));
  const first = words[0]?.key ?? '';
  const hint =
    hints.find(([, hinted]) => [...hinted].some((key) => keys.has(key))) ??
    hints.find(([, hinted]) => [...hinted].some((key) => isMistyped(first, key)));
  return hint ? { kind: 'unknown', near: hint[0] } : { kind: 'unknown' };
}

/**
 * Whether a word of at least four letters has one typo: an extra, missing or wrong letter, or two swapped ones. The
 * first letter must be right.
 */
function isMistyped(typed: string, meant: string): boolean {
  if (meant.length < 4 || typed[0] !== meant[0] || Math.abs(typed.length - meant.length) > 1) return false;
  let at = 0;
  while (at < meant.length && typed[at] === meant[at]) at += 1;
  const [t, m] = [typed.slice(at), meant.slice(at)];
  const swapped = `${m.charAt(1)}${m.charAt(0)}${m.slice(2)}`;
  return t.slice(1) === m || t === m.slice(1) || t.slice(1) === m.slice(1) || (m.length > 1 && t === swapped);
}
