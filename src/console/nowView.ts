import { z } from 'zod';
import { callsEndedSince, listCalls } from '../calls/callLists.ts';
import type { Call } from '../calls/call.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import { readPause, type PauseState } from '../calls/pause.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/open.ts';
import type { Directory } from '../directory/directory.ts';
import type { EscalationStatus, Severity } from '../escalations/escalation.ts';
import { listEscalations, listExhausted } from '../escalations/escalationStore.ts';
import { EXHAUSTED_LASTS_MS } from '../escalations/possibleActs.ts';
import { time } from '../http/api/timeline.ts';
import { callRow, callRowSchema } from './callRow.ts';
import { factsOf, type EscalationFacts } from './escalationFacts.ts';
import { escalationRow, escalationRowSchema } from './escalationRow.ts';
import type { CallRow, EscalationRow, Now } from './model.ts';
import type { Reader } from './reader.ts';
import { actsOf, isOwnCall, type Sight } from './sight.ts';
import type { Round, View } from './view.ts';

interface Parts {
  database: Database;
  directory: Pick<Directory, 'find'>;
  sight: Sight;
  watches: View['watches'];
  clock: Pick<Clock, 'now'>;
}

/** All that somebody may see now. Readers share it. */
interface Board {
  pause: PauseState;
  escalations: EscalationFacts[];
  /** Of no escalation. */
  running: Call[];
  recent: Call[];
  /** By escalation. */
  policies: ReadonlyMap<string, string | null>;
}

const MOST_ESCALATIONS = 200;
const MOST_EXHAUSTED = 100;
const MOST_RUNNING = 500;
const MOST_RECENT = 500;
const MOST_SHOWN = 50;
const HOUR_MS = 3_600_000;

export const pausedSchema = z.object({ since: time().nullable(), by: z.string().nullable() }).nullable();

export const nowSchema: z.ZodType<Now> = z.object({
  paused: pausedSchema,
  escalations: z
    .array(escalationRowSchema)
    .describe(
      'Open ones, those that nobody acknowledged in the last 24 hours, and acknowledged ones; the most urgent first.',
    ),
  calls: z.array(callRowSchema).describe('Running calls of no escalation.'),
  recent: z.array(callRowSchema).describe('Calls that ended in the last hour, at most 50.'),
});

/** The page Now. */
export function nowView(parts: Parts): View & { load: (...args: Parameters<View['load']>) => Promise<Now> } {
  return { name: 'now', watches: parts.watches, load };

  async function load(reader: Reader, _: string, round: Round): Promise<Now> {
    const board = await round.once('board', async () => await boardOf(parts));
    const { pause, running, recent, policies } = board;
    const escalations = await seenEscalations(reader, board, round);
    const seen = new Set(escalations.map(({ id }) => id));
    const isSeen = (call: Call): boolean =>
      isOwnCall(reader, call) || (call.purpose.kind === 'escalate' && seen.has(call.purpose.escalationId));
    const row = (call: Call): CallRow => {
      const { purpose } = call;
      const policy = purpose.kind === 'escalate' ? (policies.get(purpose.escalationId) ?? null) : null;
      return callRow(call, policy, reader.texts);
    };
    return {
      paused: pause.paused ? { since: pause.since, by: pause.by } : null,
      escalations,
      calls: running.filter(isSeen).map(row),
      recent: (await ownRecent(reader, recent)).filter(isSeen).slice(0, MOST_SHOWN).map(row),
    };
  }

  async function seenEscalations(reader: Reader, board: Board, round: Round): Promise<EscalationRow[]> {
    const rights = await parts.sight.rightsOf(reader, board.escalations, round);
    const rows = await Promise.all(
      board.escalations.map(async (facts, index): Promise<EscalationRow[]> => {
        const right = rights[index] ?? 'no';
        if (!reader.seesAll && right !== 'yes') return [];
        const { directory } = parts;
        const shown = await escalationRow(facts, { directory, round, texts: reader.texts });
        return [{ ...shown, may: actsOf(reader, facts.escalation, right) }];
      }),
    );
    return rows.flat().toSorted(byUrgency);
  }

  /** If more calls than these have ended, somebody's own may be missing. */
  async function ownRecent({ seesAll, requester }: Reader, recent: Call[]): Promise<Call[]> {
    if (seesAll || recent.length < MOST_RECENT) return recent;
    const since = new Date(parts.clock.now() - HOUR_MS);
    const own = await callsEndedSince(parts.database.sql, since, {
      limit: MOST_SHOWN,
      requesterKey: requester.key,
    });
    return [...new Map([...own, ...recent].map((call) => [call.id, call])).values()].toSorted(byEnd);
  }
}

async function boardOf({ database: { sql }, clock }: Parts): Promise<Board> {
  const since = new Date(clock.now() - HOUR_MS);
  const exhaustedSince = new Date(clock.now() - EXHAUSTED_LASTS_MS);
  const [pause, open, exhausted, running, recent] = await Promise.all([
    readPause(sql),
    listEscalations(sql, { running: true, limit: MOST_ESCALATIONS }),
    listExhausted(sql, exhaustedSince, MOST_EXHAUSTED),
    listCalls(sql, { open: true, apart: true, limit: MOST_RUNNING }),
    callsEndedSince(sql, since, { limit: MOST_RECENT }),
  ]);
  const ids = recent.flatMap(({ purpose }) => (purpose.kind === 'escalate' ? [purpose.escalationId] : []));
  const [escalations, over] = await Promise.all([
    factsOf(sql, [...open, ...exhausted]),
    listEscalations(sql, { ids: [...new Set(ids)], limit: MOST_RECENT }),
  ]);
  const policies = new Map(over.map(({ id, policy }) => [id, policy]));
  return { pause, escalations, running, recent, policies };
}

const urgency: Readonly<Record<Severity, number>> = { critical: 0, error: 1, warning: 2, info: 3 };

const needs: Readonly<Record<EscalationStatus, number>> = {
  open: 0,
  exhausted: 100,
  acknowledged: 200,
  resolved: 300,
  cancelled: 300,
};

/** By what they need from people, tests last, then by severity, the oldest first. */
function byUrgency(one: EscalationRow, other: EscalationRow): number {
  const rank = ({ status, test, severity }: EscalationRow): number =>
    needs[status] + (test ? 10 : 0) + urgency[severity];
  return rank(one) - rank(other) || one.createdAt.localeCompare(other.createdAt);
}

function byEnd(one: Call, other: Call): number {
  return (view(other).endedAt ?? '').localeCompare(view(one).endedAt ?? '');
}
