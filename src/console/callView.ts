import { z } from 'zod';
import type { Call, TimelineEntry } from '../calls/call.ts';
import { loadWithTimeline } from '../calls/callStore.ts';
import { namesOf } from '../calls/callQueries.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/open.ts';
import type { Escalation } from '../escalations/escalation.ts';
import { adviceFor } from '../texts/advice.ts';
import { whyEnded } from '../texts/callEnding.ts';
import { callLine } from '../texts/callTimeline.ts';
import { together } from '../texts/sentences.ts';
import type { Texts } from '../texts/texts.ts';
import { callRow, callRowShape } from './callRow.ts';
import { factsOfOne } from './escalationFacts.ts';
import { lineSchema } from './lines.ts';
import type { CallDetail } from './model.ts';
import type { Reader } from './reader.ts';
import { isAskedBy, isOwnCall, mayHangUp, type Sight } from './sight.ts';
import { Round, type View } from './view.ts';

interface Parts {
  database: Database;
  sight: Sight;
  watches: View['watches'];
  config: Pick<Config, 'acs' | 'bot' | 'cloud'>;
}

export const callDetailSchema: z.ZodType<CallDetail> = z.object({
  ...callRowShape,
  message: z.string().nullable(),
  advice: z.string().nullable(),
  timeline: z.array(lineSchema),
  ids: z
    .object({
      callConnectionId: z.string().nullable(),
      serverCallId: z.string().nullable(),
      correlationId: z.string().nullable(),
    })
    .nullable(),
  teamsLink: z.string().nullable(),
  may: z.object({ hangUp: z.boolean() }),
});

interface SeenCall {
  call: Call;
  timeline: TimelineEntry[];
  escalation: Escalation | null;
}

/** One call. */
export class CallView implements View {
  readonly name = 'call';
  readonly watches: View['watches'];
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.watches = parts.watches;
  }

  async load(reader: Reader, id: string, round: Round): Promise<CallDetail | null> {
    const found = await this.see(reader, id, round);
    if (!found) return null;
    const { call, timeline, escalation } = found;
    const { texts } = reader;
    const { config, database } = this.#parts;
    const names = reader.seesAll
      ? await round.once(`names ${id}`, async () => await namesOf(database.sql, id))
      : null;
    return {
      ...callRow(call, escalation?.policy ?? null, texts),
      message: messageOf(call, escalation),
      advice: adviceOn(call, config.acs.resourceId, texts),
      timeline: timeline.map((entry) => ({ at: entry.at, type: entry.type, text: callLine(entry, texts) })),
      ids: names && { callConnectionId: call.callConnectionId, ...names },
      teamsLink: isAskedBy(reader.requester, call) ? linkToBot(config) : null,
      may: {
        hangUp: view(call).status !== 'ended' && !call.facts.hangUp && mayHangUp(reader, call),
      },
    };
  }

  /** @returns null if there is no such call, or if the reader may not see it */
  async see(reader: Reader, id: string, round = new Round()): Promise<SeenCall | null> {
    const { database, sight } = this.#parts;
    const { sql } = database;
    const found = await round.once(`call ${id}`, async () => await loadWithTimeline(sql, id));
    if (!found) return null;
    const { purpose } = found.call;
    if (purpose.kind !== 'escalate') {
      return isOwnCall(reader, found.call) ? { ...found, escalation: null } : null;
    }
    const { escalationId } = purpose;
    const facts = await factsOfOne(sql, escalationId, round);
    const seen = { ...found, escalation: facts?.escalation ?? null };
    if (isOwnCall(reader, found.call)) return seen;
    const [right] = facts ? await sight.rightsOf(reader, [facts], round) : [];
    return right === 'yes' ? seen : null;
  }
}

/** What is said; null if it was not kept. */
function messageOf({ purpose }: Call, escalation: Escalation | null): string | null {
  if (purpose.kind === 'speak') return purpose.message || null;
  return purpose.kind === 'escalate' ? (escalation?.summary ?? null) : null;
}

function adviceOn(call: Call, acsResourceId: string, texts: Texts): string | null {
  const { cause, code } = view(call);
  if (cause === null || code === null) return null;
  const { target, requestedBy } = call;
  const { userPrincipalName } = target;
  const why = whyEnded(cause, { callee: target.displayName, requester: requestedBy.name }, texts);
  const advice = adviceFor(cause, { acsResourceId, userPrincipalName }, texts);
  return together([why, ...(advice ? [advice.text] : [])], texts);
}

/** Opens the chat with the bot. UNCONFIRMED: not tried in the Teams clients. */
function linkToBot({ bot, cloud }: Parts['config']): string | null {
  return bot.appId === undefined ? null : `${cloud.teamsUrl}/l/chat/0/0?users=28:${bot.appId}`;
}
