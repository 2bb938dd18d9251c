import { AlertService, type Received } from '../../../src/alerts/alertService.ts';
import type { Signal } from '../../../src/alerts/signal.ts';
import type { Clock } from '../../../src/clock.ts';
import { CallService } from '../../../src/calls/callService.ts';
import type { JobRequest } from '../../../src/database/jobRequests.ts';
import type { JobHandler } from '../../../src/database/jobHandler.ts';
import { Jobs } from '../../../src/database/jobRunner.ts';
import type { JobName } from '../../../src/database/jobKinds.ts';
import type { Database } from '../../../src/database/open.ts';
import { createTransact, type Transact } from '../../../src/database/transaction.ts';
import type { Severity, StepPeople } from '../../../src/escalations/escalation.ts';
import type { Policy } from '../../../src/escalations/policies.ts';
import { EscalationService } from '../../../src/escalations/escalationService.ts';
import { stoppedClock } from '../clock.ts';
import { AUTO_RESOLVE_MS } from '../../../src/config/ringdownSchema.ts';
import { silent } from '../log.ts';

/** Remembers jobs and runs them only when a test says so. */
class RememberedJobs extends Jobs {
  readonly wanted: JobRequest[] = [];
  readonly #handlers = new Map<string, JobHandler<never>>();

  override handle<Name extends JobName>(name: Name, handler: JobHandler<Name>): void {
    this.#handlers.set(name, handler);
  }

  /** Calls are placed but not dialled. */
  override get runsNow(): boolean {
    return false;
  }

  /** Runs the jobs with this name. */
  async run(name: string): Promise<void> {
    const wanted = this.wanted.filter((job) => job.name === name);
    this.wanted.splice(0, this.wanted.length, ...this.wanted.filter((job) => job.name !== name));
    for (const { data } of wanted) await this.#handlers.get(name)?.run(data as never, undefined as never);
  }

  override async conclude(...[sql, wishes]: Parameters<Jobs['conclude']>): ReturnType<Jobs['conclude']> {
    this.wanted.push(...wishes.wanted);
    return await super.conclude(sql, { ...wishes, wanted: [] });
  }
}

export const ONE_STEP: Policy = {
  steps: [{ targets: [{ user: 'adele@contoso.example' }], mode: 'sequence', tries: 1, pauseSeconds: 0 }],
  repeat: 0,
};

export const SOURCE = 'integration:prometheus';

/** A sender's report of a firing alert. */
export function firing(
  dedupKey: string,
  more: { severity?: Severity; summary?: string; startedAt?: string; group?: string; source?: string } = {},
): Received {
  const { severity = 'critical', summary = dedupKey, startedAt, group = null, source } = more;
  const signal: Signal = {
    action: 'open' as const,
    dedupKey,
    summary,
    severity,
    group,
    details: null,
    links: [],
    ...(startedAt === undefined ? {} : { startedAt }),
  };
  return received(signal, source);
}

export function received(signal: Signal, source = SOURCE): Received {
  return { source, sender: source.replace(/^.*:/, ''), signals: [signal] };
}

/** The alerts and escalations of policies. Time stands still until a test moves `now`. */
export class AlertWorld {
  now = Date.parse('2026-11-29T10:00:00Z');
  readonly clock: Clock;
  readonly jobs: RememberedJobs;
  readonly transact: Transact;
  readonly alerts: AlertService;
  readonly escalations: EscalationService;
  readonly database: Database;
  /** Policies that are not in the file. */
  readonly gone = new Set(['missing']);
  /** Senders whose policy is not in the file. */
  readonly missing: string[] = [];

  constructor(database: Database) {
    this.database = database;
    const clock = { ...stoppedClock(0), now: () => this.now };
    this.clock = clock;
    this.jobs = new RememberedJobs(database, clock, silent);
    this.transact = createTransact(database, this.jobs);
    const calls = new CallService({
      database,
      clock,
      transact: this.transact,
      ringTimeoutSeconds: 45,
      createCallsPerSecond: 10,
    });
    this.escalations = new EscalationService({
      calls,
      clock,
      transact: this.transact,
      sql: database.sql,
      autoResolveMs: () => AUTO_RESOLVE_MS,
      patienceMs: database.patienceMs,
      log: silent,
      apart: false,
    });
    this.alerts = new AlertService({
      clock,
      jobs: this.jobs,
      transact: this.transact,
      escalations: this.escalations,
      policyOf: (name) => (this.gone.has(name) ? null : ONE_STEP),
      policyMissing: async (_work, sender) => void this.missing.push(sender),
    });
  }

  /** Applies what senders reported, in one transaction. */
  async send(policy: string, ...batch: Received[]): Promise<void> {
    await this.transact(async (work) => await this.alerts.applyIn(work, policy, batch));
  }

  /** Exhausts an escalation: its only step finds nobody to call. */
  async exhaust(id: string): Promise<void> {
    await this.#resolveStep(id, []);
  }

  /** Lets the only step call Adele: her call is placed but not dialled. @returns its id */
  async call(id: string): Promise<string> {
    const target = { kind: 'teamsUser' as const, id: 'adele', displayName: 'Adele Vance' };
    await this.#resolveStep(id, [{ key: 'adele', target }]);
    return (await this.escalations.callsOf(id)).at(-1)?.id ?? '';
  }

  /** Ends a call that nobody answered. */
  async unanswered(id: string, callId: string): Promise<void> {
    const end = { disposition: 'no_answer', cause: 'noAnswer', code: null, subCode: null } as const;
    const at = new Date(this.now).toISOString();
    await this.escalations.take(id, { type: 'callEnded', at, callId, end, ringTimeoutSeconds: 45 });
  }

  async #resolveStep(id: string, people: StepPeople['people']): Promise<void> {
    const escalation = await this.escalations.get(id);
    const { runs: run = 0, round = 0, step = 0 } = escalation?.ladder ?? {};
    const at = new Date(this.now).toISOString();
    await this.escalations.take(id, {
      type: 'stepResolved' as const,
      at,
      run,
      round,
      step,
      people,
      skipped: [],
      remembered: [],
    });
  }

  /** Ids of the policy's escalations, in order of their start. */
  async escalationIds(policy: string): Promise<string[]> {
    const rows = await this.database.sql
      .selectFrom('escalation_timeline')
      .innerJoin('escalations', 'escalations.id', 'escalation_timeline.escalation_id')
      .select('escalations.id')
      .where('policy', '=', policy)
      .where('type', '=', 'opened')
      .orderBy('seq')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** The rows stored for a policy, with the number of each escalation instead of its id. */
  async rows(policy: string): Promise<{ alerts: unknown[]; escalations: unknown[] }> {
    const ids = await this.escalationIds(policy);
    const alerts = await this.database.sql
      .selectFrom('alerts')
      .selectAll()
      .where('policy', '=', policy)
      .orderBy('source')
      .orderBy('dedup_key')
      .orderBy('id')
      .execute();
    const escalations = await Promise.all(ids.map(async (id) => await this.escalations.get(id)));
    return {
      alerts: alerts.map(
        ({ id: _id, policy: _policy, revision: _revision, escalation_id: of, ...alert }) => ({
          ...alert,
          escalation: ids.indexOf(of),
        }),
      ),
      escalations: escalations.map((one) => {
        if (!one) return null;
        const { summary, details, severity, dedupKey, startedBy, ladder } = one;
        const { status, runs, acknowledgedBy, endedBy, bundledUntil } = ladder;
        return {
          // A resolved escalation keeps its last words, which differ if its alerts were resolved one by one.
          words: status === 'resolved' ? null : { summary, details, severity, dedupKey },
          startedBy,
          status,
          runs,
          acknowledgedBy,
          endedBy,
          bundledUntil,
        };
      }),
    };
  }
}
