import { isGuid } from '../config/guids.ts';
import type { OpenSource } from '../alerts/upkeep.ts';
import type { TargetSpec } from '../escalations/escalation.ts';
import type { OpenLadder } from '../escalations/upkeep.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { GoneFromFile } from './notice.ts';

/** A person or group in the file, to be called or told. */
export interface Named {
  spec: Exclude<
    TargetSpec,
    { rotation: string } | { voiceApp: string } | { shifts: string } | { phone: string }
  >;
  /** The place, as in the faults of the file: `rotations.web.members[1]`. */
  places: string[];
}

/**
 * All people that the directory should know, each once. Groups of `permissions` are left out, because they may be
 * large.
 */
export function namedIn({ operators, rotations, policies, permissions }: RingdownYaml): Named[] {
  const found = new Map<string, Named>();
  const add = (spec: Named['spec'], place: string): void => {
    const key = JSON.stringify(spec).toLowerCase();
    const known = found.get(key) ?? { spec, places: [] };
    found.set(key, known);
    known.places.push(place);
  };
  const addTarget = (target: TargetSpec, place: string): void => {
    if ('user' in target || 'group' in target || 'managerOf' in target || 'mobileOf' in target)
      add(target, place);
    if ('shifts' in target && target.fallback) addTarget(target.fallback, `${place}.fallback`);
  };

  for (const [index, user] of operators.entries()) add({ user }, `operators[${index}]`);
  for (const [name, rotation] of Object.entries(rotations)) {
    // The people of a calendar are looked up when it is fetched.
    if ('ical' in rotation) continue;
    for (const [index, user] of rotation.members.entries())
      add({ user }, `rotations.${name}.members[${index}]`);
  }
  for (const [name, { steps, test, onExhausted }] of Object.entries(policies)) {
    for (const [step, { targets }] of steps.entries()) {
      for (const [index, target] of targets.entries()) {
        addTarget(target, `policies.${name}.steps[${step}].targets[${index}]`);
      }
    }
    for (const [index, target] of (test ?? []).entries())
      addTarget(target, `policies.${name}.test[${index}]`);
    for (const [index, user] of (onExhausted?.notify ?? []).entries()) {
      add({ user }, `policies.${name}.onExhausted.notify[${index}]`);
    }
  }
  for (const [rule, whom] of Object.entries(rulesOf(permissions))) {
    for (const [index, who] of whom.entries()) {
      if ('user' in who) add({ user: who.user }, `permissions.${rule}[${index}]`);
    }
  }
  return [...found.values()];
}

/** A name that open escalations use of the file, and how many of them. */
export interface Use {
  what: GoneFromFile;
  name: string;
  escalations: number;
}

/**
 * The names that open escalations use and the file no longer has. `apiKeys` are all valid keys, wherever they come
 * from.
 */
export function goneFrom(
  { policies, rotations, voiceApps, integrations, heartbeats }: RingdownYaml,
  apiKeys: readonly { name: string }[],
  open: { ladders: readonly OpenLadder[]; sources: readonly OpenSource[] },
): Use[] {
  const uses = [
    ...open.ladders.flatMap(usesOfLadder),
    ...open.sources.flatMap((source) => usesOfSource(source) ?? []),
  ];
  const has: Record<Use['what'], (name: string) => boolean> = {
    policy: (name) => Object.hasOwn(policies, name),
    rotation: (name) => Object.hasOwn(rotations, name),
    // If it is given by the object id of its account, it need not be in the file.
    voiceApp: (name) => Object.hasOwn(voiceApps, name) || isGuid(name),
    apiKey: (name) => apiKeys.some((key) => key.name === name),
    integration: (name) => integrations.some((integration) => integration.name === name),
    heartbeat: (name) => heartbeats.some((heartbeat) => heartbeat.name === name),
  };
  const gone = uses.filter(({ what, name }) => !has[what](name));
  return [...Map.groupBy(gone, ({ what, name }) => JSON.stringify([what, name])).values()].flatMap((same) => {
    const [first] = same;
    const escalations = same.reduce((sum, use) => sum + use.escalations, 0);
    return first ? [{ ...first, escalations }] : [];
  });
}

function usesOfLadder({ policy, steps, escalations }: OpenLadder): Use[] {
  const targets = steps.flatMap((step) => step.targets.flatMap(withFallback));
  const names = {
    policy: policy === null ? [] : [policy],
    rotation: targets.flatMap((target) => ('rotation' in target ? [target.rotation] : [])),
    voiceApp: targets.flatMap((target) => ('voiceApp' in target ? [target.voiceApp] : [])),
  };
  return (['policy', 'rotation', 'voiceApp'] as const).flatMap((what) =>
    [...new Set(names[what])].map((name) => ({ what, name, escalations })),
  );
}

function withFallback(target: TargetSpec): TargetSpec[] {
  return 'shifts' in target && target.fallback ? [target, ...withFallback(target.fallback)] : [target];
}

/** Chats and Entra applications have no key in the file. */
function usesOfSource({ source, heartbeat, escalations }: OpenSource): Use | null {
  if (heartbeat !== null) return { what: 'heartbeat', name: heartbeat, escalations };
  const integration = /^integration:(.+)$/s.exec(source)?.[1];
  if (integration !== undefined) return { what: 'integration', name: integration, escalations };
  // Alert sources have the format as a prefix.
  const key = /^(?:[a-z-]+:)?key:(.+)$/s.exec(source)?.[1];
  return key === undefined ? null : { what: 'apiKey', name: key, escalations };
}

/** The lists of `permissions` that name people, by their place. */
export function rulesOf(permissions: RingdownYaml['permissions']) {
  return {
    callers: permissions.callers ?? [],
    'callees.allow': permissions.callees.allow ?? [],
    'callees.deny': permissions.callees.deny,
    'anonymous.mayCall': permissions.anonymous.mayCall,
    // People of other tenants are given by object id, and are not in this directory.
    guests: permissions.guests.filter((who) => !('user' in who && isGuid(who.user))),
    acknowledge: permissions.acknowledge,
    'console.readers': permissions.console.readers,
    'console.operators': permissions.console.operators,
  };
}
