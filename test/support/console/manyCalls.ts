import { sql as raw } from 'kysely';
import type { Sql } from '../../../src/database/schema.ts';

/** What `addManyCalls` makes. */
export interface ManyCalls {
  calls: number;
  /** The newest call and escalation; the others lie before, evenly over `days`. */
  until: string;
  days: number;
  /** How many people are called. Person `n` is `person(n)`. */
  people: number;
}

/** A person of `addManyCalls`, from 0. Person 0 is called seldom, and calls nobody. */
export function person(nth: number): { objectId: string; name: string } {
  const tail = String(nth).padStart(12, '0');
  return { objectId: `00000000-0000-4000-8000-${tail}`, name: `Given${nth} Family${nth}` };
}

/** A policy that is seldom used: one escalation in 2000. */
export const RARE_POLICY = 'rare';

/**
 * Fills a database with calls and escalations by two statements. Three of four calls belong to an escalation, which
 * has three calls. Of 10,000 calls one was `not_allowed` with result 403/10391.
 */
export async function addManyCalls(sql: Sql, { calls, until, days, people }: ManyCalls): Promise<void> {
  const escalations = Math.ceil(calls / 4);
  // Much faster than adding to them row by row.
  const indexes = (
    await raw<{
      name: string;
      definition: string;
    }>`SELECT indexname AS name, indexdef AS definition FROM pg_indexes
      WHERE tablename IN ('calls', 'escalations') AND indexname NOT LIKE '%_key' AND indexname NOT LIKE '%_pkey'`.execute(
      sql,
    )
  ).rows;
  for (const { name } of indexes) await raw`DROP INDEX ${raw.id(name)}`.execute(sql);
  const newest = new Date(until);
  const secondsApart = (days * 86_400) / escalations;
  const at = (nth: string) =>
    raw`date_trunc('milliseconds', ${newest}::timestamptz - make_interval(secs => ${raw.raw(nth)} * ${secondsApart}::float8))`;
  const iso = raw`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
  await raw`INSERT INTO escalations (id, status, policy, source, dedup_key, alert, ladder, revision, created_at, ended_at)
    SELECT 'esc_' || lpad(n::text, 20, '0'),
      CASE WHEN n % 1000 = 999 THEN 'exhausted' ELSE 'resolved' END,
      CASE WHEN n % 2000 = 1998 THEN ${RARE_POLICY} ELSE 'policy' || (n % 20) END,
      'api:grafana', NULL,
      json_build_object('summary', 'Disk of server ' || n || ' is nearly full', 'details', NULL, 'severity', 'error',
        'links', '[]'::json, 'test', n % 100 = 7, 'language', 'en-US', 'voice', NULL, 'repeat', 2,
        'steps', '[{"targets": [{"user": "adele@contoso.com"}, {"user": "alex@contoso.com"}], "mode": "sequence", "tries": 1, "pauseSeconds": 30}]'::json,
        'acknowledgeTimeoutMs', NULL, 'notify', '[]'::json, 'channel', NULL,
        'startedBy', json_build_object('kind', 'api', 'key', 'grafana', 'name', 'grafana')),
      json_build_object('status', CASE WHEN n % 1000 = 999 THEN 'exhausted' ELSE 'resolved' END,
        'round', 0, 'step', 0, 'phase', 'over', 'phaseUntil', NULL, 'engaged', '[]'::json, 'asked', 0,
        'calledInRound', true, 'wakeAt', NULL, 'halted', false, 'runs', 0,
        'rungs', json_build_array(json_build_object('key', 'teamsUser:' || n, 'target', json_build_object(
          'kind', 'teamsUser', 'id', n::text, 'displayName', 'Given Family'), 'tries', 1, 'callId', NULL,
          'holds', false, 'disposition', NULL, 'state', 'done', 'retryAt', NULL)),
        'acknowledgedBy', CASE WHEN n % 1000 = 999 THEN NULL ELSE json_build_object('key', n % 500, 'name', 'Given' || (n % 500) || ' Family',
          'way', 'card', 'at', to_char((at + make_interval(secs => 20 + n % 300)) AT TIME ZONE 'UTC', ${iso})) END,
        'endedBy', NULL, 'endedAt', to_char((at + interval '1 hour') AT TIME ZONE 'UTC', ${iso})),
      7, at, at + interval '1 hour'
    FROM generate_series(${escalations}::integer - 1, 0, -1) AS n, LATERAL (SELECT ${at('n')} AS at) AS placed`.execute(
    sql,
  );
  await raw`INSERT INTO calls (id, status, disposition, target, target_key, requested_by, requester_key, purpose,
      ring_timeout_seconds, language, created_at, ended_at, revision, facts, call_connection_id, server_call_id,
      correlation_id, callback_secret, repeatability_id, request_key, conversation_key, escalation_id)
    SELECT 'call_' || lpad(n::text, 20, '0'), 'ended', disposition,
      json_build_object('kind', 'teamsUser', 'id', callee, 'displayName', 'Given' || nth || ' Family' || nth,
        'givenName', 'Given' || nth, 'userPrincipalName', 'given' || nth || '@contoso.com', 'jobTitle', 'Engineer'),
      'teamsUser:' || callee,
      CASE WHEN of_escalation THEN json_build_object('kind', 'escalation', 'key', escalation, 'name', 'grafana')
        ELSE json_build_object('kind', 'chat', 'key', caller, 'name', 'Given' || caller_nth || ' Family' || caller_nth, 'objectId', caller) END,
      CASE WHEN of_escalation THEN escalation ELSE caller END,
      CASE WHEN of_escalation THEN json_build_object('kind', 'escalate', 'escalationId', escalation, 'message', '', 'step', 0, 'test', (n / 4) % 100 = 7)
        ELSE json_build_object('kind', 'speak', 'message', '') END,
      30, 'en-US', at, at + interval '40 seconds', 9,
      json_strip_nulls(json_build_object(
        'dialSentAt', sent, 'dialAcceptedAt', sent,
        'connectedAt', CASE WHEN disposition IN ('answered', 'acknowledged') THEN sent END,
        'acknowledgedAt', CASE WHEN disposition = 'acknowledged' THEN sent END,
        'plays', json_build_object('message', json_build_object('requestedAt', sent, 'acceptedAt', sent, 'completedAt', sent)),
        'ended', json_build_object(
          'by', CASE WHEN disposition IN ('answered', 'acknowledged') THEN 'disconnected' ELSE 'createCallFailed' END,
          'at', to_char((at + interval '40 seconds') AT TIME ZONE 'UTC', ${iso}),
          'code', CASE disposition WHEN 'not_allowed' THEN 403 WHEN 'no_answer' THEN 480 WHEN 'declined' THEN 603
            WHEN 'busy' THEN 486 WHEN 'failed' THEN 500 WHEN 'cancelled' THEN 487 ELSE 200 END,
          'subCode', CASE disposition WHEN 'not_allowed' THEN 10391 WHEN 'no_answer' THEN 560480 WHEN 'declined' THEN 0
            WHEN 'busy' THEN 560486 WHEN 'failed' THEN 10045 WHEN 'cancelled' THEN 0 ELSE 7000 END,
          'message', 'The call has ended. DiagCode: 200#7000.'))),
      'connection' || n, 'server' || n, 'correlation' || n, 'secret', '00000000-0000-4000-8000-000000000000'::uuid,
      'request' || n, CASE WHEN of_escalation THEN NULL ELSE '19:' || caller END,
      CASE WHEN of_escalation THEN escalation END
    FROM (
      SELECT *, to_char(at AT TIME ZONE 'UTC', ${iso}) AS sent, '00000000-0000-4000-8000-' || lpad(nth::text, 12, '0') AS callee,
        '00000000-0000-4000-8000-' || lpad(caller_nth::text, 12, '0') AS caller
      FROM (
        SELECT n, of_escalation, ${at('(n / 4)')} + (n % 4) * interval '20 seconds' AS at,
          'esc_' || lpad((n / 4)::text, 20, '0') AS escalation,
          -- Powers spread the work unevenly: few people get much of it.
          CASE WHEN n % 10000 = 7777 THEN 0 ELSE 1 + floor(power((n::bigint * 7919 % 10007) / 10007.0, 3) * (${people}::integer - 1))::integer END AS nth,
          1 + (n / 4 * 31) % (${people}::integer / 4 + 1) AS caller_nth,
          CASE WHEN n % 10000 = 5003 THEN 'not_allowed' ELSE (ARRAY['acknowledged', 'no_answer', 'no_answer', 'answered',
            'declined', 'acknowledged', 'no_answer', 'busy', 'failed', 'cancelled'])[1 + (n / 4 + n) % 10] END AS disposition
        FROM (SELECT i AS n, i % 4 < 3 AS of_escalation FROM generate_series(${calls}::integer - 1, 0, -1) AS i) AS numbers
      ) AS drawn
    ) AS named`.execute(sql);
  for (const { definition } of indexes) await raw.raw(definition).execute(sql);
  await raw`ANALYZE`.execute(sql);
}
