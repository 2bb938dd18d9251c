import type { Requester } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import type { Clock } from '../clock.ts';
import type { Actor, Escalation } from './escalation.ts';
import { isCallee } from '../calls/callee.ts';
import { isStarter, type EscalationRights } from './escalationRights.ts';
import type { EscalationService } from './escalationService.ts';
import { isSamePerson } from './ladder/endings.ts';
import { rungsOf } from './ladder/rungs.ts';
import type { EscalationAct } from './possibleActs.ts';

/** Who acts, and how. */
export interface ActRequest {
  asker: Requester;
  /** In chat: where they write. */
  conversationKey?: string;
  /** On a card and in the console, an act covers what was shown there; in chat, all that they read there. */
  way: 'card' | 'chat' | 'console';
  /** The revision of the escalation that the card, the question or the page showed, if any. */
  shown?: number | undefined;
}

/** What follows from an act, as people read it: see texts/actWords.ts. */
export type ActOutcome =
  /** `doneInPart`: alerts that they have not seen stay open. */
  | {
      kind: 'done';
      what: 'acknowledged' | 'doneInPart' | 'passedOn' | 'resolved' | 'stopped';
      summary: string;
    }
  /** They have acknowledged it before. */
  | { kind: 'youHaveIt' }
  /** Somebody was faster, maybe Ringdown itself. */
  | { kind: 'already'; status: 'acknowledged' | 'resolved' | 'cancelled'; by: string }
  | { kind: 'refused'; why: NoRight | 'notCalledNow' | 'nobodyCalledNow' | 'everybodyCalled' | 'tooLate' };

export type NoRight = 'mayNot' | 'anonymousMayNot' | 'rightsUnknown';

interface Parts {
  escalations: EscalationService;
  rights: EscalationRights;
  /** The newest revision that a person read in chat, and heard on the phone; null for none. */
  knownTo: (
    escalationId: string,
    reader: { objectId: string | undefined; conversationKey?: string },
  ) => Promise<{ read: number | null; heard: number | null }>;
  /** How many firing alerts nobody has acknowledged, among those that joined after a revision. */
  countUncovered: (escalationId: string, addedAfter: number) => Promise<number>;
  clock: Pick<Clock, 'now'>;
}

/** Two presses of "call next" within this time skip one person, not two. */
const SAME_PRESS_MS = 5_000;

/**
 * What people do to an escalation, on a card, in chat or in the console. Checks their right, and acts once. If somebody
 * else was faster, the outcome says who.
 */
export class EscalationActs {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async act(request: ActRequest, act: EscalationAct, escalation: Escalation): Promise<ActOutcome> {
    const { status } = escalation.ladder;
    // Everybody may know that the escalation is over: the card shows it too.
    if (status === 'resolved' || status === 'cancelled') return standing(escalation);

    const refused = await this.#refusal(request, act, escalation);
    if (refused !== null) return { kind: 'refused', why: refused };
    const { asker, way } = request;
    const by: Actor = {
      key: asker.objectId ?? asker.key,
      name: asker.name,
      way,
      seenRevision: await this.#seen(request, escalation),
    };
    switch (act) {
      case 'acknowledge':
        return await this.#acknowledge(escalation, by);
      case 'cantTake':
      case 'callNext':
        return await this.#passOn(request, act, escalation, by);
      case 'resolve':
        return await this.#done(escalation, by, 'resolve', done('resolved', escalation));
      case 'stop':
        return await this.#done(escalation, by, 'cancel', done('stopped', escalation));
    }
  }

  /** The newest revision that the asker knows: from what was shown, from all cards they see in chat, or from the phone. */
  async #seen(
    { asker: { objectId }, conversationKey, way, shown = 0 }: ActRequest,
    { id }: Escalation,
  ): Promise<number> {
    const { read, heard } = await this.#parts.knownTo(id, {
      objectId,
      ...(conversationKey === undefined ? {} : { conversationKey }),
    });
    return Math.max(shown, heard ?? 0, way === 'chat' ? (read ?? 0) : 0);
  }

  async #done(
    escalation: Escalation,
    by: Actor,
    act: 'acknowledge' | 'resolve' | 'cancel',
    outcome: ActOutcome,
  ): Promise<ActOutcome> {
    const { escalations, countUncovered } = this.#parts;
    const left = await countUncovered(escalation.id, by.seenRevision ?? 0);
    const taken = await escalations[act](escalation.id, by);
    if (taken?.refused !== null) return standing(taken?.escalation ?? escalation);
    return left > 0 ? done('doneInPart', escalation) : outcome;
  }

  async #refusal({ asker }: ActRequest, act: EscalationAct, escalation: Escalation): Promise<NoRight | null> {
    // People without an identity may at least stop what they started themselves.
    if (act === 'stop' && isStarter(asker, escalation)) return null;
    switch (await this.#parts.rights.of(asker, escalation)) {
      case 'yes':
        return null;
      case 'no':
        return 'mayNot';
      case 'anonymous':
        return 'anonymousMayNot';
      case 'unknown':
        return 'rightsUnknown';
    }
  }

  async #acknowledge(escalation: Escalation, by: Actor): Promise<ActOutcome> {
    const { status, acknowledgedBy } = escalation.ladder;
    const isOwn = status === 'acknowledged' && acknowledgedBy !== null && isSamePerson(acknowledgedBy, by);
    const outcome: ActOutcome = isOwn ? { kind: 'youHaveIt' } : done('acknowledged', escalation);
    return await this.#done(escalation, by, 'acknowledge', outcome);
  }

  async #passOn(
    { asker }: ActRequest,
    act: 'cantTake' | 'callNext',
    escalation: Escalation,
    by: Actor,
  ): Promise<ActOutcome> {
    const { escalations } = this.#parts;
    const { ladder } = escalation;
    if (ladder.status !== 'open') return standing(escalation);
    const own = rungsOf(ladder).find(
      ({ target, state }) => state !== 'done' && isCallee(target, asker.objectId),
    );
    if (act === 'cantTake' && !own) return { kind: 'refused', why: 'notCalledNow' };
    if (act === 'callNext' && (await this.#wasJustPassedOn(escalation))) return done('passedOn', escalation);
    const key = act === 'cantTake' && own ? targetKey(own.target) : null;
    const taken = await escalations.passOn(escalation.id, by, key);
    if (!taken || taken.refused) return standing(taken?.escalation ?? escalation);
    const isMoved = taken.escalation.revision > escalation.revision;
    return isMoved ? done('passedOn', escalation) : { kind: 'refused', why: 'nobodyCalledNow' };
  }

  async #wasJustPassedOn(escalation: Escalation): Promise<boolean> {
    const timeline = await this.#parts.escalations.timeline(escalation.id);
    const last = timeline.findLast(({ type }) => type === 'passedOn');
    return last !== undefined && this.#parts.clock.now() - Date.parse(last.at) < SAME_PRESS_MS;
  }
}

function done(what: Extract<ActOutcome, { kind: 'done' }>['what'], { summary }: Escalation): ActOutcome {
  return { kind: 'done', what, summary };
}

/** Where the escalation stands, for somebody who came too late. */
function standing({ ladder }: Escalation): ActOutcome {
  switch (ladder.status) {
    case 'acknowledged':
      return { kind: 'already', status: ladder.status, by: ladder.acknowledgedBy?.name ?? '' };
    case 'resolved':
    case 'cancelled':
      return { kind: 'already', status: ladder.status, by: ladder.endedBy?.name ?? '' };
    case 'exhausted':
      return { kind: 'refused', why: 'everybodyCalled' };
    case 'open':
      return { kind: 'refused', why: 'tooLate' };
  }
}
