import { timeNow, type Clock } from '../clock.ts';
import { LastRows, type Work } from '../database/transaction.ts';
import type { Actor, Escalation } from '../escalations/escalation.ts';
import type { EscalationNote } from '../escalations/timeline.ts';
import { isWorse, sameWords } from '../escalations/words.ts';
import { storedKey, storedWords, type FiringAlert, type NewAlert, type ResolvedAlert } from './alert.ts';
import {
  addingAlerts,
  changeAlert,
  countingAgain,
  firingOfGroup,
  insertAlerts,
  loadOverview,
  resolveAlerts,
  type JoiningAlert,
} from './alertStore.ts';
import { countUncovered, coverAlerts, hasCovered, listUncovered, moveUncovered } from './coverage.ts';
import { endsEarlier, isStale, laterStart } from './episodes.ts';
import { NO_ALERTS, withNewer, wordsFor, type Overview } from './overview.ts';
import { PolicyEscalations, type PolicyParts } from './policyEscalations.ts';
import type { Signal } from './signal.ts';

const joiningAlerts = new LastRows<JoiningAlert>('alerts', addingAlerts);
const countedAgain = new LastRows<{ id: number; times: number; at: string }>('again', countingAgain);

type Open = Extract<Signal, { action: 'open' }>;

/** What the transaction has locked and loaded of a policy. */
export interface Loaded {
  firing: readonly FiringAlert[];
  resolved: readonly ResolvedAlert[];
  /** Ids of locked escalations that have alerts: those of the named alerts, and all open ones. */
  withAlerts: readonly string[];
  /** Escalations that were acknowledged a moment ago. */
  acknowledged: readonly { id: string; at: string }[];
}

/**
 * The signals of one policy in one transaction, which holds the lock of the policy. The result is the same as if each
 * signal came alone, but a storm takes only a few statements, and the last one of the transaction inserts the new alerts.
 */
export class PolicyBatch {
  readonly #clock: Clock;
  readonly #work: Work;
  readonly #policy: string;
  readonly #escalations: PolicyEscalations;
  /** By `keyOf`. */
  readonly #firing: Map<string, FiringAlert>;
  /** By `keyOf`. A sender that missed the end may report these as firing. */
  readonly #resolved: Map<string, ResolvedAlert>;
  /** How often alerts were repeated, by their ids. */
  readonly #repeats = new Map<number, number>();
  /** New alerts whose escalation does not mention them yet, by `keyOf`. */
  #joining = new Map<string, { into: string; alert: NewAlert }>();
  /** New alerts that their escalation mentions and that are not stored yet, by `keyOf`. */
  #unstored = new Map<string, JoiningAlert>();
  /** Alerts to store as resolved, by escalation. */
  #resolving = new Map<string, { alerts: FiringAlert[]; by: Actor }>();
  /** Ids of acknowledged or ended escalations that were checked for uncovered alerts. */
  readonly #checked = new Set<string>();
  /** Ids of escalations with alerts whose words changed. */
  #reworded = new Set<string>();

  constructor(parts: PolicyParts, work: Work, policy: string, loaded: Loaded) {
    this.#clock = parts.clock;
    this.#work = work;
    this.#policy = policy;
    this.#escalations = new PolicyEscalations(parts, work, policy, loaded);
    this.#firing = new Map(loaded.firing.map((alert) => [keyOf(alert), alert]));
    // Of several with the same key, the latest start counts.
    const byStart = loaded.resolved.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
    this.#resolved = new Map(byStart.map((alert) => [keyOf(alert), alert]));
  }

  async apply(source: string, sender: string, signal: Signal): Promise<void> {
    const by: Actor = { key: source, name: sender, way: 'sender' };
    if (signal.action === 'resolveGroup') {
      await this.#store();
      const found = await firingOfGroup(this.#work.sql, this.#policy, source, signal.group);
      for (const alert of found) this.#resolve(alert, by);
      return;
    }
    if (signal.action === 'test') return await this.#escalations.startTest(source, sender, signal);
    const dedupKey = storedKey(signal.dedupKey);
    const key = keyOf({ source, dedupKey });
    if (this.#joining.has(key) || this.#unstored.has(key)) await this.#storeJoining();
    if (signal.action === 'open') {
      // Whether the escalation has ended decides whether another one starts.
      await this.#storeResolved();
      await this.#open(key, source, sender, { ...signal, dedupKey });
      return;
    }
    if (signal.action === 'acknowledge') await this.#store();
    const alert = this.#firing.get(key);
    // Nothing fires that could be resolved or acknowledged.
    if (!alert) return;
    if (signal.action === 'acknowledge') await this.#acknowledge(alert, by);
    else if (!endsEarlier(signal.endedAt, alert.startedAt)) this.#resolve(alert, by, signal.startedAt);
  }

  /** Stores everything; new alerts and repeats go with the last statement of the transaction. */
  async finish(): Promise<void> {
    await this.#join();
    await this.#storeChanges();
    joiningAlerts.add(this.#work, [...this.#unstored.values()]);
    const at = this.#now();
    countedAgain.add(
      this.#work,
      [...this.#repeats].map(([id, times]) => ({ id, times, at })),
    );
  }

  /** Moves the alerts that somebody's act did not cover to another escalation: one that calls, or a new one. */
  async moveUncoveredOf(from: Escalation): Promise<void> {
    const left = await listUncovered(this.#work.sql, from.id);
    const [first] = left;
    if (!first) return;
    await this.#freeKey(from.id, left);
    const to =
      (await this.#escalations.findJoinable()) ?? (await this.#escalations.start(first, from.startedBy));
    if (!to) return;
    const into = { id: to.id, revision: to.revision + 1, run: to.ladder.runs };
    await this.#escalations.store();
    await moveUncovered(this.#work.sql, from.id, into, this.#now());
    await this.#reword(from.id, () => ({ type: 'notCovered', data: { count: left.length } }));
    await this.#mentionJoined(to.id, left.length);
  }

  async #open(key: string, source: string, sender: string, signal: Open): Promise<void> {
    const resolved = this.#resolved.get(key);
    if (resolved && isStale(signal.startedAt, resolved.startedAt)) {
      await this.#noteStale(key, resolved, signal.summary);
      return;
    }
    const alert: NewAlert = {
      ...storedWords(signal),
      source,
      dedupKey: signal.dedupKey,
      group: signal.group === null ? null : storedKey(signal.group),
      startedAt: signal.startedAt ?? null,
    };
    const known = this.#firing.get(key);
    if (known) {
      await this.#repeat(key, known, alert);
      return;
    }
    const joinable = await this.#escalations.findJoinable();
    if (joinable) {
      this.#joining.set(key, { into: joinable.id, alert });
      return;
    }
    const started = await this.#escalations.start(alert, { kind: 'api', key: source, name: sender });
    if (started) this.#addUnstored(started, started.revision, alert);
  }

  /** A firing alert came again: its new words replace the old ones. If it is more severe, it needs a new acknowledgement. */
  async #repeat(key: string, known: FiringAlert, said: NewAlert): Promise<void> {
    this.#count(known.id);
    const id = known.escalationId;
    await this.#wakeIfUnattended(id);
    const alert = { ...known, ...said, startedAt: laterStart(known.startedAt, said.startedAt) };
    const isReworded = !sameWords(alert, known);
    if (!isReworded && alert.startedAt === known.startedAt && alert.group === known.group) return;
    this.#firing.set(key, alert);
    if (!isWorse(alert.severity, known.severity)) {
      await changeAlert(this.#work.sql, alert, null);
      if (isReworded) this.#reworded.add(id);
      return;
    }
    await this.#storeJoining();
    const { revision, ladder } = await this.#escalations.read(id);
    await changeAlert(this.#work.sql, alert, { at: this.#now(), revision: revision + 1, run: ladder.runs });
    if (ladder.status !== 'acknowledged') await this.#reword(id);
    else if (await hasCovered(this.#work.sql, id)) {
      await this.#reword(id);
      this.#enqueueCallAgain(id);
    } else await this.#callAgain(id, ladder.acknowledgedBy?.at);
  }

  /** For an escalation with no acknowledged alert left, which restarts itself. */
  async #callAgain(id: string, acknowledgedAt: string | undefined): Promise<void> {
    const { words } = await this.#describe(id);
    await this.#escalations.apply(id, { type: 'joined', at: this.#now(), words, again: true });
    await this.#escalations.holdBack(id, acknowledgedAt === undefined ? [] : [acknowledgedAt]);
  }

  /** A stale repeat: the sender said before that the alert is resolved. The timeline mentions it once. */
  async #noteStale(key: string, resolved: ResolvedAlert, summary: string): Promise<void> {
    this.#count(resolved.id);
    if (resolved.cameAgain) return;
    this.#resolved.set(key, { ...resolved, cameAgain: true });
    await this.#escalations.note(resolved.escalationId, { type: 'overAlready', data: { name: summary } });
  }

  #count(id: number): void {
    this.#repeats.set(id, (this.#repeats.get(id) ?? 0) + 1);
  }

  /** If an alert is repeated, its escalation must not stay silent while nobody has acknowledged it. */
  async #wakeIfUnattended(id: string): Promise<void> {
    const { status } = (await this.#escalations.read(id)).ladder;
    if (status === 'open') return;
    if (status === 'exhausted') {
      await this.#escalations.apply(id, { type: 'joined', at: this.#now() });
    } else if (!this.#checked.has(id)) {
      this.#checked.add(id);
      // Uncovered alerts are still here if their policy was missing when they were to move.
      if ((await countUncovered(this.#work.sql, id)) > 0) this.#enqueueCallAgain(id);
    }
  }

  #enqueueCallAgain(id: string): void {
    this.#work.enqueue({ name: 'alerts.callAgain', data: { id, policy: this.#policy } });
  }

  /** A sender acknowledges single alerts; the last one acknowledges the escalation. */
  async #acknowledge({ id: alertId, escalationId: id, dedupKey }: FiringAlert, by: Actor): Promise<void> {
    const left = await coverAlerts(this.#work.sql, id, { ids: [alertId] });
    if (left === 0) await this.#acknowledgeWhole(id, by);
    else {
      const data = { name: dedupKey, by: by.name };
      await this.#escalations.note(id, { type: 'alertAcknowledged', data });
    }
  }

  async #acknowledgeWhole(id: string, by: Actor): Promise<void> {
    const { status } = (await this.#escalations.read(id)).ladder;
    if (status !== 'open' && status !== 'exhausted') return;
    await this.#escalations.apply(id, { type: 'acknowledged', at: this.#now(), by });
  }

  /** @param startedAt of the episode that the sender resolves */
  #resolve(alert: FiringAlert, by: Actor, startedAt?: string | null): void {
    const key = keyOf(alert);
    this.#firing.delete(key);
    const resolved = { ...alert, startedAt: laterStart(alert.startedAt, startedAt) };
    if (resolved.startedAt !== null)
      this.#resolved.set(key, { ...resolved, startedAt: resolved.startedAt, cameAgain: false });
    const { alerts } = this.#resolving.get(alert.escalationId) ?? { alerts: [] };
    this.#resolving.set(alert.escalationId, { alerts: [...alerts, resolved], by });
  }

  async #store(): Promise<void> {
    await this.#storeJoining();
    await this.#storeChanges();
  }

  /** Stores everything but new alerts. */
  async #storeChanges(): Promise<void> {
    for (const id of this.#reworded) await this.#reword(id);
    await this.#storeResolved();
  }

  async #storeResolved(): Promise<void> {
    const resolving = this.#resolving;
    if (resolving.size === 0) return;
    this.#resolving = new Map();
    await this.#store();
    for (const [id, { alerts, by }] of resolving) await this.#storeResolvedOf(id, alerts, by);
  }

  async #storeResolvedOf(id: string, alerts: readonly FiringAlert[], by: Actor): Promise<void> {
    const { sql } = this.#work;
    await resolveAlerts(sql, alerts, this.#now());
    const { firing } = await loadOverview(sql, id, 0);
    if (firing === 0) {
      await this.#escalations.apply(id, { type: 'resolved', at: this.#now(), by });
      return;
    }
    await this.#freeKey(id, alerts);
    await this.#reword(id, () => ({ type: 'alertsResolved', data: { firing } }));
    // The sender may have acknowledged all that are left.
    if ((await countUncovered(sql, id)) === 0) await this.#acknowledgeWhole(id, by);
  }

  /** If the alert that started an escalation leaves it, the next alert with that key starts another escalation. */
  async #freeKey(id: string, leaving: readonly { dedupKey: string }[]): Promise<void> {
    const { dedupKey } = await this.#escalations.read(id);
    if (leaving.some((alert) => alert.dedupKey === dedupKey)) await this.#escalations.freeKey(id);
  }

  /** Makes escalations mention the new alerts that join them. */
  async #join(): Promise<void> {
    const joining = Map.groupBy(this.#joining.values(), ({ into }) => into);
    this.#joining = new Map();
    for (const [id, added] of joining) {
      const escalation = await this.#escalations.read(id);
      // The next revision is the first that shows them.
      for (const { alert } of added) this.#addUnstored(escalation, escalation.revision + 1, alert);
      await this.#mentionJoined(id, added.length);
    }
  }

  #addUnstored({ id, ladder }: Escalation, revision: number, alert: NewAlert): void {
    const policy = this.#policy;
    const joining = { into: id, revision, run: ladder.runs, policy, at: this.#now(), alert };
    this.#unstored.set(keyOf(alert), joining);
  }

  async #storeJoining(): Promise<void> {
    await this.#join();
    if (this.#unstored.size === 0) return;
    await this.#escalations.storeStarted();
    const inserted = await insertAlerts(this.#work.sql, [...this.#unstored.values()]);
    this.#unstored = new Map();
    for (const alert of inserted) this.#firing.set(keyOf(alert), alert);
  }

  async #mentionJoined(id: string, added: number): Promise<void> {
    await this.#reword(id, (firing) => ({ type: 'alertsJoined', data: { added, firing } }));
  }

  /** Updates what people read and hear. @param entry makes a line for the timeline from the number of firing alerts */
  async #reword(id: string, entry?: (firing: number) => EscalationNote): Promise<void> {
    this.#reworded.delete(id);
    const { words, firing } = await this.#describe(id);
    const line = entry ? { entry: entry(firing) } : {};
    await this.#escalations.apply(id, { type: 'reworded', at: this.#now(), words, ...line });
  }

  async #describe(id: string): Promise<{ words: ReturnType<typeof wordsFor>; firing: number }> {
    const overview = await this.#overviewOf(id);
    return { words: wordsFor(await this.#escalations.read(id), overview), firing: overview.firing };
  }

  /** Includes alerts that are not stored yet. */
  async #overviewOf(id: string): Promise<Overview> {
    const stored = this.#escalations.hasStoredAlerts(id) ? await loadOverview(this.#work.sql, id) : NO_ALERTS;
    const unstored = [...this.#unstored.values()].filter(({ into }) => into === id);
    return withNewer(
      stored,
      unstored.map(({ alert }) => alert),
    );
  }

  #now(): string {
    return timeNow(this.#clock);
  }
}

function keyOf({ source, dedupKey }: { source: string; dedupKey: string }): string {
  return `${source}\n${dedupKey}`;
}
