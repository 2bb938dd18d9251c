import { DateTime } from 'luxon';
import type { z } from 'zod';
import { boolean, group, list, number, optionalText, readLists, text, time } from './exportFile.ts';
import {
  calendar,
  doubtsOf,
  overridesLost,
  quoted,
  type Duty,
  type Source,
  type SourcePolicy,
  type SourceTarget,
  type System,
} from './source.ts';
import { DAY_MS, instant, isZone, localTime, WEEK_MS } from './turns.ts';

/*
 * Opsgenie. Lists of its REST API v2: /v2/users, /v2/schedules?expand=rotation, /v2/escalations, /v2/teams. Fields:
 * docs.opsgenie.com and opsgenie/opsgenie-go-sdk-v2.
 */

export const opsgenie: System = {
  key: 'opsgenie',
  name: 'Opsgenie',
  policyWord: 'escalation',
  calendarAdvice: 'Opsgenie: the schedule, its menu, the link to the iCal or webcal file',
};

const participantSchema = group({
  type: text(),
  id: optionalText(),
  username: optionalText(),
  name: optionalText(),
});

const rotationSchema = group({
  id: optionalText(),
  enabled: boolean().nullish(),
  type: text(),
  length: number().nullish(),
  startDate: time(),
  endDate: time().nullish(),
  participants: list(participantSchema),
  timeRestriction: group({}).nullish(),
});

const scheduleSchema = group({
  id: text(),
  name: text(),
  timezone: text(),
  enabled: boolean().nullish(),
  rotations: list(rotationSchema, 'export with expand=rotation'),
  overrides: list(group({ endDate: time() })).nullish(),
});

const ruleSchema = group({
  condition: optionalText(),
  notifyType: optionalText(),
  delay: group({ timeAmount: number().nullish(), timeUnit: optionalText() }).nullish(),
  recipient: participantSchema,
});

const escalationSchema = group({
  id: text(),
  name: text(),
  rules: list(ruleSchema),
  repeat: group({
    waitInterval: number().nullish(),
    count: number().nullish(),
    closeAlertAfterAll: boolean().nullish(),
  }).nullish(),
});

const exportSchema = group({
  users: list(group({ id: text(), username: text(), fullName: optionalText() })),
  schedules: list(scheduleSchema),
  escalations: list(escalationSchema),
  teams: list(
    group({
      id: text(),
      name: optionalText(),
      members: list(
        group({
          user: group({ id: optionalText(), username: optionalText() }),
          role: optionalText(),
        }),
      ).nullish(),
    }),
  ).default([]),
  integrations: list(group({ id: text(), name: optionalText(), type: optionalText() })).default([]),
});

type Export = z.output<typeof exportSchema>;
type Person = { id?: string | null | undefined; username?: string | null | undefined };
type Rule = z.output<typeof ruleSchema>;

const lengths: ReadonlyMap<string, number> = new Map([
  ['hourly', 3_600_000],
  ['daily', DAY_MS],
  ['weekly', WEEK_MS],
]);
const unitSeconds: ReadonlyMap<string | null | undefined, number> = new Map([
  ['minutes', 60],
  ['hours', 3600],
  ['days', 86_400],
]);

/**
 * Reads an export of Opsgenie.
 *
 * @param now epoch milliseconds. What has ended by then is left out
 * @throws NotAnExport
 */
export function readOpsgenie(source: string, now: number): Source {
  const lists = readLists(source, exportSchema);
  const idOf = new Map(lists.users.map(({ id, username }) => [username.toLowerCase(), id]));
  /** The id of a user who is named by id or by username. */
  const userId = ({ id, username }: Person): string =>
    id ?? idOf.get(username?.toLowerCase() ?? '') ?? username ?? '';
  const scheduleIdOf = new Map(lists.schedules.map(({ id, name }) => [name, id]));

  const scheduleOf = (schedule: Export['schedules'][number]): Source['schedules'][number] => {
    const overrides = (schedule.overrides ?? []).filter(({ endDate }) => instant(endDate) > now).length;
    const rotations = schedule.rotations.filter(
      ({ enabled, endDate }) => enabled !== false && (!endDate || instant(endDate) > now),
    );
    const [rotation, ...others] = rotations;
    const duty = ((): Duty => {
      if (schedule.enabled === false) return { kind: 'nobody', why: 'is disabled' };
      if (rotation === undefined) return { kind: 'nobody', why: 'has no rotations' };
      if (others.length > 0) return calendar(`has ${rotations.length} rotations at once`);
      if (rotation.timeRestriction) return calendar('is restricted to some times');
      if (instant(rotation.startDate) > now) return calendar('begins later');
      if (rotation.endDate) return calendar('has an end');
      if (rotation.participants.length === 0) return { kind: 'nobody', why: 'has nobody in its rotation' };
      if (rotation.participants.some(({ type }) => type !== 'user')) {
        return calendar('has turns of teams, escalations or nobody');
      }
      const unit = lengths.get(rotation.type);
      if (unit === undefined) return calendar('has turns of a kind that is not known here');
      if (!isZone(schedule.timezone)) return calendar('has a time zone that Ringdown does not know');
      const turns = {
        members: rotation.participants.map(userId),
        every: unit * (rotation.length ?? 1),
        first: localTime(DateTime.fromISO(rotation.startDate), schedule.timezone),
        timeZone: schedule.timezone,
      };
      return { kind: 'turns', turns, doubts: doubtsOf(turns, now) };
    })();
    return {
      id: schedule.id,
      name: schedule.name,
      duty,
      losses: overridesLost(overrides),
    };
  };

  /** Whom a rule notifies; a sentence if Ringdown cannot. */
  const targetsOf = ({ recipient, notifyType }: Rule): SourceTarget[] | string => {
    const how = notifyType ?? 'default';
    if (recipient.type === 'user') return [{ kind: 'user', id: userId(recipient) }];
    if (recipient.type === 'schedule') {
      if (how !== 'default')
        return `notifies the ${how} person of a schedule: Ringdown knows only who is on duty now`;
      return [{ kind: 'schedule', id: recipient.id ?? scheduleIdOf.get(recipient.name ?? '') ?? '' }];
    }
    if (recipient.type !== 'team')
      return `notifies something that is not known here: ${quoted(recipient.type)}`;
    const team = lists.teams.find(
      ({ id, name }) => id === recipient.id || (!recipient.id && name === recipient.name),
    );
    if (team?.members === undefined || team.members === null)
      return 'notifies a team whose members are not in the export';
    if (how === 'default') return 'notifies a team by its routing rules, which are not in the export';
    if (how === 'random') return 'notifies a random person of a team: name the people yourself';
    const roles: Readonly<Record<string, string>> = { admins: 'admin', users: 'user' };
    return team.members
      .filter(({ role }) => how === 'all' || role === roles[how])
      .map(({ user }) => ({ kind: 'user', id: userId(user) }));
  };

  const policyOf = ({ name, rules, repeat }: Export['escalations'][number]): SourcePolicy => {
    const losses: string[] = [];
    const timed = rules
      .map((rule, index) => ({ rule, place: `rule ${index + 1}`, after: secondsOf(rule) }))
      // Opsgenie counts each delay from the alert, not from the rule before.
      .toSorted((a, b) => a.after - b.after);
    let passed = 0;
    const events = timed.flatMap(({ rule, place, after }): SourcePolicy['events'] => {
      const targets = targetsOf(rule);
      if (typeof targets === 'string') losses.push(`${place} ${targets}`);
      if (rule.condition === 'if-not-closed') {
        losses.push(`${place} notifies until the alert is closed: Ringdown stops when somebody acknowledges`);
      }
      if (rule.recipient.type === 'team' && typeof targets !== 'string') {
        losses.push(`${place} notifies a team: Ringdown calls those who are in it now`);
      }
      const wait = after - passed;
      passed = after;
      return [
        ...(wait > 0 ? [{ kind: 'wait', seconds: wait } as const] : []),
        { kind: 'notify', targets: typeof targets === 'string' ? [] : targets, inTurn: false },
      ];
    });
    if (repeat?.closeAlertAfterAll) losses.push('closes the alert at the end: in Ringdown it stays open');
    const count = repeat?.count ?? 0;
    const pause = (repeat?.waitInterval ?? 0) * 60;
    return {
      name,
      events: count > 0 && pause > 0 ? [...events, { kind: 'wait', seconds: pause }] : events,
      repeat: count,
      losses,
    };
  };

  return {
    users: lists.users.map(({ id, username, fullName }) => ({
      id,
      name: fullName || username,
      mail: username.includes('@') ? username : null,
    })),
    schedules: lists.schedules.map(scheduleOf),
    policies: lists.escalations.map(policyOf),
    losses: [
      ...lists.integrations.map(({ id, name, type }) => ({
        about: `integration ${quoted(name ?? id)}${type ? ` (${type})` : ''}`,
        why: 'its key is not carried over: `npm run key` makes a key for “integrations”',
      })),
      ...(lists.teams.length > 0
        ? [
            {
              about: 'teams',
              why: 'their routing rules are not carried over: each sender’s key in Ringdown names one policy',
            },
          ]
        : []),
    ],
  };
}

function secondsOf({ delay }: Rule): number {
  return (delay?.timeAmount ?? 0) * (unitSeconds.get(delay?.timeUnit ?? 'minutes') ?? 60);
}
