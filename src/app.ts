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
import type { Jobs } from './database/jobs.ts';
import type { Database } from './database/open.ts';
import type { Transact } from './database/work.ts';
import type { Directory } from './directory/directory.ts';
import type { EscalationService } from './escalations/escalationService.ts';
import type { Route } from './http/route.ts';
import type { Metrics } from './operations/metrics/metrics.ts';
import { serviceOf, watchOutgoing } from './operations/metrics/outgoing.ts';
import type { TalkIdentities } from './telephony/talkIdentities.ts';

export interface App {
  /** Listens and begins to work. @returns the port */
  start(): Promise<{ port: number }>;
  /**
   * Lets what runs come to its end, at most `graceMs` milliseconds, and hands back the rest.
   *
   * @param drainMs for so long of it readiness is red and requests are still taken, so that a load balancer can see it
   */
  stop(graceMs: number, drainMs?: number): Promise<void>;
  /** Takes a new ringdown.yaml. Resolves when what follows from it is under way. */
  reload(ringdown: RingdownYaml): Promise<void>;
  /** A new ringdown.yaml was faulty: the old one stays, and the operators are told. */
  reloadRefused(faults: number): Promise<void>;
  /** Resolves when no job is being run; deadlines ahead do not count. */
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
  /** What it serves. */
  readonly routes: readonly Pick<Route, 'method' | 'path'>[];
}

/** Wires the parts, floor by floor: each knows only those before it. Only here do the rooms of the house know of each other. */
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
      // The server listens before jobs run: a call's first event may come at once.
      const { port } = await server.listen(config.host, config.port);
      current.port = port;
      endOutgoing = watchOutgoing(metrics, (url) =>
        serviceOf(url, { ...config, ringdown: current.ringdown }, new URL(current.publicUrl).origin),
      );
      // Only one process uses an embedded database: no turn is about to send a card any more.
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
      endOutgoing();
      if (drainMs > 0) await new Promise<void>((resolve) => setTimeout(resolve, drainMs));
      const left = graceMs - drainMs;
      await server.close(left / 2);
      // The job engine takes up to half as long again for its own end.
      await jobs.stop(left / 3);
      calls.connections.close();
      await database.close();
      await tracing.stop();
    },
    async reload(next) {
      current.ringdown = next;
      // The file is in force from here on: what one of the two cannot do must not keep the other from it.
      const done = await Promise.allSettled([heartbeats.watch(), fileCheck.want()]);
      const faults = done.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      if (faults.length > 0)
        throw new AggregateError(faults, 'What follows from a new file was not all done.');
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
