import type { Requester, TimelineEntry } from '../calls/call.ts';
import { pauseIn, pauseQuestion } from '../calls/pause.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import { ask } from '../database/ask.ts';
import { LastRows, type Transact, type Work } from '../database/work.ts';
import type { Actor, Escalation } from '../escalations/escalation.ts';
import { RingdownError } from '../errors.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import type { LadderEvent } from '../escalations/ladder.ts';
import { startFromPolicy, type Policy } from '../escalations/policies.ts';
import { knownTo } from '../escalations/shown.ts';
import { isWorse, rankOf, sameWords, wordsOf, type Words } from '../escalations/words.ts';
import { textsFor } from '../texts/texts.ts';
import {
  acknowledgedIn,
  acknowledgedQuestion,
  addingAlerts,
  changeAlert,
  closeAlerts,
  countingAgain,
  countUncovered,
  coverAlerts,
  firingOfGroup,
  hasCovered,
  hasUntold,
  isTesting,
  insertAlerts,
  loadBundle,
  loadNamed,
  lockNamed,
  lockPolicy,
  moveUncovered,
  resolveAlerts,
  storedKey,
  storedWords,
  uncovered,
  uncoverAlerts,
  type Bundle,
  type FiringAlert,
  type JoiningAlert,
  type Named,
  type NewAlert,
  type OverAlert,
} from './alertStore.ts';
import { BUNDLING_MS, heldUntil, isJoinable } from './bundling.ts';
import { endsEarlier, isOver, laterStart, OVER_MS } from './episodes.ts';
import type { Signal } from './signal.ts';

/** Who sent it, and what it said. */
export interface Received {
  /** Alerts of one sender are told apart by their keys; the same key of another sender is another alert. */
  source: string;
  sender: string;
  signals: readonly Signal[];
}

interface Parts {
  transact: Transact;
  jobs: Jobs;
  escalations: EscalationService;
  clock: Clock;
  policyOf: (name: string) => Policy | null;
  /** An alert has nobody to call. */
  policyMissing: (work: Work, sender: string, policy: string) => Promise<void>;
}

/** So many stand on the card by name. */
const LISTED = 25;
/** Of a policy so many of those that are open are looked at for one that new alerts join. */
const LOOKED_AT = 3;

const joiningAlerts = new LastRows<JoiningAlert>('alerts', addingAlerts);
const countedAgain = new LastRows<{ id: number; times: number; at: string }>('again', countingAgain);

/**
 * Alerts and their escalations. An escalation stands for all alerts of its policy that came while it called; each is
 * resolved on its own, and the escalation with the last of them.
 */
export class AlertService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.escalations.listen({
      changed: async (work, escalation, timeline) => await this.#changed(work, escalation, timeline),
    });
    parts.jobs.handle('alerts.callAgain', {
      run: async ({ id, policy }) => await this.#callAgain(id, policy),
    });
    parts.jobs.handle('alerts.startAgain', {
      run: async ({ id }) => await this.#startAgain(id),
    });
  }

  /** Takes what senders sent for a policy, in the order in which it came. */
  async takeIn(work: Work, policy: string, received: readonly Received[]): Promise<void> {
    await lockPolicy(work.sql, policy);
    await this.takeAllIn(work, new Map([[policy, received]]), true);
  }

  /**
   * The same for several policies, which the transaction has locked.
   *
   * @param waits for escalations that others hold
   * @returns the skipped policies: another transaction has locked one of their escalations
   */
  async takeAllIn(
    work: Work,
    byPolicy: ReadonlyMap<string, readonly Received[]>,
    waits: boolean,
  ): Promise<ReadonlySet<string>> {
    const { rounds, missed } = await this.#begin(work, byPolicy, { waits });
    for (const [policy, round] of rounds) {
      for (const { source, sender, signals } of byPolicy.get(policy) ?? []) {
        for (const signal of signals) await round.take(source, sender, signal);
      }
      await round.finish();
    }
    return missed;
  }

  /**
   * Locks and reads what the named alerts may concern. A deadline that has passed is taken first, as its own job would have done
   * in time: else an alert would join an escalation that is at its end, and whatever is stored in it would end it.
   */
  async #begin(
    work: Work,
    byPolicy: ReadonlyMap<string, readonly Received[]>,
    { waits, also = null }: { waits: boolean; also?: string | null },
  ): Promise<{ rounds: Map<string, Round>; missed: ReadonlySet<string> }> {
    const { escalations, clock } = this.#parts;
    const { sql } = work;
    const all = [...byPolicy.keys()];
    const named = namedBy(byPolicy);
    const resolvedAfter = new Date(clock.now() - OVER_MS);
    const concerned = await lockNamed(sql, all, named, { resolvedAfter, also, waits });
    const since = new Date(clock.now() - BUNDLING_MS).toISOString();
    const answers = await ask(sql, { pause: pauseQuestion, acknowledged: acknowledgedQuestion(all, since) });
    escalations.holdIn(work, concerned.escalations, named.keys, pauseIn(answers['pause']));
    const at = this.#now();
    for (const { escalation } of concerned.escalations) {
      const { wakeAt } = escalation.ladder;
      if (wakeAt !== null && wakeAt <= at && !concerned.missed.has(escalation.policy ?? ''))
        await escalations.takeIn(work, escalation.id, { type: 'wake', at });
    }
    const { firing, over } = await loadNamed(sql, named, resolvedAfter);
    const acknowledged = acknowledgedIn(answers['acknowledged']);
    const policies = all.filter((policy) => !concerned.missed.has(policy));
    const rounds = policies.map((policy): [string, Round] => {
      const isOwn = (one: { policy: string }): boolean => one.policy === policy;
      const known: Known = {
        firing: firing.filter(isOwn),
        over: over.filter(isOwn),
        standing: concerned.standing.get(policy) ?? [],
        acknowledged: acknowledged.filter(isOwn),
      };
      return [policy, new Round(this.#parts, work, policy, known)];
    });
    return { rounds: new Map(rounds), missed: concerned.missed };
  }

  async #changed(work: Work, escalation: Escalation, timeline: readonly TimelineEntry[]): Promise<void> {
    const { id, policy, ladder } = escalation;
    if (policy === null) return;
    const has = (type: string): boolean => timeline.some((entry) => entry.type === type);
    const hasEnded = has('resolved') || has('cancelled');
    const by = hasEnded ? ladder.endedBy : has('acknowledged') ? ladder.acknowledgedBy : null;
    if (by && (hasEnded || by.way !== 'sender')) {
      const revision = await this.#revisionKnownTo(work, id, by);
      const left = await coverAlerts(work.sql, id, { revision });
      if (hasEnded) await closeAlerts(work.sql, id, this.#now());
      if (left > 0) work.enqueue({ name: 'alerts.callAgain', data: { id, policy } });
    }
    // It goes on calling for all of them: what was acknowledged before does not count any more.
    if (has('startedAgain')) await uncoverAlerts(work.sql, id);
    if (has('exhausted') && (await hasUntold(work.sql, id, ladder.runs))) {
      work.enqueue({ name: 'alerts.startAgain', data: { id } });
    }
  }

  /** What this person had read or heard; null: all of it. */
  async #revisionKnownTo(work: Work, id: string, by: Actor): Promise<number | null> {
    if (by.way !== 'keys' && by.seenRevision === undefined) return null;
    const { read, heard } = await knownTo(work.sql, id, { objectId: by.key });
    // Somebody who presses keys knows what was spoken; where nothing can be spoken, what is on their card.
    if (by.way === 'keys') return heard ?? read ?? 0;
    return Math.max(by.seenRevision ?? 0, heard ?? 0);
  }

  /** Somebody's act did not cover all: what it did not cover gets an escalation of its own. */
  async #callAgain(id: string, policy: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      await lockPolicy(work.sql, policy);
      const { rounds } = await this.#begin(work, new Map([[policy, []]]), { waits: true, also: id });
      const escalation = await this.#parts.escalations.lookIn(work, id);
      const status = escalation?.ladder.status;
      // It goes on calling for all of them by itself.
      if (!escalation || status === 'open' || status === 'exhausted') return;
      await rounds.get(policy)?.takeOver(escalation);
    });
  }

  /** Alerts that came too late for the last call of an exhausted escalation: they are called for. */
  async #startAgain(id: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      const escalation = await this.#parts.escalations.lookIn(work, id);
      if (escalation?.ladder.status !== 'exhausted') return;
      await this.#parts.escalations.takeIn(work, id, { type: 'joined', at: this.#now() });
    });
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** The alerts and groups that are named, by what stands for their keys in the database. */
function namedBy(byPolicy: ReadonlyMap<string, readonly Received[]>): Named {
  const all = [...byPolicy].flatMap(([policy, received]) =>
    received.flatMap(({ source, signals }) => signals.map((signal) => ({ policy, source, signal }))),
  );
  return {
    keys: all.flatMap(({ signal, ...of }) =>
      'dedupKey' in signal ? [{ ...of, dedupKey: storedKey(signal.dedupKey) }] : [],
    ),
    groups: all.flatMap(({ signal, ...of }) =>
      signal.action === 'resolveGroup' ? [{ ...of, group: storedKey(signal.group) }] : [],
    ),
  };
}

type Open = Extract<Signal, { action: 'open' }>;

/** What the transaction has read of a policy. */
interface Known {
  firing: readonly FiringAlert[];
  over: readonly OverAlert[];
  /** Ids of escalations that stand for alerts, locked: those that are named, and all that were open. */
  standing: readonly string[];
  /** Escalations that were acknowledged a moment ago. */
  acknowledged: readonly { id: string; at: string }[];
}

/**
 * One transaction's work on the alerts of a policy, whose lock it holds. What it stores is what it would store if each
 * signal came alone; only that a storm is stored in a few statements, and what is new with the last one.
 */
class Round {
  readonly #parts: Parts;
  readonly #work: Work;
  readonly #policy: string;
  readonly #firing: Map<string, FiringAlert>;
  /** Those that are over, and may be said to fire by a sender that has missed it. */
  readonly #over: Map<string, OverAlert>;
  /** How often alerts came again, by their ids. */
  readonly #again = new Map<number, number>();
  /** Those that new alerts may join if they are open. */
  readonly #standing: Set<string>;
  /** When those were acknowledged that were a moment ago. */
  readonly #acknowledged: Map<string, string>;
  /** The escalation that new alerts join, once it is known. */
  #current: Escalation | null | undefined = undefined;
  /** New alerts that are to join an escalation. */
  #joining = new Map<string, { into: string; alert: NewAlert }>();
  /** New alerts that have joined theirs, and are not stored yet. */
  #unstored = new Map<string, JoiningAlert>();
  /** Escalations that began here and have no stored alert yet. */
  readonly #begun = new Set<string>();
  /** Those that are over, not stored yet, by escalation. */
  #resolving = new Map<string, { alerts: FiringAlert[]; by: Actor }>();
  /** Escalations that somebody has taken or ended, and of which it is known whether that covers all. */
  readonly #lookedAt = new Set<string>();
  /** Escalations with alerts that came again in other words. */
  #reworded = new Set<string>();

  constructor(parts: Parts, work: Work, policy: string, { firing, over, standing, acknowledged }: Known) {
    this.#parts = parts;
    this.#work = work;
    this.#policy = policy;
    this.#standing = new Set(standing);
    this.#acknowledged = new Map(acknowledged.map(({ id, at }) => [id, at]));
    this.#firing = new Map(firing.map((alert) => [keyOf(alert), alert]));
    // Of those of one key the newest start counts.
    const byStart = over.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
    this.#over = new Map(byStart.map((alert) => [keyOf(alert), alert]));
  }

  async take(source: string, sender: string, signal: Signal): Promise<void> {
    const by = actorOf(source, sender);
    if (signal.action === 'resolveGroup') {
      await this.#store();
      const found = await firingOfGroup(this.#work.sql, this.#policy, source, signal.group);
      for (const alert of found) this.#resolve(alert, by);
      return;
    }
    if (signal.action === 'test') return await this.#test(source, sender, signal);
    const dedupKey = storedKey(signal.dedupKey);
    const key = keyOf({ source, dedupKey });
    if (this.#joining.has(key) || this.#unstored.has(key)) await this.#storeJoining();
    if (signal.action === 'open') {
      // Whether its escalation is over decides whether another one begins.
      await this.#storeResolved();
      await this.#open(key, source, sender, { ...signal, dedupKey });
      return;
    }
    if (signal.action === 'acknowledge') await this.#store();
    const alert = this.#firing.get(key);
    // A lone resolve, or an acknowledgement of nothing.
    if (!alert) return;
    if (signal.action === 'acknowledge') await this.#acknowledge(alert, by);
    else if (!endsEarlier(signal.endedAt, alert.startedAt)) this.#resolve(alert, by, signal.startedAt);
  }

  async finish(): Promise<void> {
    await this.#join();
    await this.#storeAll();
    joiningAlerts.add(this.#work, [...this.#unstored.values()]);
    const at = this.#now();
    countedAgain.add(
      this.#work,
      [...this.#again].map(([id, times]) => ({ id, times, at })),
    );
  }

  /** Starts an escalation for what somebody's act on this one did not cover, or lets it join one that calls. */
  async takeOver(from: Escalation): Promise<void> {
    const left = await uncovered(this.#work.sql, from.id);
    const [first] = left;
    if (!first) return;
    await this.#freeKey(from.id, left);
    const to = (await this.#findCurrent()) ?? (await this.#start(first, from.startedBy));
    if (!to) return;
    const into = { id: to.id, revision: to.revision + 1, run: to.ladder.runs };
    await this.#parts.escalations.writeIn(this.#work);
    this.#begun.delete(to.id);
    await moveUncovered(this.#work.sql, from.id, into, this.#now());
    await this.#reword(from.id, () => ({ type: 'notCovered', data: { count: left.length } }));
    await this.#joined(to.id, left.length);
  }

  async #open(key: string, source: string, sender: string, signal: Open): Promise<void> {
    const over = this.#over.get(key);
    if (over && isOver(signal.startedAt, over.startedAt)) {
      await this.#isOver(key, over, signal.summary);
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
      await this.#comesAgain(key, known, alert);
      return;
    }
    const current = await this.#findCurrent();
    if (current) {
      this.#joining.set(key, { into: current.id, alert });
      return;
    }
    const started = await this.#start(alert, {
      kind: 'api',
      key: source,
      name: sender,
    });
    if (started) this.#joins(started, started.revision, alert);
  }

  /** An alert that fires came again: what it says now counts, and what rested is looked at again if it is worse. */
  async #comesAgain(key: string, known: FiringAlert, said: NewAlert): Promise<void> {
    this.#count(known.id);
    const id = known.escalationId;
    await this.#lookAgain(id);
    const alert = { ...known, ...said, startedAt: laterStart(known.startedAt, said.startedAt) };
    const isNews = !sameWords(alert, known);
    if (!isNews && alert.startedAt === known.startedAt && alert.group === known.group) return;
    this.#firing.set(key, alert);
    if (!isWorse(alert.severity, known.severity)) {
      await changeAlert(this.#work.sql, alert, null);
      if (isNews) this.#reworded.add(id);
      return;
    }
    await this.#storeJoining();
    const { revision, ladder } = await this.#read(id);
    // Nobody has acknowledged that.
    await changeAlert(this.#work.sql, alert, { at: this.#now(), revision: revision + 1, run: ladder.runs });
    if (ladder.status !== 'acknowledged') await this.#reword(id);
    else if (await hasCovered(this.#work.sql, id)) {
      await this.#reword(id);
      this.#wantCallAgain(id);
    } else await this.#callAgain(id, ladder.acknowledgedBy?.at);
  }

  /** Nothing that it stands for is acknowledged any more: it calls again itself. */
  async #callAgain(id: string, acknowledgedAt: string | undefined): Promise<void> {
    const { words } = await this.#standsFor(id);
    await this.#tell(id, { type: 'joined', at: this.#now(), words, again: true });
    this.#current = undefined;
    await this.#bundle(id, acknowledgedAt === undefined ? [] : [acknowledgedAt]);
  }

  /** The sender says that it fires, and has said that it is over. */
  async #isOver(key: string, over: OverAlert, summary: string): Promise<void> {
    this.#count(over.id);
    if (over.cameAgain) return;
    this.#over.set(key, { ...over, cameAgain: true });
    await this.#note(over.escalationId, { type: 'overAlready', data: { name: summary } });
  }

  #count(id: number): void {
    this.#again.set(id, (this.#again.get(id) ?? 0) + 1);
  }

  /** A sender's Test button calls those of the policy's `test`; pressed again while it calls, it calls nobody anew. */
  async #test(source: string, sender: string, signal: Extract<Signal, { action: 'test' }>): Promise<void> {
    const { policyOf, policyMissing, escalations } = this.#parts;
    const policy = policyOf(this.#policy);
    if (!policy) return await policyMissing(this.#work, sender, this.#policy);
    await escalations.writeIn(this.#work);
    if (await isTesting(this.#work.sql, this.#policy, source)) return;
    const { summary, details, links } = signal;
    const startedBy: Requester = { kind: 'api', key: source, name: sender };
    const request = { summary, details, links, source, startedBy, test: true };
    await escalations.startIn(this.#work, startFromPolicy({ name: this.#policy, policy }, request));
  }

  async #start(alert: NewAlert, startedBy: Requester): Promise<Escalation | null> {
    const { policyOf, policyMissing, escalations } = this.#parts;
    const policy = policyOf(this.#policy);
    if (!policy) {
      await policyMissing(this.#work, startedBy.name, this.#policy);
      return null;
    }
    const request = startFromPolicy({ name: this.#policy, policy }, { ...alert, startedBy });
    const { escalation, joined } = await escalations.startIn(this.#work, request);
    this.#current = escalation;
    this.#standing.add(escalation.id);
    if (!joined) this.#begun.add(escalation.id);
    await this.#bundle(escalation.id, this.#justAcknowledged());
    return this.#current ?? null;
  }

  /** Somebody has been called a moment ago: what comes now is gathered, and called for once. */
  async #bundle(id: string, acknowledgedAt: readonly string[]): Promise<void> {
    const until = heldUntil(acknowledgedAt, this.#parts.clock.now());
    if (until === null) return;
    await this.#tell(id, { type: 'bundled', at: this.#now(), until: new Date(until).toISOString() });
  }

  #justAcknowledged(): string[] {
    const times: string[] = [];
    for (const [id, at] of this.#acknowledged) {
      // Those that the transaction does not change are as they were read.
      const held = this.#parts.escalations.heldIn(this.#work, id);
      if (!held || held.ladder.status === 'acknowledged') times.push(at);
    }
    return times;
  }

  async #findCurrent(): Promise<Escalation | null> {
    if (this.#current !== undefined) return this.#current;
    const all = await Promise.all([...this.#standing].map(async (id) => await this.#read(id)));
    const newest = all
      .filter(({ ladder }) => ladder.status === 'open')
      .toSorted((one, other) => (newestFirst(one) < newestFirst(other) ? 1 : -1))
      .slice(0, LOOKED_AT);
    this.#current = newest.find((one) => isJoinable(one, this.#parts.clock.now())) ?? null;
    return this.#current;
  }

  /** Tells escalations of the new alerts that join them, which are not stored by this. */
  async #join(): Promise<void> {
    const joining = Map.groupBy(this.#joining.values(), ({ into }) => into);
    this.#joining = new Map();
    for (const [id, added] of joining) {
      const escalation = await this.#read(id);
      // The next revision is the first that shows them.
      for (const { alert } of added) this.#joins(escalation, escalation.revision + 1, alert);
      await this.#joined(id, added.length);
    }
  }

  #joins({ id, ladder }: Escalation, revision: number, alert: NewAlert): void {
    const own = { into: id, revision, run: ladder.runs, policy: this.#policy, at: this.#now(), alert };
    this.#unstored.set(keyOf(alert), own);
  }

  async #storeJoining(): Promise<void> {
    await this.#join();
    if (this.#unstored.size === 0) return;
    if (this.#begun.size > 0) await this.#parts.escalations.writeIn(this.#work);
    this.#begun.clear();
    const inserted = await insertAlerts(this.#work.sql, [...this.#unstored.values()]);
    this.#unstored = new Map();
    for (const alert of inserted) this.#firing.set(keyOf(alert), alert);
  }

  async #joined(id: string, added: number): Promise<void> {
    await this.#reword(id, (firing) => ({ type: 'alertsJoined', data: { added, firing } }));
  }

  /** One of its alerts came again: it does not stay silent if it calls nobody, and nobody has taken it. */
  async #lookAgain(id: string): Promise<void> {
    const { status } = (await this.#read(id)).ladder;
    if (status === 'open') return;
    if (status === 'exhausted') {
      await this.#tell(id, { type: 'joined', at: this.#now() });
      this.#current = undefined;
    } else if (!this.#lookedAt.has(id)) {
      this.#lookedAt.add(id);
      // What was not covered is still here if there was no policy to call with.
      if ((await countUncovered(this.#work.sql, id)) > 0) this.#wantCallAgain(id);
    }
  }

  #wantCallAgain(id: string): void {
    this.#work.enqueue({ name: 'alerts.callAgain', data: { id, policy: this.#policy } });
  }

  /** @param startedAt of the episode that its sender says is over */
  #resolve(alert: FiringAlert, by: Actor, startedAt?: string | null): void {
    const key = keyOf(alert);
    this.#firing.delete(key);
    const over = { ...alert, startedAt: laterStart(alert.startedAt, startedAt) };
    if (over.startedAt !== null)
      this.#over.set(key, { ...over, startedAt: over.startedAt, cameAgain: false });
    const { alerts } = this.#resolving.get(alert.escalationId) ?? { alerts: [] };
    this.#resolving.set(alert.escalationId, { alerts: [...alerts, over], by });
  }

  async #store(): Promise<void> {
    await this.#storeJoining();
    await this.#storeAll();
  }

  /** All but alerts that are new. */
  async #storeAll(): Promise<void> {
    for (const id of this.#reworded) await this.#reword(id);
    await this.#storeResolved();
  }

  async #storeResolved(): Promise<void> {
    const resolving = this.#resolving;
    if (resolving.size === 0) return;
    this.#resolving = new Map();
    await this.#store();
    for (const [id, { alerts, by }] of resolving) await this.#resolveOf(id, alerts, by);
  }

  async #resolveOf(id: string, alerts: readonly FiringAlert[], by: Actor): Promise<void> {
    const { sql } = this.#work;
    await resolveAlerts(sql, alerts, this.#now());
    const { firing } = await loadBundle(sql, id, 0);
    if (firing === 0) {
      await this.#tell(id, { type: 'resolved', at: this.#now(), by });
      if (this.#current?.id === id) this.#current = undefined;
      return;
    }
    await this.#freeKey(id, alerts);
    await this.#reword(id, () => ({ type: 'alertsResolved', data: { firing } }));
    // What is left may be what its sender has acknowledged before.
    if ((await countUncovered(sql, id)) === 0) await this.#acknowledgeWhole(id, by);
  }

  /** Its first alert is over or another's: an alert of that key begins another escalation from now on. */
  async #freeKey(id: string, alerts: readonly { dedupKey: string }[]): Promise<void> {
    const { dedupKey } = await this.#read(id);
    if (alerts.some((alert) => alert.dedupKey === dedupKey))
      await this.#parts.escalations.freeKeyIn(this.#work, id);
  }

  /** A sender acknowledges alerts one by one: the escalation is acknowledged with the last. */
  async #acknowledge({ id: alertId, escalationId: id, dedupKey }: FiringAlert, by: Actor): Promise<void> {
    const left = await coverAlerts(this.#work.sql, id, { ids: [alertId] });
    if (left === 0) await this.#acknowledgeWhole(id, by);
    else await this.#note(id, { type: 'alertAcknowledged', data: { name: dedupKey, by: by.name } });
  }

  async #acknowledgeWhole(id: string, by: Actor): Promise<void> {
    const { status } = (await this.#read(id)).ladder;
    if (status !== 'open' && status !== 'exhausted') return;
    await this.#tell(id, { type: 'acknowledged', at: this.#now(), by });
    if (this.#current?.id === id) this.#current = undefined;
  }

  /** Says anew what the escalation stands for. @param entry of its timeline, which may say how many fire */
  async #reword(id: string, entry?: (firing: number) => Omit<TimelineEntry, 'at'>): Promise<void> {
    this.#reworded.delete(id);
    const { words, firing } = await this.#standsFor(id);
    const how = entry ? { entry: entry(firing) } : {};
    await this.#tell(id, { type: 'reworded', at: this.#now(), words, ...how });
  }

  /** What people are to read and hear of it, and how many fire. As it stands if none does. */
  async #standsFor(id: string): Promise<{ words: Words; firing: number }> {
    const { firing, resolved, listed } = await this.#bundleOf(id);
    const escalation = await this.#read(id);
    const [first] = listed;
    if (!first) return { words: wordsOf(escalation), firing };
    if (firing + resolved === 1) return { words: first, firing };
    const { alerts } = textsFor(escalation.language);
    const words = {
      severity: first.severity,
      links: first.links,
      summary: alerts.several({ firing, resolved, first: first.summary }),
      details: alerts.listed(listed, firing - listed.length).join('\n'),
    };
    return { words, firing };
  }

  /** Its alerts that are stored, and those that are not yet. */
  async #bundleOf(id: string): Promise<Bundle> {
    const stored = this.#begun.has(id)
      ? { firing: 0, resolved: 0, listed: [] }
      : await loadBundle(this.#work.sql, id, LISTED);
    const unstored = [...this.#unstored.values()].filter(({ into }) => into === id);
    const listed = [...stored.listed, ...unstored.map(({ alert }) => wordsOf(alert))];
    return {
      firing: stored.firing + unstored.length,
      resolved: stored.resolved,
      listed: listed.toSorted((one, other) => rankOf(other.severity) - rankOf(one.severity)).slice(0, LISTED),
    };
  }

  /** It is locked, so it is there: should it not be, nothing of all this is stored. */
  async #read(id: string): Promise<Escalation> {
    const escalation = await this.#parts.escalations.lookIn(this.#work, id);
    if (!escalation)
      throw new RingdownError('internal', { detail: 'An escalation is gone while alerts join it.' });
    return escalation;
  }

  async #note(id: string, entry: Omit<TimelineEntry, 'at'>): Promise<void> {
    await this.#tell(id, { type: 'noted', at: this.#now(), entry });
  }

  async #tell(id: string, event: LadderEvent): Promise<void> {
    const taken = await this.#parts.escalations.takeIn(this.#work, id, event);
    if (!taken) return;
    const { ladder } = taken.escalation;
    if (ladder.status === 'acknowledged' && ladder.acknowledgedBy)
      this.#acknowledged.set(id, ladder.acknowledgedBy.at);
    if (this.#current?.id === id) this.#current = taken.escalation;
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** Sorts escalations by when they began, and those of the same moment by their ids. */
function newestFirst({ createdAt, id }: Escalation): string {
  return `${createdAt} ${id}`;
}

function keyOf({ source, dedupKey }: { source: string; dedupKey: string }): string {
  return `${source}\n${dedupKey}`;
}

function actorOf(source: string, sender: string): Actor {
  return { key: source, name: sender, way: 'sender' };
}
