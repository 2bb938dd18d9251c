import { createCache } from '../cache.ts';
import type { Requester } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import { lookUp } from '../config/lookUp.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import type { ChosenLanguages } from '../languages/chosenLanguages.ts';
import type { Permissions } from '../permissions/permissions.ts';
import type { CalendarLinks } from '../schedules/calendarLinks.ts';
import type { CalendarEvent } from '../schedules/calendarText.ts';
import { coverChanges } from '../schedules/coverStore.ts';
import { textsFor, type Texts } from '../texts/texts.ts';
import { dutyRows, type DutyBoard, type DutyUse } from './dutyBoard.ts';
import { dutiesOf, dutiesOfPerson, rangesFor, sequenceOf, sharedDuties, type Duty } from './dutyCalendar.ts';
import type { TargetSpec } from './escalation.ts';
import { rotationOf } from './policies.ts';
import type { DutyPlan } from './targets.ts';

/** Which calendar of a link. */
export type Wanted = { kind: 'person' } | { kind: 'rotation'; name: string };

interface Parts {
  sql: Sql;
  links: Pick<CalendarLinks, 'ownerOf' | 'fetched'>;
  board: Pick<DutyBoard, 'plansOf'>;
  directory: Pick<Directory, 'get'>;
  permissions: Pick<Permissions, 'sightOf' | 'mayAsk'>;
  languages: Pick<ChosenLanguages, 'of'>;
  clock: Pick<Clock, 'now'>;
  ringdown: () => RingdownYaml;
  /** What the file and the calendars say now. */
  plan: () => DutyPlan;
  publicUrl: () => string;
}

/** Most calendar programs ask every few hours; an impatient one asks each minute, from several devices. */
const MOST_A_MINUTE = 30;
const MINUTE_MS = 60_000;

/** The addresses of one link. */
export interface CalendarAddresses {
  person: string;
  rotations: readonly { name: string; url: string }[];
}

/** Calendars of duties, for people who know a link. */
export class DutyCalendars {
  readonly #parts: Parts;
  readonly #recent;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#recent = createCache<{ count: number; since: number }>(parts.clock, {
      most: 10_000,
      milliseconds: MINUTE_MS,
    });
  }

  /** The addresses of a new link: those that its owner may see. @param secret of the link */
  async addressesFor(
    { objectId, name: owner }: { objectId: string; name: string },
    secret: string,
  ): Promise<CalendarAddresses> {
    const { publicUrl, ringdown, permissions } = this.#parts;
    const base = `${publicUrl()}/ical/${secret}`;
    const seesAll = await permissions.mayAsk({ kind: 'chat', key: objectId, name: owner, objectId });
    const uses = seesAll ? usesOfRotations(ringdown()) : [];
    const names = [...new Set(uses.map(({ spec }) => spec.rotation))];
    return {
      person: `${base}/person.ics`,
      rotations: names.map((name) => ({
        name,
        url: `${base}/rotation/${encodeURIComponent(name)}.ics`,
      })),
    };
  }

  /**
   * The text of a calendar. What it shows is decided by what the owner of the link may see now.
   *
   * @returns null if there is no such link, or if its owner may not see that
   * @throws RingdownError rate_limited; directory_unavailable: then a calendar keeps what it has
   */
  async read(secret: string, wanted: Wanted): Promise<string | null> {
    const { links, directory, permissions } = this.#parts;
    const link = await links.ownerOf(secret);
    if (!link) return null;
    this.#count(link.id);
    const person = await directory.get(link.person);
    if (!person || person.accountEnabled === false) return null;
    const asker: Requester & { objectId: string } = {
      kind: 'chat',
      key: link.person,
      name: person.displayName,
      objectId: link.person,
    };
    const sight = await permissions.sightOf(asker, person);
    if (sight === 'unknown') throw new RingdownError('directory_unavailable');
    if (sight === 'nothing' || (sight === 'own' && wanted.kind === 'rotation')) return null;
    const text = await this.#text(wanted, person, { seesOthers: sight === 'all', since: link.createdAt });
    if (text !== null) await links.fetched(link.id);
    return text;
  }

  async #text(
    wanted: Wanted,
    person: Person,
    { seesOthers, since }: { seesOthers: boolean; since: number },
  ): Promise<string | null> {
    const { ringdown, languages } = this.#parts;
    const file = ringdown();
    const texts = textsFor(languages.of(person.id, file.language));
    const words = texts.calendars;
    // Its library is loaded by the first calendar that somebody subscribes to.
    const { calendarText } = await import('../schedules/calendarText.ts');
    const event = (duty: Duty, summary: string, description: string): CalendarEvent => ({
      uid: `${duty.uid}@ringdown`,
      from: duty.from,
      to: duty.to,
      summary,
      description,
      sequence: sequenceOf(duty),
      changedAt: duty.changedAt ?? since,
    });
    if (wanted.kind === 'person') {
      const duties = dutiesOfPerson(await this.#duties(dutyRows(file)), person.id);
      const events = sharedDuties(duties).map((duty) => {
        const policies = texts.format.allOf(duty.policies);
        const instead = seesOthers ? namesOf(duty.instead ?? [], texts) : null;
        return event(duty, words.onCall({ policies, instead }), '');
      });
      return calendarText(words.mine, events);
    }
    const { name } = wanted;
    const uses = usesOfRotations(file).filter(({ spec }) => spec.rotation === name);
    // A rotation that no policy uses is nobody's duty, and chat does not show it either.
    if (uses.length === 0 || lookUp(file.rotations, name) === undefined) return null;
    const count = new Set(uses.map(({ policy }) => policy)).size;
    const events = sharedDuties(await this.#duties(uses)).map((duty) => {
      const people = namesOf(duty.people, texts) ?? words.nobody;
      const policies = texts.format.allOf(duty.policies);
      const summary = words.turn({
        rotation: name,
        people,
        policies: duty.policies.length < count ? policies : null,
      });
      const cover = duty.instead && [
        texts.console.duty.cover({ name: people, instead: namesOf(duty.instead, texts) }),
      ];
      return event(duty, summary, [...(cover ?? []), words.policies({ policies })].join('\n'));
    });
    return calendarText(words.rotation({ rotation: name }), events);
  }

  /** @throws RingdownError directory_unavailable rather than to leave a duty out */
  async #duties(uses: readonly Pick<DutyUse, 'policy' | 'spec'>[]): Promise<Duty[]> {
    const { sql, board, clock, plan, publicUrl } = this.#parts;
    if (uses.length === 0) return [];
    const now = clock.now();
    const { rotations } = plan();
    const ranged = uses.map((use) => ({ ...use, ...rangesFor(now, use.spec, rotations) }));
    const [plans, changes] = await Promise.all([
      board.plansOf(ranged.map(({ policy, spec, planned }) => ({ policy, spec, ...planned }))),
      coverChanges(sql, Math.min(...ranged.map(({ planned }) => planned.from)), now),
    ]);
    if (plans.some(({ isAnswered }) => !isAnswered)) throw new RingdownError('directory_unavailable');
    return plans.flatMap((one) =>
      dutiesOf(one, rangesFor(now, one.spec, rotations).shown, changes, publicUrl()),
    );
  }

  /** @throws RingdownError rate_limited */
  #count(link: string): void {
    const now = this.#parts.clock.now();
    const known = this.#recent.get(link);
    if (!known || now - known.since >= MINUTE_MS)
      return void this.#recent.set(link, { count: 1, since: now });
    known.count += 1;
    if (known.count <= MOST_A_MINUTE) return;
    throw new RingdownError('rate_limited', {
      extra: { retryInSeconds: Math.max(1, Math.ceil((known.since + MINUTE_MS - now) / 1000)) },
    });
  }
}

type RotationUse = { policy: string; spec: Extract<TargetSpec, { rotation: string }> };

/** The rotations of all policies, also those that stand in for Shifts. Each once for each policy. */
function usesOfRotations(file: Pick<RingdownYaml, 'policies'>): RotationUse[] {
  const uses = dutyRows(file).flatMap(({ policy, spec }): RotationUse[] => {
    const rotation = rotationOf(spec);
    return rotation === null ? [] : [{ policy, spec: { rotation } }];
  });
  return [...new Map(uses.map((use) => [storableJson(use), use])).values()];
}

/** Null if they are none. */
function namesOf(people: Duty['people'], texts: Texts): string | null {
  return people.length > 0 ? texts.format.allOf(people.map(({ displayName }) => displayName)) : null;
}
