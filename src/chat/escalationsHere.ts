import type { Clock } from '../clock.ts';
import type { Database } from '../database/open.ts';
import type { Escalation } from '../escalations/escalation.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import { cardsIn } from './cardStore.ts';
import { escalationIdOf } from './escalationCards.ts';
import { isPerson, isStarter, type EscalationRights } from './escalationRights.ts';
import type { ChatTurn } from './turn.ts';

interface Parts {
  escalations: EscalationService;
  rights: EscalationRights;
  database: Database;
  clock: Clock;
}

const MOST_LOOKED_AT = 50;
/** An exhausted escalation may still be acknowledged; after so long nobody means it any more. */
const EXHAUSTED_LASTS_MS = 24 * 3_600_000;
/** Who says "ack" so soon after somebody else did, means the same alert. */
const JUST_MS = 3_600_000;

/** Which escalations somebody means, or may see, where they speak. */
export class EscalationsHere {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Those that concern the asker: whom it has called, who started it, or where it is shown; if there are none, those
   * that they have the right to. One that is calling them right now goes before all others.
   */
  async concerning(turn: ChatTurn, verb: 'acknowledge' | 'resolve'): Promise<Escalation[]> {
    const wanted = (await this.#candidates()).filter(
      ({ ladder }) => verb === 'resolve' || ladder.status !== 'acknowledged',
    );
    const { objectId } = turn.asker;
    const callingNow = wanted.filter(({ ladder }) =>
      ladder.rungs.some(({ state, target }) => state === 'calling' && isPerson(target, objectId ?? '')),
    );
    if (callingNow.length === 1) return callingNow;
    const near = await this.#near(turn, wanted);
    const allowed = await this.#allowed(turn, near.length > 0 ? near : wanted);
    const open = allowed.filter(({ ladder }) => ladder.status !== 'exhausted');
    return open.length > 0 ? open : allowed;
  }

  /** The one that somebody has acknowledged a moment ago, for who comes second. */
  async justTaken(turn: ChatTurn): Promise<Escalation | null> {
    const since = this.#parts.clock.now() - JUST_MS;
    const taken = (await this.#candidates()).filter(
      ({ ladder }) =>
        ladder.status === 'acknowledged' && Date.parse(ladder.acknowledgedBy?.at ?? '') >= since,
    );
    const [newest] = (await this.#near(turn, taken)).toSorted((a, b) =>
      (b.ladder.acknowledgedBy?.at ?? '').localeCompare(a.ladder.acknowledgedBy?.at ?? ''),
    );
    return newest ?? null;
  }

  /** What the asker started, still open. */
  async startedBy(turn: ChatTurn): Promise<Escalation[]> {
    const running = await this.#parts.escalations.list({ limit: MOST_LOOKED_AT, running: true });
    return running.filter((one) => one.ladder.status === 'open' && isStarter(turn.asker, one));
  }

  /** Those that may be shown here, the newest first: a shared conversation shows only its own. */
  async visible(turn: ChatTurn, query: { running: boolean; limit: number }): Promise<Escalation[]> {
    const { escalations } = this.#parts;
    const shown = await this.#shownIn(turn);
    const found = new Map<string, Escalation>();
    if (!turn.shared || query.running) {
      const listed = await escalations.list({
        limit: MOST_LOOKED_AT,
        ...(query.running ? { running: true } : {}),
      });
      for (const one of listed) {
        if (shown.has(one.id)) found.set(one.id, one);
        else if (!turn.shared && (await this.#isOwn(turn, one))) found.set(one.id, one);
      }
    }
    if (!query.running) {
      for (const id of [...shown].slice(0, query.limit)) {
        const one = found.get(id) ?? (await escalations.get(id));
        if (one) found.set(id, one);
      }
    }
    return [...found.values()]
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
      .slice(0, query.limit);
  }

  /** The revision that the card in this conversation shows; null if there is none. */
  async seenRevision(turn: ChatTurn, id: string): Promise<number | null> {
    const cards = await cardsIn(this.#parts.database.sql, turn.conversationKey, MOST_LOOKED_AT);
    const own = cards.filter(({ subject }) => escalationIdOf(subject) === id);
    return own.map(({ covers }) => covers).find((covers) => covers !== null) ?? null;
  }

  async #candidates(): Promise<Escalation[]> {
    const { escalations, clock } = this.#parts;
    const [running, exhausted] = await Promise.all([
      escalations.list({ limit: MOST_LOOKED_AT, running: true }),
      escalations.list({ limit: MOST_LOOKED_AT, status: 'exhausted' }),
    ]);
    const since = clock.now() - EXHAUSTED_LASTS_MS;
    const recent = exhausted.filter(({ ladder }) => Date.parse(ladder.endedAt ?? '') >= since);
    return [...running, ...recent];
  }

  async #near(turn: ChatTurn, some: readonly Escalation[]): Promise<Escalation[]> {
    const shown = await this.#shownIn(turn);
    const near: Escalation[] = [];
    for (const one of some) {
      if (shown.has(one.id) || (await this.#isOwn(turn, one))) near.push(one);
    }
    return near;
  }

  async #isOwn(turn: ChatTurn, one: Escalation): Promise<boolean> {
    return isStarter(turn.asker, one) || (await this.#parts.rights.wasCalled(turn.asker, one));
  }

  async #allowed(turn: ChatTurn, some: readonly Escalation[]): Promise<Escalation[]> {
    const rights = await Promise.all(some.map(async (one) => await this.#parts.rights.of(turn.asker, one)));
    return some.filter((_, index) => rights[index] === 'yes');
  }

  /** Ids, the newest card first. */
  async #shownIn(turn: ChatTurn): Promise<Set<string>> {
    const cards = await cardsIn(this.#parts.database.sql, turn.conversationKey, MOST_LOOKED_AT);
    return new Set(cards.flatMap(({ subject }) => escalationIdOf(subject) ?? []));
  }
}
