import { openAlerts } from './app/alerts.ts';
import { openCalls } from './app/calls.ts';
import { openChat } from './app/chat.ts';
import { openEscalations } from './app/escalations.ts';
import { openHttp } from './app/http.ts';
import { Current, type AppParts } from './app/parts.ts';
import { openStorage } from './app/storage.ts';
import { openTelephony } from './app/telephony.ts';
import type { CallService } from './calls/callService.ts';
import { CARD_JOBS } from './chat/cards/cardUpdates.ts';
import type { RingdownYaml } from './config/ringdownSchema.ts';
import type { Jobs } from './database/jobRunner.ts';
import type { Database } from './database/open.ts';
import type { Transact } from './database/transaction.ts';
import type { Directory } from './directory/directory.ts';
import type { EscalationService } from './escalations/escalationService.ts';
import type { Route } from './http/route.ts';
import type { Metrics } from './operations/metrics/metrics.ts';
import { serviceOf, watchOutgoing } from './operations/metrics/outgoing.ts';
import type { TalkIdentities } from './telephony/talkIdentities.ts';

export interface App {
  /** Listens and starts working. @returns the port */
  start(): Promise<{ port: number }>;
  /**
   * Waits up to `graceMs` milliseconds for work in progress, and hands the rest back to the queue.
   *
   * @param drainMs the part of it in which readiness already fails but requests are still accepted, so that a load
   *   balancer notices
   */
  stop(graceMs: number, drainMs?: number): Promise<void>;
  /** Applies a new ringdown.yaml. Resolves when its follow-up work has been started. */
  reload(ringdown: RingdownYaml): Promise<void>;
  /** Tells the operators that a new ringdown.yaml was invalid. The old one stays in use. */
  reloadRefused(faults: number): Promise<void>;
  /** Resolves when no job is running. Future deadlines do not count. */
  idle(): Promise<void>;
  readonly busy: boolean;
  readonly calls: CallService;
  readonly escalations: EscalationService;
  readonly identities: TalkIdentities;
  readonly database: Database;
  readonly directory: Directory;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly transact: Transact;
  /** The routes that it serves. */
  readonly routes: readonly Pick<Route, 'method' | 'path'>[];
}

/**
 * Wires the parts, floor by floor: each knows only those before it. This is the only place where the rooms know of
 * each other.
 */
export async function createApp(parts: AppParts): Promise<App> {
  const { config } = parts;
  const current = new Current(config);
  const storage = await openStorage(parts);
  const calls = openCalls(storage, current);
  const telephony = await openTelephony(storage, calls, current);
  const escalations = openEscalations(storage, calls, current);
  const chat = await openChat(storage, calls, telephony, escalations, current);
  const alerts = openAlerts(storage, calls, telephony, escalations, chat, current);
  const http = openHttp({ storage, calls, telephony, escalations, chat, alerts, current });

  const { database, jobs, metrics, tracing, transact } = storage;
  const { operators, intake, heartbeats, fileCheck, retention } = alerts;
  const { server, routes, measureNow } = http;
  let endOutgoing: () => void = () => undefined;

  return {
    async start() {
      await calls.languages.start();
      await escalations.calendars.start();
      // Listen before jobs run: the first event of a call may arrive at once.
      const { port } = await server.listen(config.host, config.port);
      current.port = port;
      endOutgoing = watchOutgoing(metrics, (url) =>
        serviceOf(url, { ...config, ringdown: current.ringdown }, new URL(current.publicUrl).origin),
      );
      // An embedded database has one process only, so after a restart no turn is still about to send a card.
      if (database.kind === 'pglite') await jobs.hasten(CARD_JOBS);
      await jobs.start();
      await escalations.pause.settle();
      await retention.start();
      await intake.start();
      await heartbeats.start();
      await fileCheck.want();
      tracing.measure(async () => {
        await measureNow();
        return await metrics.samples();
      });
      return { port };
    },
    async stop(graceMs, drainMs = 0) {
      current.isStopping = true;
      intake.stop();
      heartbeats.stop();
      calls.languages.stop();
      await escalations.calendars.stop();
      endOutgoing();
      if (drainMs > 0) await new Promise<void>((resolve) => setTimeout(resolve, drainMs));
      const left = graceMs - drainMs;
      await server.close(left / 2);
      // The job engine may take up to 1.5 times this long to stop.
      await jobs.stop(left / 3);
      calls.connections.close();
      await database.close();
      await tracing.stop();
    },
    async reload(next) {
      current.ringdown = next;
      // The file is now in use. If one of these fails, the other must still run.
      const done = await Promise.allSettled([
        heartbeats.watch(),
        fileCheck.want(),
        escalations.calendars.reload(),
      ]);
      const faults = done.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      if (faults.length > 0)
        throw new AggregateError(faults, 'Some follow-up work of the new configuration failed.');
    },
    async reloadRefused(faults) {
      await operators.notice('file refused', { kind: 'fileRefused', faults });
    },
    idle: async () => await jobs.idle(),
    get busy() {
      return jobs.busy;
    },
    calls: calls.calls,
    escalations: escalations.escalations,
    identities: telephony.identities,
    database,
    directory: calls.directory,
    jobs,
    metrics,
    transact,
    routes,
  };
}
