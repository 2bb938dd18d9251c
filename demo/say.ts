import type { Emulator } from '../emulator/emulator.ts';
import type { Bot } from './bot.ts';
import { Timelines } from './timelines.ts';

/** The contract's exit codes. */
export const exitCodes = { reached: 0, fault: 1, notReached: 2 } as const;

/** How long the demo waits for anything at all to happen. */
const PATIENCE_MS = 300_000;
/** Nothing was placed if the bot only answered, and no call shows up so long after. */
const ANSWER_ONLY_MS = 1_500;

const reached = new Set(['answered', 'acknowledged', 'connected_to_caller']);

/**
 * Says one chat message as a Teams user and prints what happens, line by line, until the call or the escalation has ended.
 *
 * @returns the exit code
 */
export async function say(parts: {
  text: string;
  from: string;
  emulator: Emulator;
  bot: Bot;
  print: (line: string) => void;
}): Promise<number> {
  const { text, from, emulator, bot, print } = parts;
  const started = Date.now();
  const line = (who: string, words: string, at = Date.now()): void => {
    print(`${(Math.max(0, at - started) / 1000).toFixed(3).padStart(7)} s  ${who.padEnd(9)} ${words}`);
  };

  emulator.channel.on('activity', ({ what, message }) => {
    const words = what === 'sent' ? plainText(message.activity) : null;
    if (words) line('Ringdown', words);
  });
  line(from.split(' ')[0] ?? from, text);
  const heard = await emulator.channel.send({ from, text });
  if (heard.status >= 300) {
    line('', `The bot refused the message (HTTP ${heard.status}).`);
    return exitCodes.fault;
  }

  const timelines = new Timelines(bot, started, line);
  for (;;) {
    const {
      escalations: [escalation],
      calls: [call],
    } = await timelines.tell();
    if (escalation) {
      if (escalation.status !== 'open' && escalation.calls.every(({ status }) => status === 'ended')) {
        const by = escalation.acknowledgedBy ? ` by ${escalation.acknowledgedBy.name}` : '';
        line('end', `${escalation.status}${by}`);
        return escalation.status === 'acknowledged' ? exitCodes.reached : exitCodes.notReached;
      }
    } else if (call) {
      if (call.status === 'ended') {
        for (const spoken of emulator.phone(call.target.displayName).spoken())
          line('phone', `heard: “${spoken}”`);
        line('end', `${call.disposition ?? ''}: ${call.reason ?? ''}`);
        return call.disposition && reached.has(call.disposition) ? exitCodes.reached : exitCodes.notReached;
      }
    } else if (Date.now() - started > ANSWER_ONLY_MS && (await bot.get('/readyz')) !== null) {
      line('end', 'No call was placed.');
      return exitCodes.notReached;
    }
    if (Date.now() - started > PATIENCE_MS) {
      line('end', 'Nothing more happened.');
      return exitCodes.fault;
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** What a message says without its card. */
function plainText(activity: { text?: string | undefined; summary?: string | undefined }): string | null {
  return activity.text?.trim() ? activity.text.trim() : (activity.summary ?? null);
}
