import type { Emulator } from '../emulator/emulator.ts';
import { z } from 'zod';
import { textsFor } from '../src/texts/texts.ts';
import type { Bot } from './bot.ts';

const listAnswer = z.object({ items: z.array(z.object({ id: z.string() })) });

const callAnswer = z.object({
  status: z.string(),
  disposition: z.string().nullable(),
  reason: z.string().nullable(),
  target: z.object({ displayName: z.string() }),
  timeline: z.array(
    z.object({
      at: z.string(),
      type: z.string(),
      data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    }),
  ),
});

/** The contract's exit codes. */
export const exitCodes = { reached: 0, fault: 1, notReached: 2 } as const;

/** How long the demo waits for anything at all to happen. */
const PATIENCE_MS = 180_000;
/** Nothing was placed if the bot only answered, and no call shows up so long after. */
const ANSWER_ONLY_MS = 1_500;

const reached = new Set(['answered', 'acknowledged', 'connected_to_caller']);

/**
 * Says one chat message as a Teams user and prints what happens, line by line, until the call has ended.
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

  const texts = textsFor('en');
  let printed = 0;
  for (;;) {
    const list = listAnswer.safeParse(await bot.get('/api/v1/calls?limit=1')).data;
    const id = list?.items[0]?.id;
    const call = id ? callAnswer.safeParse(await bot.get(`/api/v1/calls/${id}`)).data : undefined;
    if (call) {
      for (const entry of call.timeline.slice(printed)) {
        line('call', texts.timeline(entry), Date.parse(entry.at));
      }
      printed = call.timeline.length;
      if (call.status === 'ended') {
        for (const spoken of emulator.phone(call.target.displayName).spoken())
          line('phone', `heard: “${spoken}”`);
        line('end', `${call.disposition ?? ''}: ${call.reason ?? ''}`);
        return call.disposition && reached.has(call.disposition) ? exitCodes.reached : exitCodes.notReached;
      }
    } else if (list && Date.now() - started > ANSWER_ONLY_MS) {
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
