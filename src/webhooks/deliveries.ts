import { createHash } from 'node:crypto';
import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import type { Schema, Sql } from '../database/schema.ts';

/** A delivery without its body. */
export type Delivery = Omit<Selectable<Schema['webhook_deliveries']>, 'body'>;

/** How many of the newest deliveries of all webhooks are searched: the table has no index by webhook. */
const SEARCHED = 5_000;

/** Names a webhook in the database. Its address may hold a secret, so it is not stored. */
export function nameOf({ url }: { url: string }): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 16);
}

/** The newest deliveries of each webhook, the newest first. @param most of one webhook */
export async function recentDeliveries(sql: Sql, most: number): Promise<Delivery[]> {
  const { rows } = await raw<Delivery>`
    SELECT seq, id, webhook, escalation_id, type, status, attempts, created_at, next_at, ended_at, problem
    FROM (
      SELECT *, row_number() OVER (PARTITION BY webhook ORDER BY seq DESC) AS nth
      FROM (
        SELECT seq, id, webhook, escalation_id, type, status, attempts, created_at, next_at, ended_at, problem
        FROM webhook_deliveries ORDER BY seq DESC LIMIT ${SEARCHED}
      ) AS newest
    ) AS numbered
    WHERE nth <= ${most} ORDER BY seq DESC`.execute(sql);
  return rows;
}

/** How many deliveries wait, by the webhook's name. */
export async function waitingByWebhook(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const rows = await sql
    .selectFrom('webhook_deliveries')
    .select(['webhook', (count) => count.fn.countAll<string>().as('waiting')])
    .where('status', '=', raw.lit('waiting'))
    .groupBy('webhook')
    .execute();
  return new Map(rows.map(({ webhook, waiting }) => [webhook, Number(waiting)]));
}

/** An expression that differs when a delivery is new, has ended, or is sent again; mostly also after a failed attempt. */
export const deliveriesToken: RawBuilder<unknown> = raw`json_build_array(
  (SELECT max(seq) FROM webhook_deliveries),
  (SELECT sum(seq) FROM webhook_deliveries WHERE status = 'waiting'),
  (SELECT sum(attempts) FROM (SELECT attempts FROM webhook_deliveries WHERE status = 'waiting'
    ORDER BY webhook, escalation_id, seq LIMIT 500) AS first))`;
