import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { phraseAt, phrases, type Phrase, type Word } from '../words.ts';

export const negations = "don't|dont|do_not|never";

const fixedWordings = {
  acknowledge: phrases(
    '|i ack|acknowledge |it|this|that, acknowledged, |i ack|acknowledge |the|this alert|escalation',
  ),
  resolve: phrases('resolve |it|this|that, resolved, resolve |the|this alert|escalation'),
  hangUp: phrases(
    'hang_up|hangup|cancel|stop|abort |it|this|that, hang_up|cancel|stop|abort |the|this|my call|escalation',
    'end |the|this|my call, hang up on him|her|them, stop calling |him|her|them',
  ),
  status: phrases(
    "|call|show|show_the|show_me_the status, what_is|what's|whats the status, what_is|what's running",
  ),
  history: phrases(
    '|show|show_me |my|the |call history, |show|show_me my |last|recent calls, last|recent calls',
  ),
  stopCallingMe: phrases(
    'stop calling|ringing|phoning me, no more calls, opt out',
    `${negations} call|ring|phone me |again|anymore|any_more|ever_again`,
  ),
  allowCalls: phrases(
    'allow calls |to_me |again, you can|may call me |again, start calling me |again, opt in',
  ),
  forgetMe: phrases('forget |about me, forget everything about me, delete my data'),
  pause: phrases('pause |all_calls|calls|all|calling|everything, stop all calls|calling'),
  resume: phrases('resume|unpause |all_calls|calls|all|calling|everything'),
  help: phrases(
    'help |me, i need help, call help, commands, usage, menu, what can|do you do, what can i say|do',
    'who|what are you, how does this work',
  ),
  thanks: phrases('thanks, |many thanks, thanks a lot, thank you |very_much, thx, ty, cheers'),
} satisfies Partial<Record<Command['kind'], readonly Phrase[]>>;

type FixedKind = keyof typeof fixedWordings;

const isFixedKind = (kind: string | undefined): kind is FixedKind =>
  kind !== undefined && kind in fixedWordings;

const fixedKinds = new Map(
  Object.entries(fixedWordings).flatMap(([kind, wordings]) =>
    wordings.map((wording) => [wording.join(' '), kind] as const),
  ),
);

const howTo = phrases('how do|can i|you, how to, how does');

export function parseFixedWording(words: readonly Word[]): Command | undefined {
  for (const keys of [words, withoutClosing(words)]) {
    const kind = fixedKinds.get(keys.map(({ key }) => key).join(' '));
    if (isFixedKind(kind)) return { kind };
  }
  return phraseAt(words, 0, howTo) > 0 ? { kind: 'help' } : undefined;
}
