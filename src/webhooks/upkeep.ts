import { sql as raw, type RawBuilder } from 'kysely';

/** An expression: how many deliveries are waiting. */
export const waitingDeliveries = raw`(SELECT count(*) FROM webhook_deliveries WHERE status = 'waiting')`;

/** Deletes at most `most` deliveries that ended before that. */
export function oldDeliveries(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM webhook_deliveries WHERE seq IN
    (SELECT seq FROM webhook_deliveries WHERE status <> 'waiting' AND ended_at < ${before} LIMIT ${most})`;
}
