import { z } from 'zod';
import { languages } from '../texts/catalogue.ts';
import { calendarPlace, guid, missingOr, safeUrl, sha256Hex, text, wholeNumber } from './rules.ts';
import { calendarName } from './calendarName.ts';
import { isGuid } from './guids.ts';
import { isPhoneCountry, readPhone, type PhoneProblem } from './phoneNumbers.ts';

/** A valid value for a rule of ringdown.yaml, shown beside a fault. */
export const examples = z.registry<{ example: string }>();

/** Names that other parts of the file may refer to. Null: the section could not be read, so any name may be valid. */
export interface KnownNames {
  policies: readonly string[] | null;
  rotations: readonly string[] | null;
  voiceApps: readonly string[] | null;
  /** Countries whose numbers may be called, in upper case. Null: any. */
  phoneCountries: readonly string[] | null;
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Default of `autoResolve`: how long an acknowledged escalation stays open. */
export const AUTO_RESOLVE_MS = 7 * 86_400_000;

/** Converts `30m` to milliseconds. The text has already matched the pattern. */
function durationMs(words: string): number {
  return Number(words.slice(0, -1)) * (unitMs[words.slice(-1)] ?? Number.NaN);
}

function timeOfDay(words: string) {
  return { hour: Number(words.slice(0, 2)), minute: Number(words.slice(3, 5)) };
}

/** `30m`, in milliseconds. */
const duration = () =>
  text('must be a duration: a number and s, m, h, d or w', /^[1-9]\d{0,4}[smhdw]$/)
    .transform(durationMs)
    .register(examples, { example: '30m' });

/** `20/1h`: at most 20 in any window of one hour. */
const rate = () =>
  text('must be a number and a duration: count/window', /^[1-9]\d{0,8}\/[1-9]\d{0,4}[smhdw]$/)
    .transform((words) => {
      const slash = words.indexOf('/');
      return { count: Number(words.slice(0, slash)), windowMs: durationMs(words.slice(slash + 1)) };
    })
    .register(examples, { example: '20/1h' });

/** `"22:00"`: local time in a time zone. */
const time = () =>
  text('must be a time of day, 24 hours', /^([01]\d|2[0-3]):[0-5]\d$/)
    .transform(timeOfDay)
    .register(examples, { example: '"22:00"' });

/** `"Mon 09:00"`. `weekday` is numbered as in ISO 8601, Monday 1 to Sunday 7. */
const weekdayAndTime = () =>
  text('must be a day and a time', /^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$/i)
    .transform((words) => ({
      weekday: weekdays.indexOf(words.slice(0, 3).toLowerCase()) + 1,
      ...timeOfDay(words.slice(4)),
    }))
    .register(examples, { example: '"Mon 09:00"' });

const timeZone = () =>
  text('must be an IANA time zone')
    .refine(isTimeZone, { error: 'must be an IANA time zone' })
    .register(examples, { example: 'Europe/Berlin' });

function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false; // an offset such as +01:00 has no daylight saving time
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const language = () =>
  text('must be a language tag', /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i).register(examples, { example: 'en' });

const voice = () => text('must be the name of a voice').register(examples, { example: 'en-US-AvaNeural' });

/** A person: object id, UPN, mail or display name. */
const person = () =>
  text('must name a person: object id, UPN, mail or display name').register(examples, {
    example: 'adele@contoso.example',
  });

const groupId = () => guid().register(examples, { example: '11111111-2222-3333-4444-555555555555' });

const domain = () =>
  text('must be a domain, without @', /^([a-z0-9-]+\.)+[a-z0-9-]+$/i)
    .toLowerCase()
    .register(examples, { example: 'contoso.example' });

const hash = () => sha256Hex().register(examples, { example: '0123456789abcdef'.repeat(4) });

const namePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u;
const nameProblem = 'must be a name of at most 64 letters, digits, spaces, dots, dashes and underscores';

const name = (example: string) => text(nameProblem, namePattern).register(examples, { example });

const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: missingOr(`must be one of ${values.join(', ')}`) }).register(examples, {
    example: values[0] ?? '',
  });

const listOf = <T extends z.ZodType>(item: T) => z.array(item, { error: missingOr('must be a list') });

const notEmpty = { error: 'must have at least one entry' };

/** An object that rejects unknown keys. */
const only = <const T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is unknown here; known keys: ${Object.keys(shape).join(', ')}`
        : missingOr('must be a group of keys and values')(issue),
  });

const recordOf = <K extends z.ZodType<string>, T extends z.ZodType>(key: K, keyProblem: string, entry: T) =>
  z.record(key, entry, {
    error: (issue) =>
      issue.code === 'invalid_key' ? keyProblem : missingOr('must be a group of names and values')(issue),
  });

/** A record with names of the operator's choice. */
const named = <T extends z.ZodType>(entry: T) => recordOf(z.string().regex(namePattern), nameProblem, entry);

/** A record of languages that have texts. */
const byLanguage = <T extends z.ZodType>(entry: T) =>
  recordOf(
    z.string().refine((tag) => languages.includes(tag)),
    `Ringdown does not speak this language; it speaks ${languages.join(', ')}`,
    entry,
  );

/** A union of objects that are told apart by their keys. */
const oneOf = <const T extends readonly [z.ZodType, ...z.ZodType[]]>(problem: string, options: T) =>
  z.union(options, { error: missingOr(problem) });

/** The name of something defined elsewhere in the file. */
const reference = (kind: string, known: readonly string[] | null) =>
  text(`must be the name of a ${kind}`)
    .refine((value) => known?.includes(value) ?? true, {
      error: known?.length === 0 ? `there is no ${kind} in this file` : `is no ${kind} of this file`,
    })
    .register(examples, { example: known?.[0] ?? '' });

/** A calendar in a target is a rotation without a name of its own. `withCalendars` puts it among the rotations. */
const calendarTarget = () =>
  calendar().transform((source) => ({
    rotation: calendarName(source.ical, source.timeZone),
    calendar: source,
  }));

/** A calendar of duties. */
const calendar = () =>
  only({
    ical: calendarPlace().register(examples, {
      example: '"https://calendar.contoso.example/secret/basic.ics"',
    }),
    // Of whole days, and of times that name no zone. Default: what the calendar says, then the file's.
    timeZone: timeZone().optional(),
    allowPrivate: z.boolean({ error: 'must be true or false' }).default(false),
  });

/** In which ways the people of a policy or step are reached, in this order. */
const ways = () =>
  listOf(choice(['teams', 'mobile']))
    .min(1, notEmpty)
    .refine((each) => new Set(each).size === each.length, { error: 'must name each way once' })
    .register(examples, { example: '[teams, mobile]' });

/** ISO 3166-1 alpha-2. */
const country = () =>
  text('must be the two letters of a country, such as DE', /^[a-z]{2}$/i)
    .toUpperCase()
    .refine(isPhoneCountry, {
      error: 'is no country with telephone numbers; write its two letters, such as DE',
    })
    .register(examples, { example: 'DE' });

const phoneProblems: Readonly<Record<PhoneProblem, string>> = {
  notANumber: 'is no telephone number',
  noCountryCode: 'must begin with + and the country code',
  emergency: 'is an emergency number, which is never called',
  shortNumber: 'is a short number, which is never called',
  noCountry: 'belongs to a satellite or an international network, which is never called',
  invalid: 'is no number that can exist',
  costly: 'is a premium rate or another costly number, which is never called',
  country: 'is of a country that permissions.phones.countries does not list',
};

/** A number of the telephone network that may be called. Output: E.164. */
const phone = (countries: readonly string[] | null) =>
  text('must be a telephone number in quotes, with + and the country code')
    .transform((value, context) => {
      const { number, problem, country: own } = readPhone(value, countries);
      if (number) return number.e164;
      const message = phoneProblems[problem];
      context.addIssue({ code: 'custom', message: problem === 'country' ? `${message}: ${own}` : message });
      return z.NEVER;
    })
    .register(examples, { example: '"+49301234567"' });

/**
 * Whom a step or a test may call.
 *
 * @param where a request may not name a calendar: Ringdown would fetch any address that somebody sends
 */
function targetsSchema(known: KnownNames, where: 'file' | 'request') {
  const voiceApp = text('must name a voice app')
    .refine((value) => (known.voiceApps?.includes(value) ?? true) || isGuid(value), {
      error: 'is neither in voiceApps nor an object id',
    })
    .register(examples, { example: known.voiceApps?.[0] ?? '11111111-2222-3333-4444-555555555555' });
  const plainTargets = [
    only({ user: person() }),
    only({ rotation: reference('rotation', known.rotations) }),
    only({ group: groupId() }),
    only({ managerOf: person() }),
    only({ voiceApp }),
    only({ phone: phone(known.phoneCountries) }),
    only({ mobileOf: person() }),
    ...(where === 'file' ? [calendarTarget()] : []),
  ] as const;
  const forms = `{user: …}, {rotation: …}, {group: …}, {managerOf: …}, {voiceApp: …}, {phone: …}, {mobileOf: …}${where === 'file' ? ', {ical: …}' : ''}`;
  const target = oneOf(`must be one of ${forms}, {shifts: …, fallback: …}`, [
    ...plainTargets,
    only({ shifts: groupId(), fallback: oneOf(`must be one of ${forms}`, plainTargets).optional() }),
  ]).register(examples, { example: '{user: adele@contoso.example}' });
  return listOf(target).min(1, notEmpty);
}

/**
 * One step of a policy; `POST /api/v1/escalations` accepts it in `steps` too, without calendars. `known` are the names
 * that the file defines.
 */
export function stepSchema(known: KnownNames, where: 'file' | 'request') {
  return only({
    targets: targetsSchema(known, where),
    mode: choice(['sequence', 'parallel']).default('sequence'),
    // Instead of those of the policy.
    ways: ways().optional(),
    ringTimeoutSeconds: wholeNumber(5, 120).register(examples, { example: '30' }).optional(),
    tries: wholeNumber(1, 10).register(examples, { example: '2' }).default(1),
    pauseSeconds: wholeNumber(0, 86_400).register(examples, { example: '60' }).default(0),
  });
}

/** A step of the file, which may have a PIN. A request cannot: its body would be stored. */
function policyStepSchema(known: KnownNames) {
  return stepSchema(known, 'file').extend({
    // Keyed in before 1 acknowledges. In quotes: YAML would read 0123 as a number.
    pin: text('must be a PIN of 4 to 8 digits, in quotes', /^\d{4,8}$/)
      .register(examples, { example: '"${ONCALL_PIN}"' })
      .optional(),
  });
}

function policySchema(known: KnownNames) {
  return only({
    language: language().optional(),
    voice: voice().optional(),
    // Default: in Teams.
    ways: ways().optional(),
    steps: listOf(policyStepSchema(known)).min(1, notEmpty),
    // How often to repeat the whole ladder.
    repeat: wholeNumber(0, 20).register(examples, { example: '2' }).default(0),
    // Whom `test <policy>` and a sender's Test button call. Default: the first step.
    test: targetsSchema(known, 'file').optional(),
    acknowledgeTimeout: duration().optional(),
    onExhausted: only({ notify: listOf(person()).min(1, notEmpty) }).optional(),
    // Who is called nevertheless. Default: see quiet hours.
    stepOver: listOf(choice(['optedOut', 'doNotDisturb', 'inACall', 'presenting', 'outOfOffice'])).optional(),
    channel: text('must be the id of a Teams channel', /^19:[^\s@]+@thread\.(tacv2|skype)$/)
      .register(examples, { example: '"19:abc@thread.tacv2"' })
      .optional(),
  });
}

/** People that a permission applies to. */
const who = () =>
  oneOf('must be one of {user: …}, {group: …}, {domain: …}', [
    only({ user: person() }),
    only({ group: groupId() }),
    only({ domain: domain() }),
  ]).register(examples, { example: '{user: adele@contoso.example}' });

/** The whole file. `known` are the names that the file defines. */
export function ringdownSchema(known: KnownNames) {
  const policy = () => reference('policy', known.policies);
  const defaultLimits = {
    createCallsPerSecond: 10,
    perCaller: { count: 20, windowMs: durationMs('1h') },
    perCallee: { count: 6, windowMs: durationMs('1h') },
    phoneCallsPerHour: 20,
  };
  return only({
    timeZone: timeZone().default('UTC'),
    // For people whose language is unknown, and policies without a language. Default: English.
    language: language().optional(),
    retentionDays: wholeNumber(1, 36_500).register(examples, { example: '90' }).default(90),
    keepMessages: z
      .boolean({ error: 'must be true or false' })
      .register(examples, { example: 'false' })
      .default(true),
    // Closes escalations that were acknowledged but never resolved.
    autoResolve: duration().default(AUTO_RESOLVE_MS),
    // The browser page for people outside Teams. Its token can call anybody (docs/security.md).
    talk: z
      .boolean({ error: 'must be true or false' })
      .register(examples, { example: 'true' })
      .default(false),
    limits: only({
      createCallsPerSecond: wholeNumber(1, 1000)
        .register(examples, { example: '10' })
        .default(defaultLimits.createCallsPerSecond),
      perCaller: rate().default(defaultLimits.perCaller),
      perCallee: rate().default(defaultLimits.perCallee),
      // Calls to phone numbers, by everybody and for everything: they cost money.
      phoneCallsPerHour: wholeNumber(0, 10_000)
        .register(examples, { example: '20' })
        .default(defaultLimits.phoneCallsPerHour),
    }).default(defaultLimits),
    operators: listOf(person()).default([]),
    apiKeys: listOf(
      only({
        name: name('ci'),
        hash: hash(),
        may: listOf(choice(['place', 'read', 'acknowledge'])).min(1, notEmpty),
        policies: listOf(policy()).optional(),
        limit: rate().optional(),
      }),
    ).default([]),
    integrations: listOf(
      only({
        name: name('prometheus'),
        kind: choice(['alertmanager', 'grafana', 'azure-monitor', 'pagerduty']),
        hash: hash(),
        policy: policy(),
        signatureSecret: text('must be a secret')
          .register(examples, { example: '"${GRAFANA_SECRET}"' })
          .optional(),
      }).refine(({ kind, signatureSecret }) => signatureSecret === undefined || kind === 'grafana', {
        path: ['signatureSecret'],
        error: 'is only for kind grafana: the others do not sign',
      }),
    ).default([]),
    webhooks: listOf(
      only({
        url: safeUrl().register(examples, { example: '"https://hooks.contoso.example/ringdown"' }),
        secrets: listOf(text('must be a secret').register(examples, { example: '"${HOOK_SECRET}"' })).min(
          1,
          notEmpty,
        ),
        events: listOf(
          choice([
            'started',
            'call_placed',
            'call_ended',
            'acknowledged',
            'resolved',
            'exhausted',
            'cancelled',
          ]),
        )
          .min(1, notEmpty)
          .optional(),
        allowPrivate: z.boolean({ error: 'must be true or false' }).default(false),
      }),
    ).default([]),
    voiceApps: named(groupId()).default({}),
    // For what is spoken in a language, unless the policy names a voice. Default: the service chooses.
    voices: byLanguage(voice()).default({}),
    permissions: only({
      callers: listOf(who()).optional(),
      callees: only({ allow: listOf(who()).optional(), deny: listOf(who()).default([]) }).default({
        deny: [],
      }),
      anonymous: only({ mayCall: listOf(who()).default([]) }).default({ mayCall: [] }),
      guests: listOf(who()).default([]),
      acknowledge: listOf(who()).default([]),
      // Who may call telephone numbers from chats and the API, and in which countries.
      phones: only({
        callers: listOf(who()).default([]),
        countries: listOf(country()).default([]),
      }).default({ callers: [], countries: [] }),
      // Who sees everybody's calls and escalations in the console, and who may also operate Ringdown there.
      console: only({
        readers: listOf(who()).default([]),
        operators: listOf(who()).default([]),
      }).default({ readers: [], operators: [] }),
    }).default({
      callees: { deny: [] },
      anonymous: { mayCall: [] },
      guests: [],
      acknowledge: [],
      phones: { callers: [], countries: [] },
      console: { readers: [], operators: [] },
    }),
    quietHours: only({
      from: time(),
      to: time(),
      except: listOf(choice(['critical', 'error', 'warning', 'info'])).default([]),
    })
      .refine(({ from, to }) => from.hour !== to.hour || from.minute !== to.minute, {
        path: ['to'],
        error: 'must differ from `from`; otherwise it could mean never or all day',
      })
      .optional(),
    heartbeats: listOf(only({ name: name('nightly-backup'), every: duration(), policy: policy() })).default(
      [],
    ),
    rotations: named(
      oneOf('must be {members: …, every: …, handover: …} or {ical: …}', [
        only({
          members: listOf(person()).min(1, notEmpty),
          every: duration(),
          handover: weekdayAndTime(),
          timeZone: timeZone().optional(),
        }),
        calendar(),
      ]),
    ).default({}),
    policies: named(policySchema(known)).default({}),
  }).superRefine(({ autoResolve, policies }, context) => {
    for (const [policyName, { acknowledgeTimeout }] of Object.entries(policies)) {
      if (acknowledgeTimeout === undefined || acknowledgeTimeout <= autoResolve) continue;
      context.addIssue({
        code: 'custom',
        path: ['policies', policyName, 'acknowledgeTimeout'],
        message: 'is longer than autoResolve (default 7d), which would close the escalation first',
      });
    }
  });
}

/** The parsed ringdown.yaml: durations in milliseconds, defaults filled in. */
export type RingdownYaml = z.infer<ReturnType<typeof ringdownSchema>>;
