import { z } from 'zod';

/** A Bot Framework activity, as far as the emulator reads it. Other members are kept. */
export const Activity = z.looseObject({
  type: z.string().min(1),
  id: z.string().optional(),
  text: z.string().optional(),
  replyToId: z.string().optional(),
  attachments: z
    .array(z.looseObject({ contentType: z.string(), content: z.unknown().optional() }))
    .optional(),
});
export type Activity = z.infer<typeof Activity>;

/** One version of a message. */
export interface MessageVersion {
  at: number;
  activity: Activity;
}

/** A message of the bot, with its current and previous versions. */
export interface Message {
  id: string;
  conversationId: string;
  /** The thread that it belongs to in a team's channel: `19:…@thread.tacv2;messageid=…`. */
  threadId: string;
  activity: Activity;
  /** Oldest first; the last is current. */
  history: MessageVersion[];
  deleted: boolean;
}
