import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '../../../emulator/connector/activity.ts';
import type { Emulator } from '../../../emulator/emulator.ts';

/** What somebody is told whose call was not placed. */
const NOTHING_PLACED = /No call was placed|Something went wrong on my side/;
/** What they are told who have to look for a card, or for the call itself, before they ask again. */
const NOT_CERTAIN = /unless a card shows one|I do not know whether it was done/;
/** They were told to try again in a minute; most will not wait so long. A card shows up before. */
const AGAIN_AFTER_MS = 15_000;
/**
 * Longer than any call of the soak test: by then a card whose first request failed has appeared with the end of the
 * call.
 */
const SILENCE_MS = 180_000;
/** How long Teams waits for a bot before it delivers the message again. */
const DELIVERY_MS = 15_000;
const FINAL = /\b(Answered|Declined|No answer|Busy|Unreachable|Not allowed|Cancelled|Failed)\b/;
/** People who ask for calls: nobody asks for thousands. */
export const ASKERS = 100;

/**
 * Sends a message as Teams does: retries until accepted. And as a person does: asks again after hearing that nothing
 * was placed, or if no card has appeared after an uncertain reply.
 *
 * @returns the conversation, and how often the person had to ask again
 */
export async function say(
  emulator: Emulator,
  personId: string,
  index: number,
): Promise<{ conversation: string; refusals: number }> {
  const asker = `Asker ${index % ASKERS}`;
  const conversation = emulator.channel.groupChat([asker], `soak ${index}`);
  const answers = (): Message[] => emulator.channel.messages(conversation.id);
  let before = 0;
  for (let refusals = 0; ;) {
    const sent = emulator.channel
      .send({
        from: asker,
        conversation,
        mentions: ['bot'],
        text: `call ${personId}: message number ${index}`,
        fields: { id: `soak-${index}-${refusals}` },
      })
      .catch(() => null);
    const heard = await Promise.race([sent, pause(DELIVERY_MS, null, { ref: false })]);
    if (heard?.status !== 200) {
      await pause(500);
      continue;
    }
    const words = await toldIn(() => answers().slice(before));
    if (words === null) return { conversation: conversation.id, refusals };
    await pause(AGAIN_AFTER_MS);
    if (NOT_CERTAIN.test(words) && answers().some(isCard)) return { conversation: conversation.id, refusals };
    before = answers().length;
    refusals += 1;
  }
}

/**
 * A delivery whose answer was lost may have been answered in the chat, so the next delivery gets no reply. Messages
 * that the chat service refused come later.
 *
 * @param answers the bot's messages since
 * @returns why the call was not placed; null if there is a card, or there will be no reply any more
 */
async function toldIn(answers: () => Message[]): Promise<string | null> {
  const end = performance.now() + SILENCE_MS;
  while (performance.now() < end) {
    const now = answers();
    const words = now
      .map(({ activity }) => activity.text ?? '')
      .find((text) => NOTHING_PLACED.test(text) || NOT_CERTAIN.test(text));
    if (words !== undefined) return words;
    if (now.some(isCard)) return null;
    await pause(250);
  }
  return null;
}

function isCard({ activity }: Message): boolean {
  return (activity.attachments ?? []).length > 0;
}

/**
 * Whether there is a card, and the newest shows an end. (A crash may leave an older card that is no longer updated.)
 */
export function isFinal(messages: readonly Message[]): boolean {
  return FINAL.test(JSON.stringify(messages.findLast(isCard)?.activity ?? {}));
}

/** @returns how many cards do not show an end after a minute */
export async function untilCardsAreFinal(
  emulator: Emulator,
  conversations: Map<string, string>,
): Promise<number> {
  const open = new Set(conversations.values());
  for (let second = 0; second < 60 && open.size > 0; second++) {
    for (const id of open) {
      if (isFinal(emulator.channel.messages(id))) open.delete(id);
    }
    if (open.size > 0) await pause(1_000);
  }
  return open.size;
}
