import { DateTime } from 'luxon';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import { callableOf, toTarget } from '../../directory/callable.ts';
import type { Directory } from '../../directory/directory.ts';
import { coverAt, takeCover } from '../../escalations/coverStore.ts';
import type { FrozenStep, TargetSpec } from '../../escalations/escalation.ts';
import { canBeCovered } from '../../escalations/policies.ts';
import type { Targets } from '../../escalations/targets.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { listCard } from '../cards/renderers/listCard.ts';
import type { Command } from '../language/command.ts';
import type { Registers } from '../turn/registers.ts';
import type { CallPermissions } from '../people/permissions.ts';
import { policyNamed } from './policies.ts';
import { parseTime } from '../language/times.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  targets: Pick<Targets, 'ofStep' | 'rotationTurn'>;
  directory: Pick<Directory, 'get'>;
  permissions: Pick<CallPermissions, 'checkAsker'>;
  database: Database;
  clock: Clock;
  ringdown: () => Pick<RingdownYaml, 'policies' | 'timeZone'>;
}

const DAY_MS = 86_400_000;
const LONGEST_COVER_DAYS = 90;
/** Tolerates a small difference between clocks. */
const SLACK_MS = 1_000;

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
    const { database, clock, ringdown } = this.#parts;
    const words = turn.texts.escalationChat;
    const found = policyNamed(ringdown(), named);
    if (!found) {
      return await turn.sayOnce(words.noSuchPolicy(named, Object.keys(ringdown().policies)));
    }
    const { name, policy } = found;
    const [cover, ...steps] = await turn.working(
      async () =>
        await Promise.all([
          coverAt(database.sql, name, clock.now()),
          ...policy.steps.map(async (step, index) => await this.#step(turn, name, step, index + 1)),
        ]),
    );
    if (!(await turn.isFirstDelivery())) return;
    const lines = steps.flat();
    if (cover) {
      const until = this.#shown(turn, cover.until);
      lines.push(words.covering({ name: cover.person.displayName, until }));
    }
    await turn.show(listCard(words.onCall(name), lines));
  }

  async #step(turn: ChatTurn, policy: string, step: FrozenStep, number: number): Promise<string[]> {
    const words = turn.texts.escalationChat;
    const { people, skipped } = await this.#parts.targets.ofStep(policy, step);
    const turnEnds = await this.#turnEnds(policy, step.targets);
    const names = people.map(({ target }, index) => {
      const until = people.length === 1 && index === 0 ? turnEnds : null;
      return until === null
        ? target.displayName
        : words.onCallUntil({ name: target.displayName, until: this.#shown(turn, until) });
    });
    return [
      names.length > 0 ? words.onCallStep({ step: number, people: names }) : words.nobodyInStep(number),
      ...skipped.map((one) => turn.texts.escalation.skipped(one)),
    ];
  }

  /** When the turn of the step's only rotation ends; null if it has other targets, or somebody covers. */
  async #turnEnds(policy: string, targets: readonly TargetSpec[]): Promise<number | null> {
    const { database, clock } = this.#parts;
    const [only, ...more] = targets;
    if (!only || more.length > 0 || !('rotation' in only)) return null;
    if (await coverAt(database.sql, policy, clock.now())) return null;
    return this.#parts.targets.rotationTurn(only.rotation)?.until ?? null;
  }

  async #cover(turn: ChatTurn, command: Extract<Command, { kind: 'cover' }>): Promise<void> {
    const { permissions, database, clock, ringdown, directory } = this.#parts;
    const { asker, texts } = turn;
    const words = texts.escalationChat;
    const say = async (text: string): Promise<void> => await turn.sayOnce(text);
    if (asker.objectId === undefined) return await say(words.coverNeedsTeams());
    await permissions.checkAsker(asker, null);
    const found = policyNamed(ringdown(), command.policy);
    if (!found) return await say(words.noSuchPolicy(command.policy, Object.keys(ringdown().policies)));
    if (!canBeCovered(found.policy)) return await say(words.notCoverable(found.name));
    const now = clock.now();
    const until = parseTime(command.until, {
      now,
      zone: this.#zone(turn),
      locale: texts.format.locale,
    });
    if (until === null) return await say(words.coverNotUnderstood(command.until));
    if (until <= now + SLACK_MS) return await say(words.coverInThePast(this.#shown(turn, until)));
    if (until - now > LONGEST_COVER_DAYS * DAY_MS) return await say(words.coverTooLong(LONGEST_COVER_DAYS));
    const { objectId } = asker;
    const person = await turn.working(async () => await directory.get(objectId));
    if (!person || !callableOf(person).callable) return await say(words.coverNeedsTeams());
    if (!(await turn.isFirstDelivery())) return;
    const before = await coverAt(database.sql, found.name, now);
    await takeCover(database.sql, found.name, { person: toTarget(person), until }, now);
    const isOther = before && before.person.id !== person.id;
    await turn.say(
      words.covered({
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
    const day = time.toLocaleString({ weekday: 'short', day: 'numeric', month: 'short' });
    return `${day}, ${time.toLocaleString(DateTime.TIME_SIMPLE)} (${zone})`;
  }

  #zone(turn: ChatTurn): string {
    return turn.incoming.timeZone ?? this.#parts.ringdown().timeZone;
  }
}
