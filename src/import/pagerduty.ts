import { DateTime } from 'luxon';
import { z } from 'zod';
import { group, list, number, optionalText, readLists, text, time } from './exportFile.ts';
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
import { instant, isZone, localTime } from './turns.ts';

/*
 * PagerDuty. Lists of its REST API v2 (reference/REST/openapiv3.json in PagerDuty/api-schema): /users,
 * /schedules?include[]=schedule_layers, /escalation_policies, /services.
 */

export const pagerduty: System = {
  key: 'pagerduty',
  name: 'PagerDuty',
  policyWord: 'escalation policy',
  calendarAdvice: 'PagerDuty: the schedule, Export, the iCal or WebCal feed',
};

const referenceSchema = group({ id: text(), type: optionalText(), summary: optionalText() });

const layerSchema = group({
  start: time(),
  end: time().nullish(),
  rotation_virtual_start: time(),
  rotation_turn_length_seconds: number(),
  users: list(group({ user: referenceSchema })),
  restrictions: list(z.unknown()).nullish(),
});

const scheduleSchema = group({
  id: text(),
  name: text(),
  time_zone: text(),
  schedule_layers: list(layerSchema, 'export with include[]=schedule_layers'),
  overrides: list(group({ end: time() })).nullish(),
});

const ruleSchema = group({
  escalation_delay_in_minutes: number(),
  targets: list(referenceSchema),
  // The schema says text, its example a list of groups.
  escalation_rule_assignment_strategy: z
    .union([text(), group({ type: text() }), list(group({ type: text() }))])
    .nullish(),
});

const policySchema = group({
  id: text(),
  name: text(),
  num_loops: number().nullish(),
  escalation_rules: list(ruleSchema),
});

const exportSchema = group({
  users: list(group({ id: text(), name: optionalText(), email: optionalText() })),
  schedules: list(scheduleSchema),
  escalation_policies: list(policySchema),
  services: list(
    group({
      id: text(),
      name: optionalText(),
      status: optionalText(),
      escalation_policy: group({ id: optionalText() }).nullish(),
    }),
  ).default([]),
});

type Export = z.output<typeof exportSchema>;
type Rule = z.output<typeof ruleSchema>;

/**
 * Reads an export of PagerDuty.
 *
 * @param now epoch milliseconds. What has ended by then is left out
 * @throws NotAnExport
 */
export function readPagerduty(source: string, now: number): Source {
  const lists = readLists(source, exportSchema);
  const policyName = new Map(lists.escalation_policies.map(({ id, name }) => [id, quoted(name)]));
  return {
    users: lists.users.map(({ id, name, email }) => ({ id, name: name || id, mail: email || null })),
    schedules: lists.schedules.map((schedule) => scheduleOf(schedule, now)),
    policies: lists.escalation_policies.map(policyOf),
    losses: lists.services
      .filter(({ status }) => status !== 'disabled')
      .map(({ id, name, escalation_policy: policy }) => {
        const used = policyName.get(policy?.id ?? '');
        return {
          about: `service ${quoted(name ?? id)}`,
          why: `its integration keys are not carried over: \`npm run key\` makes a key for “integrations”${used === undefined ? '' : `; it uses ${used}`}`,
        };
      }),
  };
}

function scheduleOf(schedule: Export['schedules'][number], now: number): Source['schedules'][number] {
  const { id, name, time_zone: timeZone } = schedule;
  const overrides = (schedule.overrides ?? []).filter(({ end }) => instant(end) > now).length;
  // PagerDuty keeps the layers of the past: each change of a schedule ends one and begins another.
  const layers = schedule.schedule_layers.filter(({ end }) => !end || instant(end) > now);
  const [layer, ...others] = layers;
  const duty = ((): Duty => {
    if (layer === undefined) return { kind: 'nobody', why: 'has no layers' };
    if (others.length > 0) return calendar(`has ${layers.length} layers`);
    if (layer.restrictions?.length) return calendar('is restricted to some times');
    if (instant(layer.start) > now) return calendar('begins later');
    if (layer.end) return calendar('has an end');
    if (layer.users.length === 0) return { kind: 'nobody', why: 'has nobody in its layer' };
    if (!isZone(timeZone)) return calendar('has a time zone that Ringdown does not know');
    const turns = {
      members: layer.users.map(({ user }) => user.id),
      every: layer.rotation_turn_length_seconds * 1000,
      first: localTime(DateTime.fromISO(layer.rotation_virtual_start), timeZone),
      timeZone,
    };
    return { kind: 'turns', turns, doubts: doubtsOf(turns, now) };
  })();
  return {
    id,
    name,
    duty,
    losses: overridesLost(overrides),
  };
}

function policyOf({
  name,
  num_loops: loops,
  escalation_rules: rules,
}: Export['escalation_policies'][number]): SourcePolicy {
  const losses: string[] = [];
  const events = rules.flatMap((rule, index): SourcePolicy['events'] => {
    const inTurn = isRoundRobin(rule);
    if (inTurn) {
      losses.push(
        `rule ${index + 1} gives each incident to another target: Ringdown calls them one after another, always from the first`,
      );
    }
    const targets = rule.targets.flatMap(({ id, type }): SourceTarget[] => {
      if (type?.startsWith('schedule')) return [{ kind: 'schedule', id }];
      if (type?.startsWith('user')) return [{ kind: 'user', id }];
      losses.push(`rule ${index + 1} has a target that is not known here: ${quoted(type ?? id)}`);
      return [];
    });
    return [
      { kind: 'notify', targets, inTurn },
      { kind: 'wait', seconds: rule.escalation_delay_in_minutes * 60 },
    ];
  });
  return { name, events, repeat: loops ?? 0, losses };
}

function isRoundRobin({ escalation_rule_assignment_strategy: strategy }: Rule): boolean {
  const types = Array.isArray(strategy) ? strategy : [strategy];
  return types.some((one) => (typeof one === 'string' ? one : one?.type) === 'round_robin');
}
