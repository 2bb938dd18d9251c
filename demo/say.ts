import type { Emulator } from '../emulator/emulator.ts';
import { z } from 'zod';
import { textsFor } from '../src/texts/texts.ts';
import type { Bot } from './bot.ts';

const listAnswer = z.object({ items: z.array(z.object({ id: z.string() })) });

const entrySchema = z.object({
  at: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});
type Entry = z.infer<typeof entrySchema>;

const callAnswer = z.object({
  id: z.string(),
  status: z.string(),
  disposition: z.string().nullable(),
  reason: z.string().nullable(),
  target: z.object({ displayName: z.string() }),
  timeline: z.array(entrySchema),
});

const escalationAnswer = z.object({
  id: z.string(),
  status: z.string(),
  acknowledgedBy: z.object({ name: z.string() }).nullable(),
  calls: z.array(z.object({ status: z.string() })),
  timeline: z.array(entrySchema),
});

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

  const printed = new Map<string, number>();
  const tell = (who: string, id: string, timeline: Entry[], words: (entry: Entry) => string): void => {
    for (const entry of timeline.slice(printed.get(id) ?? 0)) line(who, words(entry), Date.parse(entry.at));
    printed.set(id, timeline.length);
  };
  const texts = textsFor('en');
  for (;;) {
    const escalation = await newest(bot, 'escalations', escalationAnswer);
    const call = await newest(bot, 'calls', callAnswer);
    if (escalation) {
      tell('ladder', escalation.id, escalation.timeline, texts.escalation.timeline);
      if (escalation.status !== 'open' && escalation.calls.every(({ status }) => status === 'ended')) {
        const by = escalation.acknowledgedBy ? ` by ${escalation.acknowledgedBy.name}` : '';
        line('end', `${escalation.status}${by}`);
        return escalation.status === 'acknowledged' ? exitCodes.reached : exitCodes.notReached;
      }
    } else if (call) {
      tell('call', call.id, call.timeline, texts.timeline);
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

/** The newest of a kind, whole; undefined if there is none yet. */
async function newest<Answer>(
  bot: Bot,
  kind: string,
  answer: z.ZodType<Answer>,
): Promise<Answer | undefined> {
  const id = listAnswer.safeParse(await bot.get(`/api/v1/${kind}?limit=1`)).data?.items[0]?.id;
  return id === undefined ? undefined : answer.safeParse(await bot.get(`/api/v1/${kind}/${id}`)).data;
}

/** What a message says without its card. */
function plainText(activity: { text?: string | undefined; summary?: string | undefined }): string | null {
  return activity.text?.trim() ? activity.text.trim() : (activity.summary ?? null);
}
