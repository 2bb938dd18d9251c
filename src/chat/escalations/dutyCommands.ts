import { DateTime } from 'luxon';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import { callableOf, toTarget } from '../../directory/callable.ts';
import type { Directory } from '../../directory/directory.ts';
import { coverAt, coversIn, lockCovers, replaceCover, type Cover } from '../../schedules/coverStore.ts';
import { isFor, LONGEST_COVER_DAYS, untilFault } from '../../schedules/covering.ts';
import type { FrozenStep, TargetSpec } from '../../escalations/escalation.ts';
import { canBeCovered, frozen, rotationOf } from '../../escalations/policies.ts';
import type { Targets } from '../../escalations/targets.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { skippedLine } from '../../texts/escalationTimeline.ts';
import { listCard } from '../cards/renderers/listCard.ts';
import type { Command } from '../language/command.ts';
import type { Registers } from '../turn/registers.ts';
import type { CallPermissions } from '../people/permissions.ts';
import { noSuchPolicy, policyNamed } from './policies.ts';
import { parseTime } from '../language/times.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  targets: Pick<Targets, 'ofStep' | 'turnEnds' | 'calendarAge'>;
  directory: Pick<Directory, 'get'>;
  permissions: Pick<CallPermissions, 'checkAsker'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  ringdown: () => Pick<RingdownYaml, 'policies' | 'timeZone'>;
}

/** `on call` and `cover`. */
export class DutyCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  register({ handlers }: Registers): void {
    handlers.on('onCall', async (turn, { policy }) => await this.#onCall(turn, policy));
    handlers.on('cover', async (turn, command) => await this.#cover(turn, command));
  }

  async #onCall(turn: ChatTurn, named: string): Promise<void> {
    const { ringdown } = this.#parts;
    const words = turn.texts.chat.escalations.onCall;
    const found = policyNamed(ringdown(), named);
    if (!found) return await turn.sayOnce(noSuchPolicy(named, ringdown(), turn.texts));
    const { name, policy } = found;
    const rotations = policy.steps.flatMap(({ targets }) =>
      targets.flatMap((target) => ('rotation' in target ? [target.rotation] : [])),
    );
    const [covers, ...steps] = await turn.working(
      async () =>
        await Promise.all([
          this.#coversOf(name, rotations),
          ...policy.steps.map(
            async (step, index) => await this.#step(turn, name, frozen(step, policy.ways), index + 1),
          ),
        ]),
    );
    if (!(await turn.isFirstDelivery())) return;
    const lines = [...steps.flat(), ...this.#oldCalendars(turn, policy.steps)];
    for (const cover of covers) {
      const until = this.#shown(turn, cover.until);
      lines.push(words.covering({ name: cover.person.displayName, until }));
    }
    await turn.show(listCard(words.heading({ policy: name }), lines));
  }

  /** The covers that count now. */
  async #coversOf(policy: string, rotations: readonly string[]): Promise<Cover[]> {
    const { database, clock } = this.#parts;
    const now = clock.now();
    const covers = await coversIn(database.sql, now, now + 1, policy);
    // Of shifts whose fallback is a rotation, any cover counts.
    if (rotations.length === 0) return covers.slice(0, 1);
    return [
      ...new Set(rotations.flatMap((rotation) => covers.find((cover) => isFor(cover, rotation)) ?? [])),
    ];
  }

  async #step(turn: ChatTurn, policy: string, step: FrozenStep, number: number): Promise<string[]> {
    const words = turn.texts.chat.escalations.onCall;
    const { people, skipped } = await this.#parts.targets.ofStep(policy, step);
    const turnEnds = await this.#turnEnds(policy, step.targets);
    const names = people.map(({ target }, index) => {
      const until = people.length === 1 && index === 0 ? turnEnds : null;
      return until === null
        ? target.displayName
        : words.until({ name: target.displayName, until: this.#shown(turn, until) });
    });
    return [
      names.length > 0
        ? words.step({ step: number, people: turn.texts.format.allOf(names) })
        : words.nobodyInStep({ step: number }),
      ...skipped.map((one) => skippedLine(one, turn.texts)),
    ];
  }

  #oldCalendars(turn: ChatTurn, steps: readonly Pick<FrozenStep, 'targets'>[]): string[] {
    const names = steps.flatMap(({ targets }) => targets.flatMap((target) => rotationOf(target) ?? []));
    return [...new Set(names)].flatMap((rotation) => {
      const hours = this.#parts.targets.calendarAge(rotation);
      const { oldCalendar } = turn.texts.chat.escalations.onCall;
      return hours === null ? [] : [oldCalendar({ rotation, hours })];
    });
  }

  /** When the turn of the step's only rotation ends; null if it has other targets, or somebody covers. */
  async #turnEnds(policy: string, targets: readonly TargetSpec[]): Promise<number | null> {
    const { database, clock } = this.#parts;
    const [only, ...more] = targets;
    if (!only || more.length > 0 || !('rotation' in only)) return null;
    if (await coverAt(database.sql, policy, clock.now(), only.rotation)) return null;
    return this.#parts.targets.turnEnds(only.rotation);
  }

  async #cover(turn: ChatTurn, command: Extract<Command, { kind: 'cover' }>): Promise<void> {
    const { permissions, database, transact, clock, ringdown, directory } = this.#parts;
    const { asker, texts } = turn;
    const words = texts.chat.escalations.cover;
    const say = async (text: string): Promise<void> => await turn.sayOnce(text);
    if (asker.objectId === undefined) return await say(words.needsTeams);
    await permissions.checkAsker(asker, null);
    const found = policyNamed(ringdown(), command.policy);
    if (!found) return await say(noSuchPolicy(command.policy, ringdown(), texts));
    if (!canBeCovered(found.policy)) return await say(words.noRotation({ policy: found.name }));
    const now = clock.now();
    const until = parseTime(command.until, {
      now,
      zone: this.#zone(turn),
      locale: texts.format.locale,
    });
    if (until === null) return await say(words.notUnderstood({ words: command.until }));
    const fault = untilFault(until, now);
    if (fault === 'inThePast') return await say(words.inThePast({ until: this.#shown(turn, until) }));
    if (fault === 'tooLong') return await say(words.tooLong({ days: LONGEST_COVER_DAYS }));
    const { objectId } = asker;
    const person = await turn.working(async () => await directory.get(objectId));
    if (!person || !callableOf(person).callable) return await say(words.needsTeams);
    if (!(await turn.isFirstDelivery())) return;
    const before = await coverAt(database.sql, found.name, now);
    await transact(async ({ sql }) => {
      await lockCovers(sql, found.name);
      await replaceCover(sql, { policy: found.name, person: toTarget(person), from: now, until });
    });
    const isOther = before && before.person.id !== person.id;
    await turn.say(
      words.done({
        policy: found.name,
        until: this.#shown(turn, until),
        instead: isOther ? before.person.displayName : null,
      }),
    );
  }

  /** A time with its day and zone, so that it is unambiguous. */
  #shown(turn: ChatTurn, at: number): string {
    const zone = this.#zone(turn);
    const time = DateTime.fromMillis(at, { zone }).setLocale(turn.texts.format.locale);
    const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
    return `${time.toLocaleString({ ...day, ...DateTime.TIME_SIMPLE })} (${zone})`;
  }

  #zone(turn: ChatTurn): string {
    return turn.incoming.timeZone ?? this.#parts.ringdown().timeZone;
  }
}
