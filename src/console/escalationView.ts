import { z } from 'zod';
import { listAlerts } from '../alerts/alertStore.ts';
import type { Call, TimelineEntry } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import type { Database } from '../database/open.ts';
import type { Directory } from '../directory/directory.ts';
import type { Right } from '../escalations/escalationRights.ts';
import { severities } from '../http/api/escalationSchemas.ts';
import { time } from '../http/api/timeline.ts';
import { escalationLine } from '../texts/escalationTimeline.ts';
import { callRow, callRowSchema } from './callRow.ts';
import { factsOfOne, type EscalationFacts } from './escalationFacts.ts';
import { escalationRow, escalationRowShape } from './escalationRow.ts';
import { callLineSchema } from './lines.ts';
import type { CallLine, EscalationDetail } from './model.ts';
import type { Reader } from './reader.ts';
import { actsOf, type Sight } from './sight.ts';
import { Round, type View } from './view.ts';

interface Parts {
  database: Database;
  directory: Pick<Directory, 'find'>;
  sight: Sight;
  watches: View['watches'];
}

const MOST_ALERTS = 200;

export const escalationDetailSchema: z.ZodType<EscalationDetail> = z.object({
  ...escalationRowShape,
  details: z.string().nullable(),
  links: z.array(z.object({ text: z.string(), href: z.string() })),
  alerts: z.array(
    z.object({
      summary: z.string(),
      severity: z.enum(severities),
      status: z.enum(['firing', 'resolved', 'closed']),
      openedAt: time(),
      endedAt: time().nullable(),
      times: z.int(),
    }),
  ),
  calls: z.array(callRowSchema),
  timeline: z.array(callLineSchema),
});

/** One escalation. */
export class EscalationView implements View {
  readonly name = 'escalation';
  readonly watches: View['watches'];
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.watches = parts.watches;
  }

  async load(reader: Reader, id: string, round: Round): Promise<EscalationDetail | null> {
    const seen = await this.see(reader, id, round);
    if (!seen) return null;
    const { facts, right } = seen;
    const { escalation, calls, timeline } = facts;
    const { texts } = reader;
    const { database, directory } = this.#parts;
    const row = await escalationRow(facts, { directory, round, texts });
    const alerts = await round.once(
      `alerts ${id}`,
      async () => await listAlerts(database.sql, id, MOST_ALERTS),
    );
    return {
      ...row,
      may: actsOf(reader, escalation, right),
      details: escalation.details,
      links: escalation.links.filter(({ href }) => /^https?:\/\//i.test(href)),
      alerts,
      calls: calls.map((call) => callRow(call, escalation.policy, texts)),
      timeline: timeline.map((entry): CallLine => {
        const call = callOf(entry, calls);
        return {
          at: entry.at,
          type: entry.type,
          text: escalationLine(entry, texts),
          ...(call && { call: { id: call.id, callee: call.target.displayName } }),
        };
      }),
    };
  }

  /** @returns null if there is no such escalation, or if the reader may not see it */
  async see(
    reader: Reader,
    id: string,
    round = new Round(),
  ): Promise<{ facts: EscalationFacts; right: Right } | null> {
    const { database, sight } = this.#parts;
    const facts = await factsOfOne(database.sql, id, round);
    if (!facts) return null;
    const [right = 'no'] = await sight.rightsOf(reader, [facts], round);
    return reader.seesAll || right === 'yes' ? { facts, right } : null;
  }
}

/**
 * The call that an entry is about: the person's call whose beginning or end is nearest to it. An entry names the person
 * without an id, so for namesakes nobody can tell.
 */
export function callOf({ type, at, data }: TimelineEntry, calls: readonly Call[]): Call | undefined {
  if (type !== 'calling' && type !== 'callEnded') return undefined;
  const distance = (call: Call): number => {
    const then = type === 'calling' ? call.createdAt : (view(call).endedAt ?? call.createdAt);
    return Math.abs(Date.parse(then) - Date.parse(at));
  };
  const theirs = calls.filter(({ target }) => target.displayName === data?.['name']);
  if (new Set(theirs.map(({ target }) => targetKey(target))).size > 1) return undefined;
  return theirs.toSorted((one, other) => distance(one) - distance(other))[0];
}
