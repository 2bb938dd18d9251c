import type { Requester } from '../calls/call.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';
import type { Escalation } from '../escalations/escalation.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import type { LadderEvent } from '../escalations/ladder/events.ts';
import { startFromPolicy, type Policy } from '../escalations/policies.ts';
import { isTesting } from '../escalations/escalationQueries.ts';
import type { EscalationNote } from '../escalations/timeline.ts';
import type { NewAlert } from './alert.ts';
import { bundledUntil, isJoinable } from './bundling.ts';
import type { Signal } from './signal.ts';

export interface PolicyParts {
  escalations: EscalationService;
  clock: Clock;
  policyOf: (name: string) => Policy | null;
  /** Called for an alert whose policy is not in ringdown.yaml: it has nobody to call. */
  policyMissing: (work: Work, sender: string, policy: string) => Promise<void>;
}

/** New alerts may join only one of the newest open escalations: this many are considered. */
const MAX_CANDIDATES = 3;

/** The escalations of one policy in one transaction, which holds the lock of the policy. */
export class PolicyEscalations {
  readonly #parts: PolicyParts;
  readonly #work: Work;
  readonly #policy: string;
  /** Ids of escalations with alerts. New alerts may join those that are open. */
  readonly #withAlerts: Set<string>;
  /** By id, when escalations were acknowledged, if that was a moment ago. */
  readonly #acknowledged: Map<string, string>;
  /** The escalation that new alerts join; undefined until it is looked for. */
  #joinable: Escalation | null | undefined = undefined;
  /** Ids of escalations that this transaction started and that have no stored alert yet. */
  readonly #unstored = new Set<string>();

  constructor(
    parts: PolicyParts,
    work: Work,
    policy: string,
    loaded: { withAlerts: readonly string[]; acknowledged: readonly { id: string; at: string }[] },
  ) {
    this.#parts = parts;
    this.#work = work;
    this.#policy = policy;
    this.#withAlerts = new Set(loaded.withAlerts);
    this.#acknowledged = new Map(loaded.acknowledged.map(({ id, at }) => [id, at]));
  }

  /** @throws RingdownError internal: it is locked, so it cannot be gone */
  async read(id: string): Promise<Escalation> {
    const escalation = await this.#parts.escalations.lookIn(this.#work, id);
    if (!escalation)
      throw new RingdownError('internal', { detail: 'An escalation is gone while alerts join it.' });
    return escalation;
  }

  async apply(id: string, event: LadderEvent): Promise<void> {
    const { escalations } = this.#parts;
    const before = (await escalations.lookIn(this.#work, id))?.ladder.status;
    const escalation = (await escalations.takeIn(this.#work, id, event))?.escalation;
    if (!escalation) return;
    const { status, acknowledgedBy } = escalation.ladder;
    if (status === 'acknowledged' && acknowledgedBy) this.#acknowledged.set(id, acknowledgedBy.at);
    const isCurrent = this.#joinable?.id === id;
    if (status !== before && (isCurrent || status === 'open')) this.#joinable = undefined;
    else if (isCurrent) this.#joinable = escalation;
  }

  /** Adds a line to the timeline of an escalation. */
  async note(id: string, entry: EscalationNote): Promise<void> {
    await this.apply(id, { type: 'noted', at: this.#now(), entry });
  }

  /** The escalation that new alerts join; null if they need one of their own. */
  async findJoinable(): Promise<Escalation | null> {
    if (this.#joinable !== undefined) return this.#joinable;
    const all = await Promise.all([...this.#withAlerts].map(async (id) => await this.read(id)));
    const newest = all
      .filter(({ ladder }) => ladder.status === 'open')
      .toSorted((one, other) => (startKey(one) < startKey(other) ? 1 : -1))
      .slice(0, MAX_CANDIDATES);
    this.#joinable = newest.find((one) => isJoinable(one, this.#parts.clock.now())) ?? null;
    return this.#joinable;
  }

  /** Starts an escalation that new alerts join. @returns null if the policy is not in the file */
  async start(alert: NewAlert, startedBy: Requester): Promise<Escalation | null> {
    const policy = await this.#policyFor(startedBy.name);
    if (!policy) return null;
    const request = startFromPolicy({ name: this.#policy, policy }, { ...alert, startedBy });
    const { escalation, joined } = await this.#parts.escalations.startIn(this.#work, request);
    this.#joinable = escalation;
    this.#withAlerts.add(escalation.id);
    if (!joined) this.#unstored.add(escalation.id);
    await this.holdBack(escalation.id, this.#justAcknowledged());
    return this.#joinable ?? null;
  }

  /** Starts a test, which calls the people in the policy's `test`. While one is open, it starts no other. */
  async startTest(
    source: string,
    sender: string,
    { summary, details, links }: Extract<Signal, { action: 'test' }>,
  ): Promise<void> {
    const policy = await this.#policyFor(sender);
    if (!policy) return;
    const { escalations } = this.#parts;
    await escalations.writeIn(this.#work);
    if (await isTesting(this.#work.sql, this.#policy, source)) return;
    const startedBy: Requester = { kind: 'api', key: source, name: sender };
    const request = { summary, details, links, source, startedBy, test: true };
    await escalations.startIn(this.#work, startFromPolicy({ name: this.#policy, policy }, request));
  }

  /** Delays the first call if somebody acknowledged a moment ago, so that one call announces all new alerts. */
  async holdBack(id: string, acknowledgedAt: readonly string[]): Promise<void> {
    const until = bundledUntil(acknowledgedAt, this.#parts.clock.now());
    if (until === null) return;
    await this.apply(id, { type: 'bundled', at: this.#now(), until: new Date(until).toISOString() });
  }

  /** From now on, an alert with the dedup key of this escalation starts another one. */
  async freeKey(id: string): Promise<void> {
    await this.#parts.escalations.freeKeyIn(this.#work, id);
  }

  hasStoredAlerts(id: string): boolean {
    return !this.#unstored.has(id);
  }

  /** Stores the escalations, so that alerts can be stored with them. */
  async store(): Promise<void> {
    await this.#parts.escalations.writeIn(this.#work);
    this.#unstored.clear();
  }

  /** Stores the escalations if alerts about to be stored need that. */
  async storeStarted(): Promise<void> {
    if (this.#unstored.size > 0) await this.store();
  }

  async #policyFor(sender: string): Promise<Policy | null> {
    const policy = this.#parts.policyOf(this.#policy);
    if (!policy) await this.#parts.policyMissing(this.#work, sender, this.#policy);
    return policy;
  }

  #justAcknowledged(): string[] {
    return [...this.#acknowledged].flatMap(([id, at]) => {
      // An escalation that this transaction does not hold is as it was loaded.
      const locked = this.#parts.escalations.lockedIn(this.#work, id);
      return !locked || locked.ladder.status === 'acknowledged' ? [at] : [];
    });
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** Sorts escalations by start; the id decides between two of the same moment. */
function startKey({ createdAt, id }: Escalation): string {
  return `${createdAt} ${id}`;
}
