import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { TimelineEntry } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import type { Schema } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Transact, Work } from '../database/work.ts';
import { RingdownError } from '../errors.ts';
import type { OptOuts } from '../permissions/optOuts.ts';
import type { Talk } from '../talk/talk.ts';
import type { TalkIdentities } from '../telephony/talkIdentities.ts';
import { anonymiser, FORGOTTEN, FORGOTTEN_NAME } from './anonymise.ts';

interface Parts {
  sql: Kysely<Schema>;
  transact: Transact;
  clock: Pick<Clock, 'now'>;
  optOuts: Pick<OptOuts, 'forgetIn' | 'among'>;
  identities: Pick<TalkIdentities, 'forgetIn' | 'withdrawIn' | 'export'>;
  talk: Pick<Talk, 'revokeIn'>;
}

/** What was done, by the kind of thing and how many there were. */
export interface Forgotten {
  /** Calls in which the person stands no more. */
  calls: number;
  /** Of those they had asked for: messages that were deleted. */
  messages: number;
  escalations: number;
  cards: number;
  conversations: number;
  covers: number;
  /** Entries of the audit that name them no more. */
  audit: number;
  /** Identities of Communication Services: deleted there too, as soon as it answers. */
  identities: number;
  /** Their opt-out stays, as a keyed hash only. */
  optOutKept: boolean;
}

/** Why a person cannot be forgotten now. */
export type StillNeeded = 'onCall' | 'escalation';

/** What is kept about a person, as they are given it. Times are ISO 8601. */
export interface PersonData {
  person: string;
  calls: object[];
  escalations: object[];
  conversation: object | null;
  covers: object[];
  optedOut: boolean;
  audit: object[];
  /** Of Communication Services: what they talk from a browser with. */
  identities: object[];
}

const guid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const others = /^(?:8:[a-z-]+:[\w-]{8,}|[a-z][a-z\d_-]{1,40}\|.{1,200})$/iu;
const MOST_EXPORTED = 10_000;

/**
 * A person's data: exported, or deleted everywhere at once. A person is named by Entra object id, by `8:acs:…`, or by
 * the key that another channel's user has (`webchat|…`).
 */
export class PeopleData {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws RingdownError bad_request for what names nobody */
  static keyOf(id: string): string {
    if (guid.test(id)) return id.toLowerCase();
    if (others.test(id)) return id;
    throw new RingdownError('bad_request', {
      detail: 'A person is named by object id, by 8:acs:… or by the key of another channel, webchat|….',
    });
  }

  /** Why this person cannot be forgotten now; null if they can. */
  async stillNeeded(id: string): Promise<StillNeeded | null> {
    return await neededBy(this.#parts.sql, PeopleData.keyOf(id));
  }

  /**
   * Deletes what is kept about a person and about nobody else, and takes them out of the rest: of calls, escalations,
   * their timelines and the audit. All in one transaction. A second time finds nothing.
   *
   * @throws RingdownError wrong_state while a call or an escalation needs them
   */
  async forget(id: string): Promise<Forgotten> {
    const key = PeopleData.keyOf(id);
    // The opt-outs have their own key from here on: made within the transaction it might be undone.
    await this.#parts.optOuts.among([key]);
    return await this.#parts.transact(async (work) => {
      const needed = await neededBy(work.sql, key);
      if (needed) {
        throw new RingdownError('wrong_state', {
          detail:
            needed === 'onCall'
              ? 'A call of this person is under way: it has to end first.'
              : 'An escalation that concerns this person is open: it has to end first.',
          extra: { because: needed },
        });
      }
      return await this.#forgetIn(work, key);
    });
  }

  /**
   * Makes invalid what a person talks from a browser with: somebody else may have got hold of it.
   *
   * @returns how many identities; the service is told as soon as it answers
   * @throws RingdownError bad_request
   */
  async revoke(id: string): Promise<{ identities: number }> {
    const key = PeopleData.keyOf(id);
    const { transact, identities, talk } = this.#parts;
    return await transact(async (work) => {
      await talk.revokeIn(work, key);
      return { identities: await identities.withdrawIn(work, key) };
    });
  }

  /** @throws RingdownError bad_request */
  async export(id: string): Promise<PersonData> {
    const key = PeopleData.keyOf(id);
    const { sql, optOuts, identities } = this.#parts;
    const ids = await relatedCalls(sql, key);
    const calls = await sql
      .selectFrom('calls')
      .select(['id', 'status', 'disposition', 'target', 'requested_by', 'purpose', 'created_at', 'ended_at'])
      .where('id', 'in', orNone(ids))
      .orderBy('created_at')
      .limit(MOST_EXPORTED)
      .execute();
    const lines = await linesOf(sql, 'call_timeline', ids);
    const escalationIds = await relatedEscalations(sql, key, ids);
    const escalations = await sql
      .selectFrom('escalations')
      .select(['id', 'status', 'policy', 'alert', 'created_at', 'ended_at'])
      .where('id', 'in', orNone(escalationIds))
      .orderBy('created_at')
      .execute();
    const escalationLines = await linesOf(sql, 'escalation_timeline', escalationIds);
    const conversation = await sql
      .selectFrom('conversations')
      .select(['place', 'locale', 'seen_at'])
      .where('object_id', '=', key)
      .executeTakeFirst();
    const covers = await sql.selectFrom('covers').selectAll().where(contains(key, 'person')).execute();
    const audit = await sql
      .selectFrom('audit')
      .select(['at', 'what', 'who_name', 'whom_name', 'why'])
      .where((where) => where.or([where('who', '=', key), where('whom', '=', `teamsUser:${key}`)]))
      .orderBy('at')
      .execute();
    return {
      person: key,
      calls: calls.map((call) => ({ ...call, timeline: lines.get(call.id) ?? [] })),
      escalations: escalations.map((one) => ({ ...one, timeline: escalationLines.get(one.id) ?? [] })),
      conversation: conversation ?? null,
      covers,
      optedOut: (await optOuts.among([key])).size > 0,
      audit,
      identities: await identities.export(key),
    };
  }

  async #forgetIn(work: Work, key: string): Promise<Forgotten> {
    const { sql } = work;
    const callIds = await relatedCalls(sql, key);
    const escalationIds = await relatedEscalations(sql, key, callIds);
    const chat = await sql
      .selectFrom('conversations')
      .select(['conversation_key', 'place'])
      .where('object_id', '=', key)
      .executeTakeFirst();
    const names = await namesOf(sql, key, callIds);
    const without = anonymiser({ key, names });

    // Before their calls: those tell whose they were.
    const identities = await this.#parts.identities.forgetIn(work, key);
    const messages = await this.#forgetCalls(work, key, callIds, without);
    await this.#forgetEscalations(work, escalationIds, without);

    const subjects = [...callIds.map((id) => `call:${id}`), ...escalationIds.map((id) => `escalation:${id}`)];
    const cards = await this.#forgetCards(sql, key, chat?.conversation_key ?? null, subjects, without);
    await sql.deleteFrom('card_deliveries').where(contains(key, 'audience')).execute();
    await sql
      .deleteFrom('choices')
      .where((where) => where.or([where('asker_key', '=', key), contains(key, 'candidates')]))
      .execute();
    // Whom a policy's target meant last, for when the directory does not answer.
    await sql
      .deleteFrom('settings')
      .where('name', 'like', 'target:%')
      .where((where) => where.or([contains(key, 'value'), contains(key, 'name')]))
      .execute();
    await sql.deleteFrom('spoken_alerts').where('callee_id', '=', key).execute();
    const conversations = await sql
      .deleteFrom('conversations')
      .where('object_id', '=', key)
      .executeTakeFirst();
    const covers = await sql.deleteFrom('covers').where(contains(key, 'person')).executeTakeFirst();
    const asked = await sql
      .updateTable('audit')
      .set({ who: FORGOTTEN, who_name: FORGOTTEN_NAME })
      .where('who', '=', key)
      .executeTakeFirst();
    const meant = await sql
      .updateTable('audit')
      .set({ whom: FORGOTTEN, whom_name: FORGOTTEN_NAME })
      .where((where) =>
        where.or([
          where('whom', '=', `teamsUser:${key}`),
          where('whom', '=', `communicationUser:${key.toLowerCase()}`),
        ]),
      )
      .executeTakeFirst();
    const optOutKept = await this.#parts.optOuts.forgetIn(sql, key);
    for (const acsId of identities) {
      await sql
        .updateTable('grid_events')
        .set({ body: JSON.stringify({}) })
        .where(contains(acsId, 'body'))
        .execute();
    }
    // What was sent elsewhere is there already; what is kept of it need not name anybody.
    for (const subject of subjects) work.enqueue({ name: 'card.show', data: { subject } });
    return {
      calls: callIds.length,
      messages,
      escalations: escalationIds.length,
      cards,
      conversations: Number(conversations.numDeletedRows),
      covers: Number(covers.numDeletedRows),
      audit: Number(asked.numUpdatedRows) + Number(meant.numUpdatedRows),
      identities: identities.length,
      optOutKept,
    };
  }

  /** @returns how many messages were deleted */
  async #forgetCalls(
    { sql }: Work,
    key: string,
    ids: readonly string[],
    without: <T>(value: T) => T,
  ): Promise<number> {
    let messages = 0;
    for (const id of ids) {
      const call = await sql
        .selectFrom('calls')
        .select(['target', 'target_key', 'requested_by', 'requester_key', 'purpose', 'facts', 'revision'])
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      if (!call) continue;
      const isOwn = call.requester_key.toLowerCase() === key.toLowerCase();
      const purpose = without(call.purpose);
      const hasMessage = isOwn && 'message' in purpose && purpose.message !== '';
      if (hasMessage) messages += 1;
      const target = without(call.target);
      await sql
        .updateTable('calls')
        .set({
          target: storableJson(target),
          target_key: `${target.kind}:${target.id.toLowerCase()}`,
          requested_by: storableJson(without(call.requested_by)),
          purpose: storableJson(hasMessage ? { ...purpose, message: '' } : purpose),
          facts: storableJson(without(call.facts)),
          // An escalation's names whom it calls.
          request_key: raw<
            string | null
          >`CASE WHEN ${contains(key, 'request_key')} THEN NULL ELSE request_key END`,
          // Cards show the newest.
          revision: call.revision + 1,
          ...(isOwn ? { requester_key: FORGOTTEN, conversation_key: null } : {}),
        })
        .where('id', '=', id)
        .execute();
    }
    await anonymiseLines(sql, 'call_timeline', ids, without);
    const nothing = JSON.stringify({});
    await sql.updateTable('call_events').set({ body: nothing }).where('call_id', 'in', orNone(ids)).execute();
    await sql
      .updateTable('grid_events')
      .set({ body: nothing })
      .where((where) => where.or([where('call_id', 'in', orNone(ids)), contains(key, 'body')]))
      .execute();
    return messages;
  }

  async #forgetEscalations(
    { sql }: Work,
    ids: readonly string[],
    without: <T>(value: T) => T,
  ): Promise<void> {
    for (const id of ids) {
      const one = await sql
        .selectFrom('escalations')
        .select(['alert', 'ladder', 'revision'])
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      if (!one) continue;
      await sql
        .updateTable('escalations')
        .set({
          alert: storableJson(without(one.alert)),
          ladder: storableJson(without(one.ladder)),
          revision: one.revision + 1,
        })
        .where('id', '=', id)
        .execute();
      const sent = await sql
        .selectFrom('webhook_deliveries')
        .select(['seq', 'body'])
        .where('escalation_id', '=', id)
        .where('status', '<>', 'waiting')
        .execute();
      for (const { seq, body } of sent) {
        await sql
          .updateTable('webhook_deliveries')
          .set({ body: JSON.stringify(without(JSON.parse(body))) })
          .where('seq', '=', seq)
          .execute();
      }
    }
    await anonymiseLines(sql, 'escalation_timeline', ids, without);
  }

  /** Cards in the person's own chat go; on others' cards they are the reader no more. */
  async #forgetCards(
    sql: Work['sql'],
    key: string,
    conversationKey: string | null,
    subjects: readonly string[],
    without: <T>(value: T) => T,
  ): Promise<number> {
    const own = await sql
      .deleteFrom('cards')
      .where((where) =>
        where.or([
          where('conversation_key', '=', conversationKey),
          contains(key, 'audience'),
          contains(key, 'conversation'),
        ]),
      )
      .executeTakeFirst();
    const left = await sql
      .selectFrom('cards')
      .select(['id', 'conversation'])
      .where('subject', 'in', orNone(subjects))
      .execute();
    for (const card of left) {
      await sql
        .updateTable('cards')
        .set({ conversation: storableJson(without(card.conversation)) })
        .where('id', '=', card.id)
        .execute();
    }
    return Number(own.numDeletedRows);
  }
}

type Sql = Kysely<Schema>;

async function neededBy(sql: Sql, key: string): Promise<StillNeeded | null> {
  const call = await sql
    .selectFrom('calls')
    .select('id')
    .where('status', '<>', 'ended')
    .where((where) => where.or(['target', 'requested_by', 'purpose'].map((column) => contains(key, column))))
    .executeTakeFirst();
  if (call) return 'onCall';
  const escalation = await sql
    .selectFrom('escalations')
    .select('id')
    .where('status', 'in', ['open', 'acknowledged'])
    .where((where) => where.or(['alert', 'ladder'].map((column) => contains(key, column))))
    .executeTakeFirst();
  return escalation ? 'escalation' : null;
}

/** The calls in which the person stands in any way. */
async function relatedCalls(sql: Sql, key: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select('id')
    .where((where) =>
      where.or([
        where('requester_key', '=', key),
        ...['target', 'requested_by', 'purpose', 'facts', 'request_key'].map((column) =>
          contains(key, column),
        ),
        where('id', 'in', where.selectFrom('call_timeline').select('call_id').where(contains(key, 'data'))),
      ]),
    )
    // They are locked in this order, as everywhere.
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

async function relatedEscalations(sql: Sql, key: string, callIds: readonly string[]): Promise<string[]> {
  const rows = await sql
    .selectFrom('escalations')
    .select('id')
    .where((where) =>
      where.or([
        ...['alert', 'ladder'].map((column) => contains(key, column)),
        where(
          'id',
          'in',
          where
            .selectFrom('calls')
            .select('escalation_id')
            .where('id', 'in', orNone(callIds))
            .where('escalation_id', 'is not', null),
        ),
        where(
          'id',
          'in',
          where.selectFrom('escalation_timeline').select('escalation_id').where(contains(key, 'data')),
        ),
      ]),
    )
    // They are locked in this order, as everywhere.
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** What the person was called, as it was stored with their calls. */
async function namesOf(sql: Sql, key: string, callIds: readonly string[]): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select(['target', 'requested_by', 'purpose'])
    .where('id', 'in', orNone(callIds))
    .execute();
  const own = (id: string | undefined): boolean => id?.toLowerCase() === key.toLowerCase();
  const names = new Set<string>();
  for (const { target, requested_by: by, purpose } of rows) {
    for (const person of [target, ...(purpose.kind === 'connect' ? [purpose.to] : [])]) {
      if (!own(person.id)) continue;
      names.add(person.displayName);
      if (person.userPrincipalName !== undefined) names.add(person.userPrincipalName);
    }
    if (own(by.key) || own(by.objectId)) names.add(by.name);
  }
  names.delete(FORGOTTEN_NAME);
  return [...names];
}

async function anonymiseLines(
  sql: Sql,
  table: 'call_timeline' | 'escalation_timeline',
  ids: readonly string[],
  without: <T>(value: T) => T,
): Promise<void> {
  const owner = table === 'call_timeline' ? 'call_id' : 'escalation_id';
  const lines = await sql
    .selectFrom(table)
    .select(['seq', 'data'])
    .where(raw<boolean>`${raw.ref(owner)} IN (${raw.join(orNone(ids))})`)
    .where('data', 'is not', null)
    .execute();
  for (const { seq, data } of lines) {
    if (data === null) continue;
    const changed = storableJson(without(data));
    if (changed !== storableJson(data)) {
      await sql.updateTable(table).set({ data: changed }).where('seq', '=', seq).execute();
    }
  }
}

async function linesOf(
  sql: Sql,
  table: 'call_timeline' | 'escalation_timeline',
  ids: readonly string[],
): Promise<Map<string, TimelineEntry[]>> {
  const owner = table === 'call_timeline' ? 'call_id' : 'escalation_id';
  const lines = await sql
    .selectFrom(table)
    .select([raw<string>`${raw.ref(owner)}`.as('owner'), 'at', 'type', 'data'])
    .where(raw<boolean>`${raw.ref(owner)} IN (${raw.join(orNone(ids))})`)
    .orderBy('seq')
    .execute();
  const found = new Map<string, TimelineEntry[]>();
  for (const { owner: id, at, type, data } of lines) {
    const entry = { at: at.toISOString(), type, ...(data ? { data } : {}) };
    found.set(id, [...(found.get(id) ?? []), entry]);
  }
  return found;
}

/** Whether a column's text holds the key, in whatever case. As JSON it stands there with its own escapes. */
function contains(key: string, column: string): RawBuilder<boolean> {
  const searched = JSON.stringify(key).slice(1, -1).toLowerCase();
  return raw<boolean>`position(${searched} in lower(${raw.ref(column)}::text)) > 0`;
}

/** An empty list is no SQL. */
function orNone(ids: readonly string[]): string[] {
  return ids.length > 0 ? [...ids] : [''];
}
