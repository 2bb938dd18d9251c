import { sql as raw } from 'kysely';
import { intakeToken, recentArrivals } from '../alerts/upkeep.ts';
import { heartbeatStates, heartbeatsToken } from '../alerts/heartbeats.ts';
import { pauseQuestion, type PauseState } from '../calls/pause.ts';
import type { Clock } from '../clock.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Questions } from '../database/ask.ts';
import type { Sql } from '../database/schema.ts';
import { liveProcesses } from '../database/standing.ts';
import { noticesToken, recentNotices } from '../operations/operators.ts';
import { noticeLine } from '../texts/notices.ts';
import type { Texts } from '../texts/texts.ts';
import {
  deliveriesToken,
  nameOf,
  recentDeliveries,
  waitingByWebhook,
  type Delivery,
} from '../webhooks/deliveries.ts';
import type { HealthCheck } from './healthCheck.ts';
import type { Health, HealthWebhook, WebhookDelivery } from './model.ts';
import type { Reader } from './reader.ts';
import type { Round, View } from './view.ts';

interface Parts {
  sql: Sql;
  clock: Clock;
  /** ringdown.yaml as it is now. */
  ringdown: () => Pick<RingdownYaml, 'heartbeats' | 'webhooks' | 'integrations'>;
  pause: { state(): Promise<PauseState> };
  check: Pick<HealthCheck, 'last'>;
}

const MOST_DELIVERIES = 20;
const MOST_NOTICES = 50;
const NOTICES_MS = 7 * 86_400_000;

/** Whether Ringdown works, for those who see everything. */
export class HealthView implements View {
  readonly name = 'health';
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  watches(): Questions {
    return {
      pause: pauseQuestion,
      deliveries: deliveriesToken,
      heartbeats: heartbeatsToken,
      intake: intakeToken,
      notices: noticesToken,
      checked: raw`${this.#parts.check.last?.at ?? null}::text`,
    };
  }

  async load({ seesAll, texts }: Reader, _: string, round: Round): Promise<Health | null> {
    if (!seesAll) return null;
    return await round.once(`health ${texts.format.locale}`, async () => await this.read(texts));
  }

  async read(texts: Texts): Promise<Health> {
    const { sql, check, pause } = this.#parts;
    const [{ paused, since, by }, replicas, heartbeats, webhooks, integrations, notices] = await Promise.all([
      pause.state(),
      liveProcesses(sql, this.#now()),
      this.#heartbeats(),
      this.#webhooks(),
      this.#integrations(),
      this.#notices(texts),
    ]);
    return {
      findings: (check.last?.findings ?? []).map(({ level, area, name, what, fix }) => ({
        level,
        area,
        name,
        what,
        fix,
      })),
      checkedAt: check.last?.at ?? null,
      paused: paused ? { since, by } : null,
      replicas,
      heartbeats,
      webhooks,
      integrations,
      notices,
    };
  }

  #now(): Date {
    return new Date(this.#parts.clock.now());
  }

  async #heartbeats(): Promise<Health['heartbeats']> {
    const { sql, clock, ringdown } = this.#parts;
    const states = await heartbeatStates(sql, ringdown().heartbeats, clock.now());
    return states.map(({ name, policy, every, lastAt, dueAt, silent }) => ({
      name,
      policy,
      everySeconds: every / 1000,
      lastAt: lastAt === null ? null : new Date(lastAt).toISOString(),
      dueAt: new Date(dueAt).toISOString(),
      silent,
    }));
  }

  async #webhooks(): Promise<HealthWebhook[]> {
    const { sql, ringdown } = this.#parts;
    const { webhooks } = ringdown();
    if (webhooks.length === 0) return [];
    const [deliveries, waiting] = await Promise.all([
      recentDeliveries(sql, MOST_DELIVERIES),
      waitingByWebhook(sql),
    ]);
    return webhooks.map((webhook, index) => {
      const name = nameOf(webhook);
      return {
        entry: index + 1,
        origin: new URL(webhook.url).origin,
        events: webhook.events ? [...webhook.events] : null,
        waiting: waiting.get(name) ?? 0,
        deliveries: deliveries.filter((one) => one.webhook === name).map(deliveryShown),
      };
    });
  }

  async #integrations(): Promise<Health['integrations']> {
    const { sql, ringdown } = this.#parts;
    const { integrations } = ringdown();
    if (integrations.length === 0) return [];
    const arrivals = await recentArrivals(sql);
    return integrations.map(({ name, kind, policy }) => {
      const { lastAt = null, failed = 0 } = arrivals.get(`integration:${name}`) ?? {};
      return { name, kind, policy, lastAt: lastAt && lastAt.toISOString(), failed };
    });
  }

  async #notices(texts: Texts): Promise<Health['notices']> {
    const { sql, clock } = this.#parts;
    const notices = await recentNotices(sql, new Date(clock.now() - NOTICES_MS), MOST_NOTICES);
    return notices.map(({ at, notice, count }) => ({
      at: at.toISOString(),
      text: noticeLine(notice, texts),
      count,
    }));
  }
}

function deliveryShown(delivery: Delivery): WebhookDelivery {
  const { seq, type, escalation_id: escalationId, status, attempts, problem } = delivery;
  return {
    id: String(seq),
    type,
    escalationId,
    status,
    attempts,
    createdAt: delivery.created_at.toISOString(),
    endedAt: delivery.ended_at?.toISOString() ?? null,
    nextAt: status === 'waiting' ? delivery.next_at.toISOString() : null,
    problem,
  };
}
