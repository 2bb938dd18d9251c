import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import * as z from 'zod';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { lockingWhere, readStored, type StoredEscalation } from '../escalations/escalationStore.ts';
import { acknowledgedAfter, openOf, runningWith } from '../escalations/escalationQueries.ts';
import type { FiringAlert, ResolvedAlert } from './alert.ts';
import { readFiring, readResolved } from './alertStore.ts';

/** What the signals of a transaction name: alerts by their keys, and groups of a sender. Both in their stored form. */
export interface Named {
  keys: readonly { policy: string; source: string; dedupKey: string }[];
  groups: readonly { policy: string; source: string; group: string }[];
}

export interface Locked {
  escalations: StoredEscalation[];
  /** Ids of escalations that have alerts, by policy. */
  withAlerts: Map<string, string[]>;
  /** Policies that have an escalation locked by another transaction. */
  missed: Set<string>;
}

/**
 * Locks the escalations of the named alerts (firing, or resolved since `resolvedAfter`) and those that new alerts may
 * join. It locks all of them in one statement and in order of id: a person who resolves an escalation also locks it
 * before its alerts.
 *
 * @param options.also id of another escalation to lock
 * @param options.waits whether to wait for locked escalations; if not, they are left out
 */
export async function lockNamed(
  sql: Sql,
  policies: readonly string[],
  named: Named,
  { resolvedAfter, also, waits }: { resolvedAfter: Date; also: string | null; waits: boolean },
): Promise<Locked> {
  const { ofKeys, ofGroups, fires, isResolved } = whereNamed(named, resolvedAfter);
  const { rows } = await raw<
    Selectable<Schema['escalations']> & {
      concerned: string;
      of: string;
      has_alerts: boolean;
      paused: boolean;
    }
  >`WITH named AS (
      SELECT alerts.policy AS of, escalation_id AS concerned, true AS has_alerts FROM ${ofKeys}
        WHERE ${fires} OR ${isResolved}
      UNION ALL SELECT alerts.policy, escalation_id, true FROM ${ofGroups} WHERE ${fires}
      UNION ALL SELECT policy, id, true FROM ${openOf(policies)} AS open
        WHERE EXISTS (SELECT FROM alerts WHERE escalation_id = open.id)
      UNION ALL SELECT policy, id, false FROM ${runningWith(named.keys, also)} AS running
    ), locked AS (
      ${lockingWhere(raw`id = ANY(ARRAY(SELECT concerned FROM named))`, waits)}
    )
    SELECT locked.*, concerned, of, has_alerts
    FROM (SELECT of, concerned, bool_or(has_alerts) AS has_alerts FROM named GROUP BY of, concerned) AS named
      LEFT JOIN locked ON locked.id = concerned`.execute(sql);
  const locked = rows.filter(({ id }) => id !== null);
  const byPolicy = Map.groupBy(
    locked.filter(({ has_alerts: hasAlerts }) => hasAlerts),
    ({ of }) => of,
  );
  return {
    escalations: [...new Map(locked.map((row) => [row.id, row])).values()].map(readStored),
    withAlerts: new Map([...byPolicy].map(([policy, own]) => [policy, own.map(({ id }) => id)])),
    missed: new Set(waits ? [] : rows.filter(({ id }) => id === null).map(({ of }) => of)),
  };
}

/** Loads the named alerts, whose escalations are locked. */
export async function loadNamed(
  sql: Sql,
  named: Named,
  resolvedAfter: Date,
): Promise<{ firing: FiringAlert[]; resolved: ResolvedAlert[] }> {
  const { ofKeys, fires, isResolved } = whereNamed(named, resolvedAfter);
  const { rows } = await raw<
    Selectable<Schema['alerts']>
  >`SELECT alerts.* FROM ${ofKeys} WHERE ${fires} OR ${isResolved}`.execute(sql);
  return {
    firing: rows.filter(({ status }) => status === 'firing').map(readFiring),
    resolved: rows.filter(({ status }) => status !== 'firing').flatMap(readResolved),
  };
}

function whereNamed({ keys, groups }: Named, resolvedAfter: Date) {
  const alerts = (
    column: string,
    columns: readonly object[],
  ) => raw`json_to_recordset(${storableJson(columns)}::json)
      AS given (policy text, source text, ${raw.ref(column)} text)
    JOIN alerts ON alerts.source = given.source AND alerts.policy = given.policy`;
  return {
    ofKeys: raw`${alerts('dedupKey', keys)} AND alerts.dedup_key = given."dedupKey"`,
    ofGroups: raw`${alerts('group', groups)} AND alerts.group_key = given."group"`,
    fires: raw`alerts.status = 'firing'`,
    isResolved: raw`(alerts.status = 'resolved' AND alerts.started_at IS NOT NULL AND alerts.ended_at > ${resolvedAfter})`,
  };
}

/** An expression for `readAcknowledged`: escalations of these policies that have alerts and were acknowledged after `time`. */
export function acknowledgedQuestion(policies: readonly string[], time: string): RawBuilder<unknown> {
  return raw`(SELECT json_agg(acknowledged) FROM ${acknowledgedAfter(policies, time)} AS acknowledged
    WHERE EXISTS (SELECT FROM alerts WHERE escalation_id = acknowledged.id))`;
}

export function readAcknowledged(answer: unknown): { id: string; policy: string; at: string }[] {
  return acknowledgedSchema.safeParse(answer).data ?? [];
}

const acknowledgedSchema = z.array(z.object({ id: z.string(), policy: z.string(), at: z.string() }));
