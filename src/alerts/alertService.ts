import type { Requester, TimelineEntry } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Transact, Work } from '../database/work.ts';
import type { Actor, Escalation } from '../escalations/escalation.ts';
import { RingdownError } from '../errors.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import { loadEscalation, lockEscalation } from '../escalations/escalationStore.ts';
import type { LadderEvent } from '../escalations/ladder.ts';
import { startFromPolicy, type Policy } from '../escalations/policies.ts';
import { knownTo } from '../escalations/shown.ts';
import { isWorse, sameWords, wordsOf, type Words } from '../escalations/words.ts';
import { textsFor } from '../texts/texts.ts';
import {
  changeAlert,
  closeAlerts,
  countAgain,
  countUncovered,
  coverAlerts,
  escalationsOfAlerts,
  firingOfGroup,
  freeDedupKey,
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
  type FiringAlert,
  type Named,
  type NewAlert,
  type OverAlert,
} from './alertStore.ts';
import { heldUntil, isJoinable } from './bundling.ts';
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
      run: async (data) => await this.#callAgain(String(data['id']), String(data['policy'])),
    });
    parts.jobs.handle('alerts.startAgain', {
      run: async (data) => await this.#startAgain(String(data['id'])),
    });
  }

  /** Takes what senders sent for a policy, in the order in which it came. */
  async takeIn(work: Work, policy: string, received: readonly Received[]): Promise<void> {
    const round = await this.#begin(work, policy, namedBy(received));
    for (const { source, sender, signals } of received) {
      for (const signal of signals) await round.take(source, sender, signal);
    }
    await round.finish();
  }

  /**
   * Locks what the named alerts may concern. A deadline that has passed is taken first, as its own job would have done
   * in time: else an alert would join an escalation that is at its end, and whatever is stored in it would end it.
   */
  async #begin(work: Work, policy: string, named: Named, also: string | null = null): Promise<Round> {
    const { escalations, clock } = this.#parts;
    await lockPolicy(work.sql, policy);
    const resolvedAfter = new Date(clock.now() - OVER_MS);
    const locked = await lockNamed(work.sql, policy, named, resolvedAfter, also);
    const at = this.#now();
    const due = locked.filter(({ wakeAt }) => wakeAt !== null && wakeAt <= at);
    for (const { id } of due) await escalations.takeIn(work, id, { type: 'wake', at });
    return new Round(this.#parts, work, policy, await loadNamed(work.sql, policy, named, resolvedAfter));
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
      if (left > 0) work.enqueue({ name: 'alerts.callAgain', data: { id, policy }, priority: 10 });
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
      const round = await this.#begin(work, policy, namedBy([]), id);
      const stored = await lockEscalation(work.sql, id);
      const status = stored?.escalation.ladder.status;
      // It goes on calling for all of them by itself.
      if (!stored || status === 'open' || status === 'exhausted') return;
      await round.takeOver(stored.escalation);
    });
  }

  /** Alerts that came too late for the last call of an exhausted escalation: they are called for. */
  async #startAgain(id: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      const stored = await lockEscalation(work.sql, id);
      if (stored?.escalation.ladder.status !== 'exhausted') return;
      await this.#parts.escalations.takeIn(work, id, { type: 'joined', at: this.#now() });
    });
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString();
  }
}

/** The alerts and groups that are named, by what stands for their keys in the database. */
function namedBy(received: readonly Received[]): Named {
  const all = received.flatMap(({ source, signals }) => signals.map((signal) => ({ source, signal })));
  return {
    keys: all.flatMap(({ source, signal }) =>
      'dedupKey' in signal ? [{ source, dedupKey: storedKey(signal.dedupKey) }] : [],
    ),
    groups: all.flatMap(({ source, signal }) =>
      signal.action === 'resolveGroup' ? [{ source, group: storedKey(signal.group) }] : [],
    ),
  };
}

type Open = Extract<Signal, { action: 'open' }>;

/**
 * One transaction's work on the alerts of a policy, whose lock it holds. What it stores is what it would store if each
 * signal came alone; only that a storm is stored in a few statements.
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
  /** The escalation that new alerts join, once it is known. */
  #current: Escalation | null | undefined = undefined;
  /** New alerts, not stored yet, each with the escalation that it joins. */
  #joining = new Map<string, { into: string; alert: NewAlert }>();
  /** Those that are over, not stored yet, by escalation. */
  #resolving = new Map<string, { alerts: FiringAlert[]; by: Actor }>();
  /** Escalations that somebody has taken or ended, and of which it is known whether that covers all. */
  readonly #lookedAt = new Set<string>();
  /** Escalations with alerts that came again in other words. */
  #reworded = new Set<string>();

  constructor(
    parts: Parts,
    work: Work,
    policy: string,
    { firing, over }: { firing: readonly FiringAlert[]; over: readonly OverAlert[] },
  ) {
    this.#parts = parts;
    this.#work = work;
    this.#policy = policy;
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
    if (this.#joining.has(key)) await this.#storeJoining();
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
    await this.#store();
    await countAgain(this.#work.sql, this.#again, this.#now());
  }

  /** Starts an escalation for what somebody's act on this one did not cover, or lets it join one that calls. */
  async takeOver(from: Escalation): Promise<void> {
    const left = await uncovered(this.#work.sql, from.id);
    const [first] = left;
    if (!first) return;
    await freeDedupKey(
      this.#work.sql,
      from.id,
      left.map(({ dedupKey }) => dedupKey),
    );
    const to = (await this.#findCurrent()) ?? (await this.#start(first, from.startedBy));
    if (!to) return;
    const into = { id: to.id, revision: to.revision + 1, run: to.ladder.runs };
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
    if (!started) return;
    await this.#insert(started, started.revision, [alert]);
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
    const { escalation } = await escalations.startIn(this.#work, request);
    this.#current = escalation;
    await this.#bundle(escalation.id, await this.#justAcknowledged());
    return this.#current;
  }

  /** Somebody has been called a moment ago: what comes now is gathered, and called for once. */
  async #bundle(id: string, acknowledgedAt: readonly string[]): Promise<void> {
    const until = heldUntil(acknowledgedAt, this.#parts.clock.now());
    if (until === null) return;
    await this.#tell(id, { type: 'bundled', at: this.#now(), until: new Date(until).toISOString() });
  }

  async #justAcknowledged(): Promise<string[]> {
    const ids = await escalationsOfAlerts(this.#work.sql, this.#policy, 'acknowledged', 5);
    const times: string[] = [];
    for (const id of ids) {
      const escalation = await loadEscalation(this.#work.sql, id);
      if (escalation?.ladder.acknowledgedBy) times.push(escalation.ladder.acknowledgedBy.at);
    }
    return times;
  }

  async #findCurrent(): Promise<Escalation | null> {
    if (this.#current !== undefined) return this.#current;
    this.#current = null;
    for (const id of await escalationsOfAlerts(this.#work.sql, this.#policy, 'open', 3)) {
      const stored = await lockEscalation(this.#work.sql, id);
      if (stored && isJoinable(stored.escalation, this.#parts.clock.now())) {
        this.#current = stored.escalation;
        break;
      }
    }
    return this.#current;
  }

  async #storeJoining(): Promise<void> {
    const joining = Map.groupBy(this.#joining.values(), ({ into }) => into);
    this.#joining = new Map();
    for (const [id, added] of joining) {
      const escalation = await this.#read(id);
      // The next revision is the first that shows them.
      await this.#insert(
        escalation,
        escalation.revision + 1,
        added.map(({ alert }) => alert),
      );
      await this.#joined(id, added.length);
    }
  }

  async #insert({ id, ladder }: Escalation, revision: number, alerts: readonly NewAlert[]): Promise<void> {
    const into = { id, revision, run: ladder.runs };
    const inserted = await insertAlerts(this.#work.sql, this.#policy, into, this.#now(), alerts);
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
    this.#work.enqueue({ name: 'alerts.callAgain', data: { id, policy: this.#policy }, priority: 10 });
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
    await freeDedupKey(
      sql,
      id,
      alerts.map(({ dedupKey }) => dedupKey),
    );
    await this.#reword(id, () => ({ type: 'alertsResolved', data: { firing } }));
    // What is left may be what its sender has acknowledged before.
    if ((await countUncovered(sql, id)) === 0) await this.#acknowledgeWhole(id, by);
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
    const { firing, resolved, listed } = await loadBundle(this.#work.sql, id, LISTED);
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

  /** It is locked, so it is there: should it not be, nothing of all this is stored. */
  async #read(id: string): Promise<Escalation> {
    const stored = await lockEscalation(this.#work.sql, id);
    if (!stored)
      throw new RingdownError('internal', { detail: 'An escalation is gone while alerts join it.' });
    return stored.escalation;
  }

  async #note(id: string, entry: Omit<TimelineEntry, 'at'>): Promise<void> {
    await this.#tell(id, { type: 'noted', at: this.#now(), entry });
  }

  async #tell(id: string, event: LadderEvent): Promise<void> {
    const taken = await this.#parts.escalations.takeIn(this.#work, id, event);
    if (taken && this.#current?.id === id) this.#current = taken.escalation;
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString();
  }
}

function keyOf({ source, dedupKey }: { source: string; dedupKey: string }): string {
  return `${source}\n${dedupKey}`;
}

function actorOf(source: string, sender: string): Actor {
  return { key: source, name: sender, way: 'sender' };
}
