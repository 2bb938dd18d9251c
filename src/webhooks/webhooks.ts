import { randomUUID } from 'node:crypto';
import { sql as raw, type Selectable } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { LastRows, type Transact, type Work } from '../database/transaction.ts';
import type { Escalation } from '../escalations/escalation.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import type { EscalationEntry } from '../escalations/timeline.ts';
import type { Notice } from '../operations/notice.ts';
import { nameOf } from './deliveries.ts';
import { webhookEvent, type WebhookEventType } from './event.ts';
import { post, type PostResult } from './post.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

/** A webhook of ringdown.yaml. */
export interface Webhook {
  url: string;
  secrets: readonly string[];
  /** All events, if not given. */
  events?: readonly WebhookEventType[] | undefined;
  allowPrivate: boolean;
}

interface Parts {
  sql: Sql;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  escalations: EscalationService;
  /** The webhooks of the file as it is now. */
  webhooks: () => readonly Webhook[];
  notice: (work: Work, subject: string, notice: Notice) => Promise<void>;
}

type Waiting = Selectable<Schema['webhook_deliveries']>;

/** An event for a webhook. `body` is sent as it is. */
interface NewDelivery {
  id: string;
  webhook: string;
  escalation_id: string;
  type: string;
  body: string;
  at: Date;
}

const newDeliveries = new LastRows<NewDelivery>(
  'webhook_deliveries_new',
  // In the order in which the events happened.
  (rows) => raw`
    INSERT INTO webhook_deliveries (id, webhook, escalation_id, type, body, status, attempts, created_at, next_at)
    SELECT id, webhook, escalation_id, type, body, 'waiting', 0, at, at
    FROM ROWS FROM (json_to_recordset(${JSON.stringify(rows)}::json)
      AS (id text, webhook text, escalation_id text, type text, body text, at timestamptz)) WITH ORDINALITY AS delivery
    ORDER BY ordinality`,
);

const DELIVER = 'webhook.deliver';
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
const GIVE_UP_MS = 24 * 60 * 60_000;
/** After this many failures the operators get a message, long before Ringdown gives up. */
const TOLD_AT_ATTEMPT = 4;

/**
 * Sends events of escalations to webhooks. An event is stored in the transaction of its change, so none is lost. A
 * webhook gets the events of one escalation in order: an event that fails delays only the events after it.
 */
export class Webhooks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(DELIVER, {
      run: async ({ webhook, escalation }) => await this.#deliver(webhook, escalation),
    });
  }

  /** Starts to listen to escalations. */
  watch(): void {
    this.#parts.escalations.listen({
      changed: (work, escalation, timeline) => this.#store(work, escalation, timeline),
    });
  }

  #store(work: Work, escalation: Escalation, timeline: readonly EscalationEntry[]): void {
    const webhooks = this.#parts.webhooks();
    if (webhooks.length === 0) return;
    const now = new Date(this.#parts.clock.now());
    const waiting = new Set<string>();
    for (const entry of timeline) {
      const event = webhookEvent(escalation, entry);
      if (!event) continue;
      const id = `evt_${randomUUID().replaceAll('-', '')}`;
      const body = storableJson({ id, type: event.type, at: event.at, ...event.body });
      const wanted = webhooks.filter(({ events }) => !events || events.includes(event.type));
      if (wanted.length === 0) continue;
      const names = wanted.map(nameOf);
      newDeliveries.add(
        work,
        names.map((webhook) => ({
          id,
          webhook,
          escalation_id: escalation.id,
          type: event.type,
          body,
          at: now,
        })),
      );
      for (const name of names) waiting.add(name);
    }
    for (const webhook of waiting) {
      work.enqueue({ name: DELIVER, data: { webhook, escalation: escalation.id } });
    }
  }

  /**
   * Sends a delivery that has ended once more, with the same body and id. Older events of its escalation that still
   * wait go first. After a day, one attempt is all it gets.
   *
   * @param attempts as the person saw it, so that a double click sends it once
   * @returns null if there is no such delivery, or its webhook is not in the file any more
   */
  async sendAgain(seq: number, attempts: number): Promise<'sending' | 'already' | null> {
    const { transact, clock, webhooks } = this.#parts;
    const known = webhooks().map(nameOf);
    if (known.length === 0) return null;
    return await transact(async (work) => {
      const found = await work.sql
        .selectFrom('webhook_deliveries')
        .select(['webhook', 'escalation_id', 'status', 'attempts'])
        .where('seq', '=', seq)
        .where('webhook', 'in', known)
        .forUpdate()
        .executeTakeFirst();
      if (!found) return null;
      if (found.status === 'waiting' || found.attempts !== attempts) return 'already';
      await work.sql
        .updateTable('webhook_deliveries')
        .set({ status: 'waiting', next_at: new Date(clock.now()), ended_at: null })
        .where('seq', '=', seq)
        .execute();
      work.enqueue({ name: DELIVER, data: { webhook: found.webhook, escalation: found.escalation_id } });
      return 'sending';
    });
  }

  /** Sends the waiting events of this webhook and escalation, the oldest first, until one fails. */
  async #deliver(webhook: string, escalation: string): Promise<void> {
    const { sql, clock, webhooks } = this.#parts;
    for (;;) {
      const oldest = await sql
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('webhook', '=', webhook)
        .where('escalation_id', '=', escalation)
        .where('status', '=', raw.lit('waiting'))
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst();
      if (!oldest) return;
      const wait = oldest.next_at.getTime() - clock.now();
      if (wait > 0) throw new TryAgainLater(wait);
      const known = webhooks().find((one) => nameOf(one) === webhook) ?? null;
      const result: PostResult = known
        ? await this.#send(known, oldest)
        : { delivered: false, problem: 'it is not in ringdown.yaml any more' };
      await this.#settle(oldest, known, result);
    }
  }

  async #send(webhook: Webhook, { id, type, body }: Waiting): Promise<PostResult> {
    return await post({
      url: webhook.url,
      body,
      allowPrivate: webhook.allowPrivate,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Ringdown',
        'X-Ringdown-Event': type,
        'X-Ringdown-Delivery': id,
        [SIGNATURE_HEADER]: signatureOf(body, webhook.secrets, this.#parts.clock.now()),
      },
    });
  }

  async #settle(delivery: Waiting, webhook: Webhook | null, result: PostResult): Promise<void> {
    const { transact, clock, log, notice, escalations } = this.#parts;
    const { seq, id, type, escalation_id: escalation, created_at: createdAt } = delivery;
    const now = clock.now();
    const attempts = delivery.attempts + 1;
    if (result.delivered) {
      await this.#parts.sql
        .updateTable('webhook_deliveries')
        .set({ status: 'delivered', attempts, ended_at: new Date(now), problem: null })
        .where('seq', '=', seq)
        .execute();
      return;
    }
    const { problem } = result;
    const host = webhook ? new URL(webhook.url).host : 'a webhook';
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
    const isOver = !webhook || now + pause > createdAt.getTime() + GIVE_UP_MS;
    log.warn({ host, event: type, delivery: id, attempts, problem, isOver }, 'a webhook failed');
    await transact(async (work) => {
      await work.sql
        .updateTable('webhook_deliveries')
        .set({
          attempts,
          problem,
          ...(isOver
            ? { status: 'givenUp' as const, ended_at: new Date(now) }
            : { next_at: new Date(now + pause) }),
        })
        .where('seq', '=', seq)
        .execute();
      // The operator has removed the webhook from the file.
      if (!webhook) return;
      if (isOver) {
        await escalations.takeIn(work, escalation, {
          type: 'noted',
          at: new Date(now).toISOString(),
          entry: { type: 'webhookGivenUp', data: { host, event: type } },
        });
        await notice(work, `webhook given up ${host}`, { kind: 'webhookGivenUp', host, event: type, id });
      } else if (attempts === TOLD_AT_ATTEMPT) {
        await notice(work, `webhook ${host}`, { kind: 'webhookFailing', host, problem });
      }
    });
  }
}
