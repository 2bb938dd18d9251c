import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import {
  concerning,
  type Concern,
  type ConcernQuery,
  type Concerning,
} from '../../escalations/concerning.ts';
import type { Escalation, EscalationStatus } from '../../escalations/escalation.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import { EXHAUSTED_LASTS_MS } from '../../escalations/possibleActs.ts';
import { rungsOf } from '../../escalations/ladder/rungs.ts';
import { countUncovered } from '../../alerts/coverage.ts';
import { knownTo } from '../../alerts/known.ts';
import { chatWith } from '../connector/conversationStore.ts';
import { isCallee } from '../../calls/callee.ts';
import type { EscalationRights } from '../../escalations/escalationRights.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  escalations: EscalationService;
  rights: EscalationRights;
  database: Database;
  clock: Clock;
}

/** More escalations than this are not considered. */
const MOST_NEAR = 50;
/** Bounds the search for escalations that the asker has a right to, but that are not shown to them. */
const PAGE = 100;
const MOST_PAGES = 20;
const ENOUGH_ALLOWED = 10;
/** An "ack" within this time after somebody else's means the same alert. */
const JUST_MS = 3_600_000;

const meantBy: Record<'acknowledge' | 'resolve', EscalationStatus[]> = {
  acknowledge: ['open', 'exhausted'],
  resolve: ['open', 'acknowledged', 'exhausted'],
};

/** Finds the escalations that somebody means, or may see, in a conversation. */
export class EscalationsHere {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The escalations that concern the asker: it has called them, they started it, or it is shown in this conversation. If
   * none of these is open, those that they have the right to. If exactly one is calling them right now, only that one.
   * Open escalations come before exhausted ones.
   */
  async concerning(turn: ChatTurn, verb: 'acknowledge' | 'resolve'): Promise<Escalation[]> {
    const statuses = meantBy[verb];
    const exhaustedSince = new Date(this.#parts.clock.now() - EXHAUSTED_LASTS_MS);
    const near = await this.#near(turn, { limit: MOST_NEAR, statuses, exhaustedSince });
    const { objectId } = turn.asker;
    const isCalled = ({ escalation: { ladder } }: Concerning): boolean =>
      rungsOf(ladder).some(({ state, target }) => state === 'calling' && isCallee(target, objectId));
    // First those whose call is at their phone: other calls to them wait until it is free.
    for (const is of [({ rings }: Concerning) => rings, isCalled]) {
      const [one, ...others] = near.filter(is);
      if (one && others.length === 0) return [one.escalation];
    }
    const allowed = await this.#allowed(turn, escalationsOf(near));
    const open = allowed.filter(({ ladder }) => ladder.status !== 'exhausted');
    if (open.length > 0) return open;
    const elsewhere = await this.#allowedElsewhere(turn, statuses, exhaustedSince);
    const openElsewhere = elsewhere.filter(({ ladder }) => ladder.status !== 'exhausted');
    if (openElsewhere.length > 0) return openElsewhere;
    return allowed.length > 0 ? allowed : elsewhere;
  }

  /** The escalation that somebody else has just acknowledged. */
  async justTaken(turn: ChatTurn): Promise<Escalation | null> {
    const acknowledgedSince = new Date(this.#parts.clock.now() - JUST_MS);
    const query = { limit: MOST_NEAR, statuses: ['acknowledged'], acknowledgedSince } as const;
    const [newest] = (await this.#near(turn, query)).toSorted((a, b) =>
      takenAt(b.escalation).localeCompare(takenAt(a.escalation)),
    );
    return newest?.escalation ?? null;
  }

  /** The open escalations that the asker started. */
  async startedBy({ asker }: ChatTurn): Promise<Escalation[]> {
    const query = { limit: MOST_NEAR, statuses: ['open'] } as const;
    return escalationsOf(await concerning(this.#parts.database.sql, { starter: asker }, query));
  }

  /** The running escalations that may be shown here. A shared conversation shows only its own. */
  async running(turn: ChatTurn, limit: number): Promise<Escalation[]> {
    const query = { limit, statuses: ['open', 'acknowledged'] } as const;
    return escalationsOf(await concerning(this.#parts.database.sql, shownIn(turn), query));
  }

  /** All escalations that may be shown here, past ones too, newest first, from `before` back. */
  async ever(
    turn: ChatTurn,
    query: { before: { createdAt: string; id: string } | null; limit: number },
  ): Promise<Escalation[]> {
    return escalationsOf(await concerning(this.#parts.database.sql, shownIn(turn), query));
  }

  /** Whether the asker has seen or heard the escalation, or nothing was added to it since it began. */
  async isKnown({ asker: { objectId }, conversationKey }: ChatTurn, { id }: Escalation): Promise<boolean> {
    const { sql } = this.#parts.database;
    const { read, heard } = await knownTo(sql, id, { objectId, conversationKey });
    return read !== null || heard !== null || (await countUncovered(sql, id)) === 0;
  }

  /** Includes what is shown in the asker's own chat. */
  async #near(turn: ChatTurn, query: ConcernQuery): Promise<Concerning[]> {
    const { sql } = this.#parts.database;
    const { asker, conversationKey } = turn;
    const own = asker.objectId === undefined ? null : await chatWith(sql, asker.objectId);
    const conversations = [conversationKey, ...(own ? [own.conversationKey] : [])];
    return await concerning(sql, { starter: asker, callee: asker.objectId, conversations }, query);
  }

  async #allowed(turn: ChatTurn, some: readonly Escalation[]): Promise<Escalation[]> {
    const rights = await Promise.all(some.map(async (one) => await this.#parts.rights.of(turn.asker, one)));
    return some.filter((_, index) => rights[index] === 'yes');
  }

  /** Escalations of the asker's policies that have not called them or shown them a card yet. */
  async #allowedElsewhere(
    turn: ChatTurn,
    statuses: readonly EscalationStatus[],
    exhaustedSince: Date,
  ): Promise<Escalation[]> {
    const { escalations, rights } = this.#parts;
    // Many may have the same policy, so its answer is cached.
    const known = new Map<string, Promise<boolean>>();
    const isAllowed = async (one: Escalation): Promise<boolean> => {
      const key = JSON.stringify([one.policy, one.steps]);
      const asked = known.get(key) ?? rights.of(turn.asker, one).then((right) => right === 'yes');
      known.set(key, asked);
      return await asked;
    };
    const found: Escalation[] = [];
    for (const status of statuses) {
      let before: Escalation | undefined;
      for (let page = 0; page < MOST_PAGES && found.length < ENOUGH_ALLOWED; page += 1) {
        const some = await escalations.list({ limit: PAGE, status, ...(before ? { before } : {}) });
        for (const one of some) {
          const isOld = status === 'exhausted' && new Date(one.ladder.endedAt ?? 0) < exhaustedSince;
          if (!isOld && (await isAllowed(one))) found.push(one);
        }
        before = some.at(-1);
        if (some.length < PAGE) break;
      }
    }
    return found;
  }
}

/** Selects what a conversation may show. */
function shownIn({ asker, shared, conversationKey }: ChatTurn): Concern {
  const conversations = [conversationKey];
  return shared ? { conversations } : { conversations, starter: asker, callee: asker.objectId };
}

function escalationsOf(some: readonly Concerning[]): Escalation[] {
  return some.map(({ escalation }) => escalation);
}

function takenAt({ ladder }: Escalation): string {
  return ladder.acknowledgedBy?.at ?? '';
}
