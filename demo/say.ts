import type { Emulator } from '../emulator/emulator.ts';
import { lookUp } from '../src/config/lookUp.ts';
import { whyEnded } from '../src/texts/callEnding.ts';
import { isKeyOf } from '../src/texts/entryData.ts';
import { textsFor, type Texts } from '../src/texts/texts.ts';
import type { Bot } from './bot.ts';
import { InOrder } from './inOrder.ts';
import { Timelines, type CallAnswer, type EscalationAnswer } from './timelines.ts';

/** The contract's exit codes. */
export const exitCodes = { reached: 0, fault: 1, notReached: 2 } as const;

/** How long the demo waits for anything at all to happen. */
const PATIENCE_MS = 300_000;
/** Nothing was placed if the bot only answered, and no call shows up so long after. */
const ANSWER_ONLY_MS = 1_500;
/** What the bot stores is told this soon, or it stands with its own time behind what was told before. */
export const HOLD_MS = 1_000;

const reached = new Set(['answered', 'acknowledged', 'connected_to_caller']);

/**
 * Sends one chat message and prints what happens, line by line, until the call or the escalation has ended.
 *
 * @returns the exit code
 */
export async function say(parts: {
  text: string;
  from: string;
  /** Where the chat is; Teams if absent. */
  channel?: string | undefined;
  /** What Teams is set to; English if absent. */
  language?: string | undefined;
  emulator: Emulator;
  bot: Bot;
  print: (line: string) => void;
}): Promise<number> {
  const { text, from, channel, language, emulator, bot, print } = parts;
  const started = Date.now();
  const seconds = (at: number): string => `${(Math.max(0, at - started) / 1000).toFixed(3)} s`;
  const lines = new InOrder(HOLD_MS, (heard, place) => {
    const late = heard.at < place ? ` (at ${seconds(heard.at)})` : '';
    print(`${seconds(place).padStart(9)}  ${heard.who.padEnd(9)} ${heard.words}${late}`);
  });
  const line = (who: string, words: string, at = Date.now()): void => lines.add({ at, who, words });
  const ended = (words: string, code: number): number => {
    line('end', words);
    lines.end();
    return code;
  };

  emulator.channel.on('activity', ({ what, message }) => {
    const words = what === 'sent' ? plainText(message.activity) : null;
    if (words) line('Ringdown', words);
  });
  line(from.split(' ')[0] ?? from, text);
  const heard = await emulator.channel.send({
    from,
    text,
    ...(channel !== undefined && { channelId: channel }),
    ...(language !== undefined && { locale: language }),
  });
  if (heard.status >= 300) {
    return ended(`The bot refused the message (HTTP ${heard.status}).`, exitCodes.fault);
  }

  const texts = textsFor(language);
  const timelines = new Timelines(bot, started, line, language);
  for (;;) {
    const askedAt = Date.now();
    const {
      escalations: [escalation],
      calls: [call],
    } = await timelines.tell();
    lines.heardUntil(askedAt);
    if (escalation) {
      if (escalation.status !== 'open' && escalation.calls.every(({ status }) => status === 'ended')) {
        const isReached = escalation.status === 'acknowledged';
        return ended(howItEnded(escalation, texts), isReached ? exitCodes.reached : exitCodes.notReached);
      }
    } else if (call) {
      if (call.status === 'ended') {
        for (const spoken of emulator.phone(call.target.displayName).spoken())
          line('phone', `heard: “${spoken}”`);
        const isReached = reached.has(call.disposition ?? '');
        const words = `${call.disposition ?? ''}: ${whyItEnded(call, from, texts)}`;
        return ended(words, isReached ? exitCodes.reached : exitCodes.notReached);
      }
    } else if (Date.now() - started > ANSWER_ONLY_MS && (await bot.get('/readyz')) !== null) {
      return ended('No call was placed.', exitCodes.notReached);
    }
    if (Date.now() - started > PATIENCE_MS) {
      return ended('Nothing more happened.', exitCodes.fault);
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

function howItEnded({ status, acknowledgedBy }: EscalationAnswer, texts: Texts): string {
  const { state: states, inShort } = texts.cards.escalation;
  const state = lookUp<string>(states, status) ?? status;
  return acknowledgedBy ? inShort.by({ state, by: acknowledgedBy.name }) : state;
}

function whyItEnded({ target, timeline }: CallAnswer, requester: string, texts: Texts): string {
  const end = timeline.findLast(({ type }) => type === 'ended' || type === 'corrected');
  const cause = end?.data?.['cause'];
  if (!isKeyOf(texts.cards.cause, cause)) return '';
  return whyEnded(cause, { callee: target.displayName, requester }, texts);
}

/** What a message says without its card. */
function plainText(activity: { text?: string | undefined; summary?: string | undefined }): string | null {
  return activity.text?.trim() ? activity.text.trim() : (activity.summary ?? null);
}
