import { pauseIn, pauseQuestion } from '../calls/pause.ts';
import { timeNow } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import { ask } from '../database/ask.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { Actor, Escalation } from '../escalations/escalation.ts';
import type { EscalationEntry } from '../escalations/timeline.ts';
import { storedKey } from './alert.ts';
import { closeAlerts, hasUnannounced } from './alertStore.ts';
import { BUNDLING_MS } from './bundling.ts';
import { coverAlerts, uncoverAlerts } from './coverage.ts';
import { STALE_MS } from './episodes.ts';
import { knownTo } from './known.ts';
import { acknowledgedQuestion, loadNamed, lockNamed, readAcknowledged, type Named } from './namedAlerts.ts';
import { PolicyBatch } from './policyBatch.ts';
import type { PolicyParts } from './policyEscalations.ts';
import { lockPolicy } from './policyLocks.ts';
import type { Signal } from './signal.ts';

/** One parsed body of a sender. */
export interface Received {
  /** Tells senders apart: the same dedup key from another source is another alert. */
  source: string;
  /** The sender's name, for people. */
  sender: string;
  signals: readonly Signal[];
}

interface Parts extends PolicyParts {
  transact: Transact;
  jobs: Jobs;
}

/**
 * Alerts and their escalations. One escalation calls for all alerts of its policy that arrive while it calls. Senders resolve
 * each alert by itself; the last one resolves the escalation.
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

  /** Locks a policy and applies what its senders said, in that order. */
  async applyIn(work: Work, policy: string, received: readonly Received[]): Promise<void> {
    await lockPolicy(work.sql, policy);
    await this.applyAllIn(work, new Map([[policy, received]]), true);
  }

  /**
   * Applies what the senders of several policies said. The transaction holds the locks of these policies.
   *
   * @param waits whether to wait for escalations that another transaction has locked
   * @returns the policies that were skipped because another transaction has locked one of their escalations
   */
  async applyAllIn(
    work: Work,
    byPolicy: ReadonlyMap<string, readonly Received[]>,
    waits: boolean,
  ): Promise<ReadonlySet<string>> {
    const { batches, missed } = await this.#begin(work, byPolicy, { waits });
    for (const [policy, batch] of batches) {
      for (const { source, sender, signals } of byPolicy.get(policy) ?? []) {
        for (const signal of signals) await batch.apply(source, sender, signal);
      }
      await batch.finish();
    }
    return missed;
  }

  /**
   * Locks and loads everything that the signals may concern. Deadlines that have passed are applied first, as their own
   * jobs would have done in time: otherwise an alert could join an escalation that the next event ends.
   *
   * @param options.also id of another escalation to lock
   */
  async #begin(
    work: Work,
    byPolicy: ReadonlyMap<string, readonly Received[]>,
    { waits, also = null }: { waits: boolean; also?: string | null },
  ): Promise<{ batches: Map<string, PolicyBatch>; missed: ReadonlySet<string> }> {
    const { escalations, clock } = this.#parts;
    const { sql } = work;
    const all = [...byPolicy.keys()];
    const named = namedBy(byPolicy);
    const resolvedAfter = new Date(clock.now() - STALE_MS);
    const locked = await lockNamed(sql, all, named, { resolvedAfter, also, waits });
    const since = new Date(clock.now() - BUNDLING_MS).toISOString();
    const answers = await ask(sql, { pause: pauseQuestion, acknowledged: acknowledgedQuestion(all, since) });
    escalations.addLocked(work, locked.escalations, named.keys, pauseIn(answers['pause']));
    const at = this.#now();
    for (const { escalation } of locked.escalations) {
      const { wakeAt } = escalation.ladder;
      if (wakeAt !== null && wakeAt <= at && !locked.missed.has(escalation.policy ?? ''))
        await escalations.takeIn(work, escalation.id, { type: 'wake', at });
    }
    const { firing, resolved } = await loadNamed(sql, named, resolvedAfter);
    const acknowledged = readAcknowledged(answers['acknowledged']);
    const policies = all.filter((policy) => !locked.missed.has(policy));
    const batches = policies.map((policy): [string, PolicyBatch] => {
      const isOwn = (one: { policy: string }): boolean => one.policy === policy;
      const loaded = {
        firing: firing.filter(isOwn),
        resolved: resolved.filter(isOwn),
        withAlerts: locked.withAlerts.get(policy) ?? [],
        acknowledged: acknowledged.filter(isOwn),
      };
      return [policy, new PolicyBatch(this.#parts, work, policy, loaded)];
    });
    return { batches: new Map(batches), missed: locked.missed };
  }

  async #changed(work: Work, escalation: Escalation, timeline: readonly EscalationEntry[]): Promise<void> {
    const { id, policy, ladder } = escalation;
    if (policy === null) return;
    const cover = async (by: Actor | null, hasEnded: boolean): Promise<void> => {
      if (!by) return;
      const revision = await this.#revisionKnownTo(work, id, by);
      const left = await coverAlerts(work.sql, id, { revision });
      if (hasEnded) await closeAlerts(work.sql, id, this.#now());
      if (left > 0) work.enqueue({ name: 'alerts.callAgain', data: { id, policy } });
    };
    for (const { type } of timeline) {
      switch (type) {
        case 'acknowledged':
          // A sender acknowledges alerts one by one.
          if (ladder.acknowledgedBy?.way !== 'sender') await cover(ladder.acknowledgedBy, false);
          break;
        case 'resolved':
        case 'cancelled':
          await cover(ladder.endedBy, true);
          break;
        case 'startedAgain':
          // It calls for all of its alerts again, so none counts as acknowledged.
          await uncoverAlerts(work.sql, id);
          break;
        case 'exhausted':
          if (await hasUnannounced(work.sql, id, ladder.runs))
            work.enqueue({ name: 'alerts.startAgain', data: { id } });
          break;
        default:
      }
    }
  }

  /** The newest revision that this person had read or heard; null means all of it. */
  async #revisionKnownTo(work: Work, id: string, by: Actor): Promise<number | null> {
    if (by.way !== 'keys' && by.seenRevision === undefined) return null;
    const { read, heard } = await knownTo(work.sql, id, { objectId: by.key });
    // A person who presses keys knows what was spoken, or what is on their card if nothing could be spoken.
    if (by.way === 'keys') return heard ?? read ?? 0;
    return Math.max(by.seenRevision ?? 0, heard ?? 0);
  }

  /** Calls again for the alerts that somebody's act did not cover: they move to another escalation. */
  async #callAgain(id: string, policy: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      await lockPolicy(work.sql, policy);
      const { batches } = await this.#begin(work, new Map([[policy, []]]), { waits: true, also: id });
      const escalation = await this.#parts.escalations.lookIn(work, id);
      const status = escalation?.ladder.status;
      // An escalation in these states calls for all of its alerts anyway.
      if (!escalation || status === 'open' || status === 'exhausted') return;
      await batches.get(policy)?.moveUncoveredOf(escalation);
    });
  }

  /** Starts an exhausted escalation again for alerts that its last call did not announce. */
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

/** The alerts and groups that the signals name. */
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
