import { DateTime } from 'luxon';
import { z } from 'zod';
import { group, list, number, optionalText, readLists, text, time } from './exportFile.ts';
import {
  calendar,
  overridesLost,
  quoted,
  type Duty,
  type Loss,
  type Source,
  type SourceEvent,
  type SourceSchedule,
  type SourceTarget,
  type System,
} from './source.ts';
import { DAY_MS, isZone, WEEK_MS } from './turns.ts';

/*
 * Grafana OnCall. Lists of its public API (docs/sources/oncall-api-reference in grafana/oncall, and the serializers in
 * engine/apps/public_api, which have more fields than the pages). How shifts become turns: convert_to_ical in
 * engine/apps/schedules/models/custom_on_call_shift.py.
 */

export const grafanaOncall: System = {
  key: 'grafana-oncall',
  name: 'Grafana OnCall',
  policyWord: 'escalation chain',
  calendarAdvice:
    'Grafana OnCall: the schedule, Export, iCal. The address works as long as Grafana OnCall runs',
};

const shiftSchema = group({
  id: text(),
  type: text(),
  name: optionalText(),
  time_zone: optionalText(),
  start: time(),
  rotation_start: time().nullish(),
  until: time().nullish(),
  duration: number(),
  frequency: optionalText(),
  interval: number().nullish(),
  week_start: optionalText(),
  by_day: list(text()).nullish(),
  by_month: list(z.unknown()).nullish(),
  by_monthday: list(z.unknown()).nullish(),
  users: list(text()).nullish(),
  rolling_users: list(list(text())).nullish(),
  start_rotation_from_user_index: number().nullish(),
});

const scheduleSchema = group({
  id: text(),
  name: text(),
  type: optionalText(),
  time_zone: optionalText(),
  shifts: list(text()).nullish(),
  ical_url_primary: optionalText(),
  ical_url_overrides: optionalText(),
});

const stepSchema = group({
  id: text(),
  escalation_chain_id: text(),
  position: number().nullish(),
  type: text(),
  duration: number().nullish(),
  persons_to_notify: list(text()).nullish(),
  persons_to_notify_next_each_time: list(text()).nullish(),
  notify_on_call_from_schedule: optionalText(),
  team_to_notify: optionalText(),
});

const exportSchema = group({
  users: list(
    group({ id: text(), email: optionalText(), username: optionalText(), teams: list(text()).nullish() }),
  ),
  schedules: list(scheduleSchema),
  on_call_shifts: list(shiftSchema),
  escalation_chains: list(group({ id: text(), name: text() })),
  escalation_policies: list(stepSchema),
  integrations: list(
    group({
      id: text(),
      name: optionalText(),
      type: optionalText(),
      default_route: group({ escalation_chain_id: optionalText() }).nullish(),
    }),
  ).default([]),
  routes: list(
    group({
      id: text(),
      integration_id: optionalText(),
      escalation_chain_id: optionalText(),
      routing_regex: optionalText(),
      is_the_last_route: z.boolean().nullish(),
    }),
  ).default([]),
});

type Export = z.output<typeof exportSchema>;
type Shift = z.output<typeof shiftSchema>;
type Schedule = z.output<typeof scheduleSchema>;
type Step = z.output<typeof stepSchema>;

/** How often `repeat_escalation` repeats: MAX_TIMES_REPEAT of the engine. */
const MAX_TIMES_REPEAT = 5;
const frequencies: ReadonlyMap<string | null | undefined, number> = new Map([
  ['hourly', 3_600_000],
  ['daily', DAY_MS],
  ['weekly', WEEK_MS],
]);
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/**
 * Reads an export of Grafana OnCall.
 *
 * @param now epoch milliseconds. What has ended by then is left out
 * @throws NotAnExport
 */
export function readGrafanaOncall(source: string, now: number): Source {
  const lists = readLists(source, exportSchema);
  const shifts = new Map(lists.on_call_shifts.map((shift) => [shift.id, shift]));
  const stepsOf = Map.groupBy(lists.escalation_policies, (step) => step.escalation_chain_id);
  return {
    users: lists.users.map(({ id, email, username }) => ({
      id,
      name: username ?? email ?? id,
      // Grafana's login is often the mail address.
      mail: email || (username?.includes('@') ? username : null),
    })),
    schedules: lists.schedules.map((schedule) => scheduleOf(schedule, shifts, now)),
    policies: lists.escalation_chains.map(({ id, name }) => ({
      name,
      ...ladderOf(
        (stepsOf.get(id) ?? []).toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0)),
        lists,
      ),
    })),
    losses: sendersOf(lists),
  };
}

function scheduleOf(schedule: Schedule, shifts: ReadonlyMap<string, Shift>, now: number): SourceSchedule {
  const { id, name } = schedule;
  if (schedule.type === 'ical' || (schedule.type === undefined && schedule.ical_url_primary)) {
    const overrides =
      'has a second calendar, of overrides, which is not read: put its events into the first one';
    return {
      id,
      name,
      duty: calendar('is a calendar already', 'ical_url_primary of this schedule in the export'),
      losses: schedule.ical_url_overrides ? [overrides] : [],
    };
  }
  // Shifts of a schedule made in the web page are in UTC unless they say otherwise; the schedule's own zone is only for
  // display. A schedule of the API passes its zone on.
  const zone = schedule.type === 'web' ? 'UTC' : (schedule.time_zone ?? 'UTC');
  const named = (schedule.shifts ?? []).map((shiftId) => shifts.get(shiftId) ?? null);
  const current = named.filter((shift) => shift !== null && !hasEnded(shift, shift.time_zone ?? zone, now));
  const overrides = current.filter((shift) => shift?.type === 'override');
  const losses = [
    ...overridesLost(overrides.length),
    ...(schedule.ical_url_overrides ? ['has a calendar of overrides, which is not read'] : []),
  ];
  const [shift, ...others] = current.filter((one) => one?.type !== 'override');
  const duty = ((): Duty => {
    if (named.includes(null)) return calendar('has shifts that are not among on_call_shifts of the export');
    if (shift === undefined || shift === null) return { kind: 'nobody', why: 'has no shifts' };
    if (others.length > 0) return calendar(`has ${others.length + 1} shifts at once`);
    return dutyOf(shift, shift.time_zone ?? zone, now);
  })();
  return { id, name, duty, losses };
}

/** A time of a shift: local time in the zone. Epoch milliseconds. */
function instant(at: string, zone: string): number {
  return DateTime.fromISO(at, { zone }).toMillis();
}

function hasEnded(shift: Shift, zone: string, now: number): boolean {
  if (!isZone(zone)) return false;
  const isSingle = shift.type === 'single_event' || shift.type === 'override';
  const end = isSingle
    ? instant(shift.start, zone) + shift.duration * 1000
    : // RRULE's UNTIL, which the engine writes in UTC.
      shift.until
      ? instant(shift.until, 'utc')
      : null;
  return end !== null && end <= now;
}

/** A single shift as turns, if it leaves no time without somebody on duty. */
function dutyOf(shift: Shift, timeZone: string, now: number): Duty {
  if (!isZone(timeZone)) return calendar('has a time zone that Ringdown does not know');
  if (shift.type === 'single_event') return calendar('has a shift on a single date');
  if (instant(shift.rotation_start ?? shift.start, timeZone) > now) return calendar('begins later');
  if (shift.until) return calendar('has a shift with an end');
  const groups = shift.type === 'rolling_users' ? (shift.rolling_users ?? []) : [shift.users ?? []];
  if (groups.flat().length === 0) return { kind: 'nobody', why: 'has nobody in its shifts' };
  if (groups.some(({ length }) => length !== 1)) return calendar('has turns of several people, or of nobody');
  const found = rhythmOf(shift);
  if (found === null) return calendar('has times without a shift, or shifts that overlap');
  const from = shift.type === 'rolling_users' ? (shift.start_rotation_from_user_index ?? 0) : 0;
  const members = [...groups.slice(from), ...groups.slice(0, from)].flat();
  return { kind: 'turns', turns: { members, ...found, timeZone }, doubts: [] };
}

/**
 * How long a turn is, and when the first one began (local time as if UTC); null if there are gaps or overlaps.
 *
 * - Each shift lasts until the next: `every` is frequency times interval.
 * - A shift a day on all days of the week, weekly: turns are weeks that begin on `week_start`.
 * - A shift a day on all days of the week, daily: a turn is `interval` days.
 */
function rhythmOf(shift: Shift): { every: number; first: number } | null {
  const unit = frequencies.get(shift.frequency);
  if (unit === undefined || shift.by_month?.length || shift.by_monthday?.length) return null;
  const interval = shift.interval ?? 1;
  const every = unit * interval;
  const duration = shift.duration * 1000;
  const days = new Set(shift.by_day);
  const start = DateTime.fromISO(shift.start, { zone: 'utc' });
  const first = start.toMillis();
  if (days.size === 0) return duration === every ? { every, first } : null;
  if (shift.frequency === 'weekly' && days.size === 1) {
    const [day = ''] = days;
    const later = (weekdays.indexOf(day) + 1 - start.weekday + 7) % 7;
    return weekdays.includes(day) && duration === every ? { every, first: first + later * DAY_MS } : null;
  }
  if (!weekdays.every((day) => days.has(day)) || duration !== DAY_MS) return null;
  if (shift.frequency === 'daily') return { every, first };
  if (shift.frequency !== 'weekly' || interval !== 1) return null;
  const weekStart = weekdays.indexOf(shift.week_start ?? 'SU') + 1;
  return { every, first: first - ((start.weekday - weekStart + 7) % 7) * DAY_MS };
}

/** What Ringdown has no step for, by type. */
const lost: Readonly<Record<string, string>> = {
  notify_user_group:
    'a Slack user group is not called: add a step with {group: <Entra group id>}, or the people',
  notify_whole_channel: 'a Slack channel is not told: `channel` names a channel of Teams',
  notify_if_time_from_to:
    'goes on only at some times of day: Ringdown takes the steps after it at any time. See quietHours',
  notify_if_num_alerts_in_window:
    'goes on only after many alerts: Ringdown takes the steps after it with the first one',
  trigger_webhook: 'a webhook is not called: see `webhooks`',
  resolve: 'resolves by itself: in Ringdown the escalation stays open, and onExhausted names whom to tell',
  declare_incident: 'declares an incident: Ringdown has none',
};

function ladderOf(
  steps: readonly Step[],
  { users }: Export,
): { events: SourceEvent[]; repeat: number; losses: string[] } {
  const events: SourceEvent[] = [];
  const losses: string[] = [];
  let repeat = 0;
  for (const [index, step] of steps.entries()) {
    const lose = (why: string): void => void losses.push(`step ${index + 1} ${why}`);
    const notify = (targets: SourceTarget[], inTurn = false): void => {
      events.push({ kind: 'notify', targets, inTurn });
    };
    const people = (ids: readonly string[] | null | undefined): SourceTarget[] =>
      (ids ?? []).map((id) => ({ kind: 'user', id }));
    if (step.type === 'wait') {
      // The engine's default, DEFAULT_WAIT_DELAY.
      events.push({ kind: 'wait', seconds: step.duration ?? 300 });
    } else if (step.type === 'notify_persons') {
      notify(people(step.persons_to_notify));
    } else if (step.type === 'notify_person_next_each_time') {
      notify(people(step.persons_to_notify_next_each_time), true);
      lose('notifies another person each time: Ringdown calls them one after another, always from the first');
    } else if (step.type === 'notify_on_call_from_schedule') {
      const id = step.notify_on_call_from_schedule;
      if (id) notify([{ kind: 'schedule', id }]);
      else lose('names no schedule');
    } else if (step.type === 'notify_team_members') {
      const members = users.filter(
        ({ teams }) => step.team_to_notify && teams?.includes(step.team_to_notify),
      );
      notify(people(members.map(({ id }) => id)));
      lose(
        members.length > 0
          ? 'notifies a team: Ringdown calls those who are in it now. {group: <Entra group id>} follows changes'
          : 'notifies a team whose members are not in the export',
      );
    } else if (step.type === 'repeat_escalation') {
      repeat = MAX_TIMES_REPEAT;
      if (index < steps.length - 1) lose('repeats: the steps after it are not carried over');
      break;
    } else {
      lose(lost[step.type] ?? `has a type that is not known here: ${quoted(step.type)}`);
    }
  }
  return { events, repeat, losses };
}

/** Keys cannot be carried over: each sender needs one of Ringdown's. */
function sendersOf({ integrations, routes, escalation_chains: chains }: Export): Loss[] {
  const nameOf = new Map(chains.map(({ id, name }) => [id, quoted(name)]));
  const routesOf = Map.groupBy(routes, (route) => route.integration_id);
  return integrations.map(({ id, name, type, default_route: fallback }) => {
    const own = routesOf.get(id) ?? [];
    const ids = [...own.map((route) => route.escalation_chain_id), fallback?.escalation_chain_id];
    const targets = [...new Set(ids.flatMap((chain) => nameOf.get(chain ?? '') ?? []))];
    const conditions = own.some((route) => route.is_the_last_route !== true);
    return {
      about: `integration ${quoted(name ?? id)}${type ? ` (${type})` : ''}`,
      why: [
        'its address and key are not carried over: `npm run key` makes a key for “integrations”',
        ...(targets.length > 0 ? [`it uses ${targets.join(', ')}`] : []),
        ...(conditions ? ['its routes by condition need one key for each policy'] : []),
      ].join('; '),
    };
  });
}
