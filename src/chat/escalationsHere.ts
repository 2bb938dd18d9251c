import type { Clock } from '../clock.ts';
import type { Database } from '../database/open.ts';
import type { Escalation } from '../escalations/escalation.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import { cardsIn, subjectsIn } from './cardStore.ts';
import { escalationIdOf, escalationSubject } from './escalationCards.ts';
import { isPerson, isStarter, type EscalationRights } from './escalationRights.ts';
import type { ChatTurn } from './turn.ts';

interface Parts {
  escalations: EscalationService;
  rights: EscalationRights;
  database: Database;
  clock: Clock;
}

const MOST_LOOKED_AT = 50;
const MOST_SHOWN = 1_000;
/** Whose own alerts lie further back than so many others does not find them. */
const MOST_ROUNDS = 10;
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

  /** Those that run and may be shown here, the newest first: a shared conversation shows only its own. */
  async running(turn: ChatTurn, limit: number): Promise<Escalation[]> {
    const running = await this.#parts.escalations.list({ limit: MOST_LOOKED_AT, running: true });
    return (await this.#visible(turn, running, await this.#shownIn(turn))).slice(0, limit);
  }

  /** All of them, also those that are over, as far back as `before`. */
  async ever(
    turn: ChatTurn,
    { before, limit }: { before: { createdAt: string; id: string } | null; limit: number },
  ): Promise<Escalation[]> {
    const { escalations } = this.#parts;
    const shown = await this.#shownIn(turn);
    const found: Escalation[] = [];
    let from = before;
    for (let round = 0; round < MOST_ROUNDS && found.length < limit; round += 1) {
      const page = await escalations.list({
        limit: MOST_LOOKED_AT,
        ...(from ? { before: from } : {}),
        ...(turn.shared ? { ids: [...shown] } : {}),
      });
      found.push(...(await this.#visible(turn, page, shown)));
      from = page.at(-1) ?? null;
      if (page.length < MOST_LOOKED_AT) break;
    }
    return found.slice(0, limit);
  }

  async #visible(
    turn: ChatTurn,
    some: readonly Escalation[],
    shown: ReadonlySet<string>,
  ): Promise<Escalation[]> {
    const visible: Escalation[] = [];
    for (const one of some) {
      if (shown.has(one.id) || (!turn.shared && (await this.#isOwn(turn, one)))) visible.push(one);
    }
    return visible;
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
    const { sql } = this.#parts.database;
    const subjects = await subjectsIn(sql, turn.conversationKey, escalationSubject(''), MOST_SHOWN);
    return new Set(subjects.flatMap((subject) => escalationIdOf(subject) ?? []));
  }
}
