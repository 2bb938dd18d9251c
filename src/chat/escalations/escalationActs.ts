import { targetKey } from '../../calls/callStore.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Actor, Escalation } from '../../escalations/escalation.ts';
import type { EscalationService, Applied } from '../../escalations/escalationService.ts';
import { isSamePerson } from '../../escalations/ladder/endings.ts';
import { rungsOf } from '../../escalations/ladder/rungs.ts';
import { countUncovered } from '../../alerts/coverage.ts';
import { knownTo } from '../../alerts/known.ts';
import type { EscalationVerb } from '../cards/renderers/elements.ts';
import { isPerson, isStarter, type EscalationRights } from '../../escalations/escalationRights.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  escalations: EscalationService;
  rights: EscalationRights;
  database: Pick<Database, 'sql'>;
  clock: Pick<Clock, 'now'>;
}

/** Two presses of "call next" within this time skip one person, not two. */
const SAME_PRESS_MS = 5_000;

/**
 * What people do to an escalation, on a card or in chat. Checks their right, acts once, and answers with the result. If
 * somebody else was faster, the answer says who.
 */
export class EscalationActs {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param shown the revision of the escalation that the card or the question showed, if any
   * @returns what to say
   */
  async act(
    turn: ChatTurn,
    verb: EscalationVerb,
    escalation: Escalation,
    way: 'card' | 'chat',
    shown?: number,
  ): Promise<string> {
    const words = turn.texts.chat.escalations;
    const { ladder } = escalation;
    // Everybody may know that the escalation is over: the card shows it too.
    if (ladder.status === 'resolved') return words.already.resolved({ by: ladder.endedBy?.name ?? '' });
    if (ladder.status === 'cancelled') return words.already.cancelled({ by: ladder.endedBy?.name ?? '' });

    const refused = await this.#refusal(turn, verb, escalation);
    if (refused !== null) return refused;
    const { asker } = turn;
    const by: Actor = {
      key: asker.objectId ?? asker.key,
      name: asker.name,
      way,
      seenRevision: await this.#seen(turn, escalation, way, shown),
    };
    switch (verb) {
      case 'acknowledge':
        return await this.#acknowledge(turn, escalation, by);
      case 'cantTake':
      case 'callNext':
        return await this.#passOn(turn, verb, escalation, by);
      case 'resolve':
        return await this.#done(
          turn,
          escalation,
          by,
          'resolve',
          words.resolved({ summary: escalation.summary }),
        );
      case 'stop':
        return await this.#done(
          turn,
          escalation,
          by,
          'cancel',
          words.stopped({ summary: escalation.summary }),
        );
    }
  }

  /** The newest revision that the asker knows: from this card, from all cards they see in chat, or from the phone. */
  async #seen(
    { asker: { objectId }, conversationKey }: ChatTurn,
    { id }: Escalation,
    way: 'card' | 'chat',
    shown = 0,
  ): Promise<number> {
    const { read, heard } = await knownTo(this.#parts.database.sql, id, { objectId, conversationKey });
    return Math.max(shown, heard ?? 0, way === 'chat' ? (read ?? 0) : 0);
  }

  async #done(
    turn: ChatTurn,
    escalation: Escalation,
    by: Actor,
    act: 'acknowledge' | 'resolve' | 'cancel',
    words: string,
  ): Promise<string> {
    const { escalations, database } = this.#parts;
    const left = await countUncovered(database.sql, escalation.id, by.seenRevision ?? 0);
    const taken = await escalations[act](escalation.id, by);
    if (taken?.refused !== null) return overWords(turn, taken?.escalation ?? escalation);
    return left > 0 ? turn.texts.chat.escalations.doneInPart({ summary: escalation.summary }) : words;
  }

  async #refusal(turn: ChatTurn, verb: EscalationVerb, escalation: Escalation): Promise<string | null> {
    const words = turn.texts.chat.escalations;
    // People without an identity may at least stop what they started themselves.
    if (verb === 'stop' && isStarter(turn.asker, escalation)) return null;
    switch (await this.#parts.rights.of(turn.asker, escalation)) {
      case 'yes':
        return null;
      case 'no':
        return words.mayNot;
      case 'anonymous':
        return words.anonymousMayNot;
      case 'unknown':
        return words.rightsUnknown;
    }
  }

  async #acknowledge(turn: ChatTurn, escalation: Escalation, by: Actor): Promise<string> {
    const words = turn.texts.chat.escalations;
    const isOwn = ({ ladder }: Escalation): boolean =>
      ladder.status === 'acknowledged' &&
      ladder.acknowledgedBy !== null &&
      isSamePerson(ladder.acknowledgedBy, by);
    const done = isOwn(escalation) ? words.youHaveIt : words.acknowledged({ summary: escalation.summary });
    return await this.#done(turn, escalation, by, 'acknowledge', done);
  }

  async #passOn(
    turn: ChatTurn,
    verb: 'cantTake' | 'callNext',
    escalation: Escalation,
    by: Actor,
  ): Promise<string> {
    const { escalations } = this.#parts;
    const words = turn.texts.chat.escalations;
    const { ladder } = escalation;
    if (ladder.status !== 'open') return overWords(turn, escalation);
    const own = rungsOf(ladder).find(
      ({ target, state }) => state !== 'done' && isPerson(target, turn.asker.objectId ?? ''),
    );
    if (verb === 'cantTake' && !own) return words.notCalledNow;
    if (verb === 'callNext' && (await this.#wasJustPassedOn(escalation))) {
      return words.passedOn({ summary: escalation.summary });
    }
    const key = verb === 'cantTake' && own ? targetKey(own.target) : null;
    const taken: Applied | null = await escalations.passOn(escalation.id, by, key);
    if (!taken || taken.refused) return overWords(turn, taken?.escalation ?? escalation);
    const isMoved = taken.escalation.revision > escalation.revision;
    return isMoved ? words.passedOn({ summary: escalation.summary }) : words.nobodyCalledNow;
  }

  async #wasJustPassedOn(escalation: Escalation): Promise<boolean> {
    const timeline = await this.#parts.escalations.timeline(escalation.id);
    const last = timeline.findLast(({ type }) => type === 'passedOn');
    return last !== undefined && this.#parts.clock.now() - Date.parse(last.at) < SAME_PRESS_MS;
  }
}

/** Tells somebody who came too late how the escalation stands. */
function overWords(turn: ChatTurn, { ladder }: Escalation): string {
  const words = turn.texts.chat.escalations;
  switch (ladder.status) {
    case 'acknowledged':
      return words.already.acknowledged({ by: ladder.acknowledgedBy?.name ?? '' });
    case 'resolved':
      return words.already.resolved({ by: ladder.endedBy?.name ?? '' });
    case 'cancelled':
      return words.already.cancelled({ by: ladder.endedBy?.name ?? '' });
    case 'exhausted':
      return words.everybodyCalled;
    case 'open':
      return words.tooLate;
  }
}
