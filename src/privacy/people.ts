import * as alerts from '../alerts/personalData.ts';
import * as calls from '../calls/personalData.ts';
import * as chat from '../chat/personalData.ts';
import type { Clock } from '../clock.ts';
import { isGuid } from '../config/guids.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/work.ts';
import { RingdownError } from '../errors.ts';
import * as escalations from '../escalations/personalData.ts';
import type { OptOuts } from '../permissions/optOuts.ts';
import * as permissions from '../permissions/personalData.ts';
import type { Talk } from '../talk/talk.ts';
import * as telephony from '../telephony/personalData.ts';
import type { TalkIdentities } from '../telephony/talkIdentities.ts';
import * as webhooks from '../webhooks/personalData.ts';
import { anonymiser } from './anonymise.ts';
import type { Leaving, StillNeeded } from './person.ts';

interface Parts {
  sql: Sql;
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

const others = /^(?:8:[a-z-]+:[\w-]{8,}|[a-z][a-z\d_-]{1,40}\|.{1,200})$/iu;

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
    if (isGuid(id)) return id.toLowerCase();
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
    const where = await placesOf(sql, key);
    return {
      person: key,
      ...(await calls.exportPerson(sql, where.calls)),
      ...(await escalations.exportPerson(sql, key, where.escalations)),
      ...(await chat.exportPerson(sql, key)),
      ...(await permissions.exportPerson(sql, key, optOuts)),
      identities: await identities.export(key),
    };
  }

  /** Each room forgets its own. Calls tell whose the rest was. */
  async #forgetIn(work: Work, key: string): Promise<Forgotten> {
    const where = await placesOf(work.sql, key);
    const names = await calls.namesIn(work.sql, key, where.calls);
    const leaving: Leaving = { key, ...where, without: anonymiser({ key, names }) };
    const forgotten = {
      ...(await telephony.forgetPerson(work, leaving, this.#parts.identities)),
      ...(await calls.forgetPerson(work, leaving)),
      ...(await escalations.forgetPerson(work, leaving)),
      ...(await chat.forgetPerson(work, leaving)),
      ...(await permissions.forgetPerson(work, leaving, this.#parts.optOuts)),
    };
    await alerts.forgetPerson(work, leaving);
    await webhooks.forgetPerson(work, leaving);
    return forgotten;
  }
}

/** The calls and escalations in which a person stands. */
async function placesOf(sql: Sql, key: string): Promise<Pick<Leaving, 'calls' | 'escalations'>> {
  const ids = await calls.callsWith(sql, key);
  const placed = await calls.escalationsOf(sql, ids);
  return { calls: ids, escalations: await escalations.escalationsWith(sql, key, placed) };
}

async function neededBy(sql: Sql, key: string): Promise<StillNeeded | null> {
  if (await calls.isOnCall(sql, key)) return 'onCall';
  return (await escalations.isInEscalation(sql, key)) ? 'escalation' : null;
}
