import * as alerts from '../alerts/personalData.ts';
import * as calls from '../calls/personalData.ts';
import * as chat from '../chat/personalData.ts';
import type { Clock } from '../clock.ts';
import { isGuid } from '../config/guids.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';
import * as escalations from '../escalations/personalData.ts';
import type { ChosenLanguages } from '../languages/chosenLanguages.ts';
import type { OptOuts } from '../permissions/optOuts.ts';
import * as permissions from '../permissions/personalData.ts';
import { deleteLinksOf, linksOf } from '../schedules/calendarLinks.ts';
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
  languages: Pick<ChosenLanguages, 'forgetIn' | 'forgotten' | 'export'>;
  identities: Pick<TalkIdentities, 'forgetIn' | 'withdrawIn' | 'export'>;
  talk: Pick<Talk, 'revokeIn'>;
}

/** How many things of each kind were changed or deleted. */
export interface Forgotten {
  /** Calls that no longer mention the person. */
  calls: number;
  /** Deleted messages of calls that they asked for. */
  messages: number;
  escalations: number;
  cards: number;
  conversations: number;
  covers: number;
  /** Audit entries that no longer name them. */
  audit: number;
  /** Identities of Communication Services. The service deletes them as soon as it answers. */
  identities: number;
  calendarLinks: number;
  /** Whether their opt-out stays, as a keyed hash only. */
  optOutKept: boolean;
}

/** The export of a person's data. Times are ISO 8601. */
export interface PersonData {
  person: string;
  calls: object[];
  escalations: object[];
  conversation: object | null;
  /** The tag of the language that they chose. */
  language: string | null;
  covers: object[];
  /** Offers to exchange duty. */
  exchanges: object[];
  optedOut: boolean;
  audit: object[];
  /** Identities of Communication Services with which they talk from a browser. */
  identities: object[];
  /** When their links to calendars were made and last used. */
  calendarLinks: object[];
}

const others = /^(?:8:[a-z-]+:[\w-]{8,}|[a-z][a-z\d_-]{1,40}\|.{1,200})$/iu;

/**
 * Exports a person's data, or deletes it everywhere at once. An Entra object id, `8:acs:…`, or the key of another
 * channel's user (`webchat|…`) names the person.
 */
export class PeopleData {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws RingdownError bad_request if the id has none of these forms */
  static keyOf(id: string): string {
    if (isGuid(id)) return id.toLowerCase();
    if (others.test(id)) return id;
    throw new RingdownError('bad_request', {
      detail: 'Name a person by object id, by 8:acs:…, or by the key of another channel’s user: webchat|….',
    });
  }

  /** Why this person cannot be forgotten now; null if they can. */
  async stillNeeded(id: string): Promise<StillNeeded | null> {
    return await neededBy(this.#parts.sql, PeopleData.keyOf(id));
  }

  /**
   * Deletes data that concerns only this person, and removes them from other data: calls, escalations, timelines and the
   * audit. All of it in one transaction; running it again finds nothing.
   *
   * @throws RingdownError wrong_state while a call or an escalation needs the person
   */
  async forget(id: string): Promise<Forgotten> {
    const key = PeopleData.keyOf(id);
    // Makes sure that the key for hashing opt-outs exists: the transaction could roll back its creation.
    await this.#parts.optOuts.among([key]);
    const forgotten = await this.#parts.transact(async (work) => {
      const needed = await neededBy(work.sql, key);
      if (needed) {
        throw new RingdownError('wrong_state', {
          detail:
            needed === 'onCall'
              ? 'This person has a call that must end first.'
              : 'An open escalation concerns this person and must end first.',
          extra: { because: needed },
        });
      }
      return await this.#forgetIn(work, key);
    });
    await this.#parts.languages.forgotten();
    return forgotten;
  }

  /**
   * Revokes the links and identities with which a person talks from a browser, and their links to calendars, in case somebody
   * else has got hold of them.
   *
   * @returns how many identities, which the service revokes as soon as it answers, and how many links to calendars
   * @throws RingdownError bad_request
   */
  async revoke(id: string): Promise<{ identities: number; calendarLinks: number }> {
    const key = PeopleData.keyOf(id);
    const { transact, identities, talk } = this.#parts;
    return await transact(async (work) => {
      await talk.revokeIn(work, key);
      return {
        identities: await identities.withdrawIn(work, key),
        calendarLinks: await deleteLinksOf(work.sql, key),
      };
    });
  }

  /** @throws RingdownError bad_request */
  async export(id: string): Promise<PersonData> {
    const key = PeopleData.keyOf(id);
    const { sql, optOuts, languages, identities } = this.#parts;
    const where = await placesOf(sql, key);
    return {
      person: key,
      ...(await calls.exportPerson(sql, where.calls)),
      ...(await escalations.exportPerson(sql, key, where.escalations)),
      ...(await chat.exportPerson(sql, key)),
      language: await languages.export(key),
      ...(await permissions.exportPerson(sql, key, optOuts)),
      identities: await identities.export(key),
      calendarLinks: (await linksOf(sql, key)).map(({ createdAt, fetchedAt }) => ({
        createdAt: new Date(createdAt),
        fetchedAt: fetchedAt === null ? null : new Date(fetchedAt),
      })),
    };
  }

  /** Each room forgets its own data. The calls tell which names the person had. */
  async #forgetIn(work: Work, key: string): Promise<Forgotten> {
    const where = await placesOf(work.sql, key);
    const names = await calls.namesIn(work.sql, key, where.calls);
    const leaving: Leaving = { key, ...where, without: anonymiser({ key, names }) };
    const forgotten = {
      ...(await telephony.forgetPerson(work, leaving, this.#parts.identities)),
      ...(await calls.forgetPerson(work, leaving)),
      ...(await escalations.forgetPerson(work, leaving, this.#parts.clock.now())),
      ...(await chat.forgetPerson(work, leaving)),
      ...(await permissions.forgetPerson(work, leaving, this.#parts.optOuts)),
      calendarLinks: await deleteLinksOf(work.sql, key),
    };
    await this.#parts.languages.forgetIn(work, key);
    await alerts.forgetPerson(work, leaving);
    await webhooks.forgetPerson(work, leaving);
    return forgotten;
  }
}

/** The calls and escalations that mention a person. */
async function placesOf(sql: Sql, key: string): Promise<Pick<Leaving, 'calls' | 'escalations'>> {
  const ids = await calls.callsWith(sql, key);
  const placed = await calls.escalationsOf(sql, ids);
  return { calls: ids, escalations: await escalations.escalationsWith(sql, key, placed) };
}

async function neededBy(sql: Sql, key: string): Promise<StillNeeded | null> {
  if (await calls.isOnCall(sql, key)) return 'onCall';
  return (await escalations.isInEscalation(sql, key)) ? 'escalation' : null;
}
