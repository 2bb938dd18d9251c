import type { Requester, TimelineEntry } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Transact, Work } from '../database/work.ts';
import type { Actor, Escalation } from '../escalations/escalation.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import { loadEscalation, lockEscalation } from '../escalations/escalationStore.ts';
import { startFromPolicy, type Policy } from '../escalations/policies.ts';
import { knownTo } from '../escalations/shown.ts';
import { textsFor } from '../texts/texts.ts';
import {
  closeAlerts,
  countAgain,
  countUncovered,
  coverAlerts,
  escalationsOfAlerts,
  firingOfGroup,
  freeDedupKey,
  hasUntold,
  isTesting,
  insertAlerts,
  loadBundle,
  lockFiring,
  lockPolicy,
  moveUncovered,
  queuedCalls,
  resolveAlerts,
  rewriteEscalation,
  storedKey,
  uncovered,
  uncoverAlerts,
  type FiringAlert,
  type NewAlert,
} from './alertStore.ts';
import { heldUntil, isJoinable } from './bundling.ts';
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
  /** The operator's stop holds everything. */
  isPaused: () => Promise<boolean>;
  /** An alert has nobody to call. */
  policyMissing: (work: Work, sender: string, policy: string) => Promise<void>;
}

/** So many stand on the card by name. */
const LISTED = 25;
/** Who holds an escalation back for a moment: the program itself. */
const SELF = 'Ringdown';

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
    parts.jobs.handle('alerts.release', {
      run: async (data) => {
        // The operator's stop releases all when it ends.
        if (!(await parts.isPaused())) await parts.escalations.resume(String(data['id']), SELF);
      },
    });
  }

  /** Takes what senders sent for a policy, in the order in which it came. */
  async takeIn(work: Work, policy: string, received: readonly Received[]): Promise<void> {
    await lockPolicy(work.sql, policy);
    const keys = received.flatMap(({ source, signals }) =>
      signals.flatMap((signal) =>
        'dedupKey' in signal ? [{ source, dedupKey: storedKey(signal.dedupKey) }] : [],
      ),
    );
    const firing = await lockFiring(work.sql, policy, keys);
    const round = new Round(this.#parts, work, policy, firing);
    for (const { source, sender, signals } of received) {
      for (const signal of signals) await round.take(source, sender, signal);
    }
    await round.finish();
  }

  async #changed(work: Work, escalation: Escalation, timeline: readonly TimelineEntry[]): Promise<void> {
    const { id, policy, ladder } = escalation;
    if (policy === null) return;
    const has = (type: string): boolean => timeline.some((entry) => entry.type === type);
    const isOver = has('resolved') || has('cancelled');
    const by = isOver ? ladder.endedBy : has('acknowledged') ? ladder.acknowledgedBy : null;
    if (by && (isOver || by.way !== 'sender')) {
      const revision = await this.#revisionKnownTo(work, id, by);
      const left = await coverAlerts(work.sql, id, { revision });
      if (isOver) await closeAlerts(work.sql, id, this.#now());
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
      await lockPolicy(work.sql, policy);
      const stored = await lockEscalation(work.sql, id);
      const status = stored?.escalation.ladder.status;
      // It goes on calling for all of them by itself.
      if (!stored || status === 'open' || status === 'exhausted') return;
      await new Round(this.#parts, work, policy, []).takeOver(stored.escalation);
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

type Open = Extract<Signal, { action: 'open' }>;

/** One transaction's work on the alerts of a policy, whose lock it holds. */
class Round {
  readonly #parts: Parts;
  readonly #work: Work;
  readonly #policy: string;
  readonly #firing: Map<string, FiringAlert>;
  readonly #again = new Set<number>();
  /** The escalation that new alerts join, once it is known. */
  #current: Escalation | null | undefined = undefined;
  /** Those that join it, not stored yet: a storm is stored in a few statements. */
  #joining = new Map<string, NewAlert>();
  /** Those that are over, not stored yet, by escalation. */
  #resolving = new Map<string, { alerts: FiringAlert[]; sender: string }>();

  constructor(parts: Parts, work: Work, policy: string, firing: readonly FiringAlert[]) {
    this.#parts = parts;
    this.#work = work;
    this.#policy = policy;
    this.#firing = new Map(firing.map((alert) => [keyOf(alert), alert]));
  }

  async take(source: string, sender: string, signal: Signal): Promise<void> {
    if (signal.action === 'resolveGroup') {
      await this.#store();
      const found = await firingOfGroup(this.#work.sql, this.#policy, source, signal.group);
      for (const alert of found) this.#resolve(alert, sender);
      return;
    }
    if (signal.action === 'test') return await this.#test(source, sender, signal);
    const dedupKey = storedKey(signal.dedupKey);
    const key = keyOf({ source, dedupKey });
    if (signal.action === 'open') {
      // Whether its escalation is over decides whether another one begins.
      await this.#storeResolved();
      await this.#open(key, source, sender, { ...signal, dedupKey });
      return;
    }
    if (this.#joining.has(key)) await this.#storeJoining();
    if (signal.action === 'acknowledge') await this.#store();
    const alert = this.#firing.get(key);
    // A lone resolve, or an acknowledgement of nothing.
    if (!alert) return;
    if (signal.action === 'resolve') this.#resolve(alert, sender);
    else await this.#acknowledge(alert, sender);
  }

  async finish(): Promise<void> {
    await this.#store();
    await countAgain(this.#work.sql, [...this.#again], this.#now());
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
    await moveUncovered(this.#work.sql, from.id, {
      id: to.id,
      revision: to.revision + 1,
      run: to.ladder.runs,
    });
    await this.#note(from.id, { type: 'notCovered', data: { count: left.length } });
    await this.#rewrite(from.id);
    await this.#joined(to.id, left.length);
  }

  async #open(key: string, source: string, sender: string, signal: Open): Promise<void> {
    const known = this.#firing.get(key);
    if (known) {
      this.#again.add(known.id);
      // An exhausted one starts its ladder again; nothing is called by that alone in one that is open or taken.
      await this.#startAgainIfExhausted(known.escalationId);
      return;
    }
    if (this.#joining.has(key)) return;
    const alert: NewAlert = {
      source,
      dedupKey: signal.dedupKey,
      group: signal.group,
      summary: signal.summary,
      details: signal.details,
      severity: signal.severity,
      links: signal.links,
    };
    if (await this.#findCurrent()) {
      this.#joining.set(key, alert);
      return;
    }
    const started = await this.#start(alert, {
      kind: 'api',
      key: source,
      name: sender,
    });
    if (!started) return;
    this.#remember(await this.#insert(started, started.revision, [alert]));
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
    const { policyOf, policyMissing, escalations, clock } = this.#parts;
    const policy = policyOf(this.#policy);
    if (!policy) {
      await policyMissing(this.#work, startedBy.name, this.#policy);
      return null;
    }
    const request = startFromPolicy({ name: this.#policy, policy }, { ...alert, startedBy });
    const { escalation } = await escalations.startIn(this.#work, request);
    this.#current = escalation;
    const until = heldUntil(await this.#justAcknowledged(), clock.now());
    if (until !== null) await this.#hold(escalation.id, until);
    return this.#current;
  }

  /** Somebody has been called a moment ago: what comes now is gathered, and called for once. */
  async #hold(id: string, until: number): Promise<void> {
    const { escalations, clock } = this.#parts;
    const seconds = Math.ceil((until - clock.now()) / 1000);
    await this.#note(id, { type: 'bundling', data: { seconds } });
    const held = await escalations.takeIn(this.#work, id, { type: 'halted', at: this.#now(), by: SELF });
    this.#work.enqueue({ name: 'alerts.release', data: { id }, dueAt: until });
    this.#current = held?.escalation ?? this.#current;
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
    const joining = [...this.#joining.values()];
    this.#joining = new Map();
    if (joining.length === 0 || !this.#current) return;
    const stored = await lockEscalation(this.#work.sql, this.#current.id);
    if (!stored) return;
    const { escalation } = stored;
    // The next revision is the first that shows them.
    this.#remember(await this.#insert(escalation, escalation.revision + 1, joining));
    await this.#joined(escalation.id, joining.length);
  }

  async #insert(
    { id, ladder }: Escalation,
    revision: number,
    alerts: readonly NewAlert[],
  ): Promise<FiringAlert[]> {
    const into = { id, revision, run: ladder.runs };
    return await insertAlerts(this.#work.sql, this.#policy, into, this.#now(), alerts);
  }

  async #joined(id: string, added: number): Promise<void> {
    const before = (await this.#read(id))?.severity;
    const firing = await this.#rewrite(id);
    // A call that rests in quiet hours may not have to any more.
    if ((await this.#read(id))?.severity !== before) {
      for (const callId of await queuedCalls(this.#work.sql, id)) {
        this.#work.enqueue({ name: 'call.dial', data: { callId }, priority: 10 });
      }
    }
    await this.#note(id, { type: 'alertsJoined', data: { added, firing } });
  }

  #remember(alerts: readonly FiringAlert[]): void {
    for (const alert of alerts) this.#firing.set(keyOf(alert), alert);
  }

  async #startAgainIfExhausted(id: string): Promise<void> {
    const stored = await lockEscalation(this.#work.sql, id);
    if (stored?.escalation.ladder.status !== 'exhausted') return;
    await this.#parts.escalations.takeIn(this.#work, id, { type: 'joined', at: this.#now() });
    this.#current = undefined;
  }

  #resolve(alert: FiringAlert, sender: string): void {
    this.#firing.delete(keyOf(alert));
    const { alerts } = this.#resolving.get(alert.escalationId) ?? { alerts: [] };
    this.#resolving.set(alert.escalationId, { alerts: [...alerts, alert], sender });
  }

  async #store(): Promise<void> {
    await this.#storeJoining();
    await this.#storeResolved();
  }

  async #storeResolved(): Promise<void> {
    const resolving = this.#resolving;
    if (resolving.size === 0) return;
    this.#resolving = new Map();
    await this.#storeJoining();
    for (const [id, { alerts, sender }] of resolving) await this.#resolveOf(id, alerts, sender);
  }

  async #resolveOf(id: string, alerts: readonly FiringAlert[], sender: string): Promise<void> {
    const { sql } = this.#work;
    await resolveAlerts(
      sql,
      alerts.map((alert) => alert.id),
      this.#now(),
    );
    const by = actorOf(alerts[0]?.source ?? '', sender);
    const { firing } = await loadBundle(sql, id, 0);
    if (firing === 0) {
      if (this.#current?.id === id) this.#current = undefined;
      await this.#parts.escalations.takeIn(this.#work, id, { type: 'resolved', at: this.#now(), by });
      return;
    }
    await freeDedupKey(
      sql,
      id,
      alerts.map(({ dedupKey }) => dedupKey),
    );
    await this.#rewrite(id);
    await this.#note(id, { type: 'alertsResolved', data: { firing } });
    // What is left may be what its sender has acknowledged before.
    if ((await countUncovered(sql, id)) === 0) await this.#acknowledgeWhole(id, by);
  }

  /** A sender acknowledges alerts one by one: the escalation is acknowledged with the last. */
  async #acknowledge(alert: FiringAlert, sender: string): Promise<void> {
    const { escalationId: id, dedupKey, source } = alert;
    const left = await coverAlerts(this.#work.sql, id, { ids: [alert.id] });
    if (left === 0) await this.#acknowledgeWhole(id, actorOf(source, sender));
    else await this.#note(id, { type: 'alertAcknowledged', data: { name: dedupKey, by: sender } });
  }

  async #acknowledgeWhole(id: string, by: Actor): Promise<void> {
    const status = (await this.#read(id))?.ladder.status;
    if (status !== 'open' && status !== 'exhausted') return;
    await this.#parts.escalations.takeIn(this.#work, id, { type: 'acknowledged', at: this.#now(), by });
    if (this.#current?.id === id) this.#current = undefined;
  }

  /** Says anew what the escalation stands for. @returns how many fire */
  async #rewrite(id: string): Promise<number> {
    const { sql } = this.#work;
    const bundle = await loadBundle(sql, id, LISTED);
    const escalation = await this.#read(id);
    const [first] = bundle.listed;
    if (!first || !escalation) return bundle.firing;
    const { alerts } = textsFor(escalation.language);
    const { firing, resolved, listed } = bundle;
    const alone = firing + resolved === 1;
    await rewriteEscalation(sql, id, {
      severity: first.severity,
      links: first.links,
      summary: alone ? first.summary : alerts.several({ firing, resolved, first: first.summary }),
      details: alone ? first.details : alerts.listed(listed, firing - listed.length).join('\n'),
    });
    return firing;
  }

  async #read(id: string): Promise<Escalation | null> {
    return (await lockEscalation(this.#work.sql, id))?.escalation ?? null;
  }

  async #note(id: string, entry: Omit<TimelineEntry, 'at'>): Promise<void> {
    const taken = await this.#parts.escalations.takeIn(this.#work, id, {
      type: 'noted',
      at: this.#now(),
      entry,
    });
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
