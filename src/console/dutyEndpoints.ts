import { DateTime } from 'luxon';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact } from '../database/transaction.ts';
import { callableOf, toTarget } from '../directory/callable.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import {
  coverOfId,
  endCover,
  lockCovers,
  mayTakeCover,
  MOST_COVERS,
  takeCover,
} from '../schedules/coverStore.ts';
import { LONGEST_COVER_DAYS, untilFault } from '../schedules/covering.ts';
import { canBeCovered } from '../escalations/policies.ts';
import { lookUp } from '../config/lookUp.ts';
import { only, words } from '../http/api/input.ts';
import { NotPermitted } from '../permissions/refusal.ts';
import { refusalText } from '../permissions/refusalText.ts';
import type { Permissions } from '../permissions/permissions.ts';
import { mayEnd, rangeOf, type DutyView } from './dutyView.ts';
import { consoleEndpoint, noBody, noQuery, type ConsoleEndpoint } from './endpoint.ts';
import type { ActAnswer, Duty } from './model.ts';
import type { Reader } from './reader.ts';
import { Round } from './view.ts';

interface Parts {
  view: Pick<DutyView, 'read'>;
  sql: Sql;
  transact: Transact;
  directory: Pick<Directory, 'get'>;
  permissions: Pick<Permissions, 'checkAsker'>;
  clock: Pick<Clock, 'now'>;
  ringdown: () => RingdownYaml;
}

const instant = () => z.iso.datetime({ offset: true, error: 'must be a time in ISO 8601 with its offset' });

const dutyPerson = z.object({ name: z.string(), me: z.boolean() });
const dutySchema: z.ZodType<Duty> = z.object({
  from: z.string(),
  to: z.string(),
  mayCover: z.boolean().describe('Whether the reader may take over.'),
  longestCoverDays: z.number(),
  timeZone: z.string(),
  rows: z.array(
    z.object({
      policy: z.string(),
      rotation: z.string().nullable().describe('Null for Shifts of a team.'),
      step: z.number(),
      canCover: z.boolean(),
      now: z.object({ people: z.array(dutyPerson), until: z.string().nullable() }),
      spans: z.array(
        z.object({
          from: z.string(),
          to: z.string(),
          kind: z
            .enum(['rotation', 'cover', 'shift', 'fallback', 'gap'])
            .describe('`gap`: nobody would be called.'),
          people: z.array(dutyPerson),
          notes: z.array(z.string()),
          handOver: z.boolean(),
          cover: z
            .object({
              id: z.string(),
              from: z.string(),
              until: z.string(),
              instead: z.string().nullable(),
              mayEnd: z.boolean(),
            })
            .nullable(),
        }),
      ),
      note: z.string().nullable().describe('Why the plan is not complete.'),
    }),
  ),
});
const act: z.ZodType<ActAnswer> = z.object({ say: z.string(), done: z.boolean() });

const range = { from: '2026-03-02T00:00:00.000Z', to: '2026-03-09T00:00:00.000Z' };
const adele = { name: 'Adele Vance', me: false };
const example: Duty = {
  ...range,
  mayCover: true,
  longestCoverDays: LONGEST_COVER_DAYS,
  timeZone: 'Europe/Berlin',
  rows: [
    {
      policy: 'payments',
      rotation: 'payments',
      step: 1,
      canCover: true,
      now: { people: [adele], until: '2026-03-09T08:00:00.000Z' },
      spans: [{ ...range, kind: 'rotation', people: [adele], notes: [], handOver: false, cover: null }],
      note: null,
    },
  ],
};

/** Who is on duty, and who takes over. */
export function dutyEndpoints(parts: Parts): ConsoleEndpoint[] {
  return [
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/duty',
      operation: 'consoleDuty',
      summary: 'Who is on duty in a range of at most 100 days',
      body: noBody,
      query: only({ from: instant(), to: instant() }),
      status: 200,
      answer: dutySchema,
      errors: ['bad_request'],
      examples: { answer: example },
      async handle({ reader, query: { from, to } }) {
        const asked = rangeOf(from, to);
        if (!asked) {
          throw new RingdownError('bad_request', {
            detail: 'The range must end after it begins, and have at most 100 days.',
          });
        }
        return { status: 200, body: await parts.view.read(reader, asked, new Round()) };
      },
    }),
    consoleEndpoint({
      method: 'POST',
      path: '/console/api/duty/covers',
      operation: 'consoleTakeOver',
      summary: 'The reader takes over for a policy’s rotations',
      body: () => only({ policy: words(200), from: instant(), until: instant() }),
      query: noQuery,
      status: 200,
      answer: act,
      errors: ['bad_request', 'not_found', 'directory_unavailable'],
      examples: {
        body: { tonight: { policy: 'payments', from: range.from, until: '2026-03-02T08:00:00.000Z' } },
        answer: { say: 'You are on call for payments.', done: true },
      },
      handle: async ({ reader, body }) => ({ status: 200, body: await takeOver(parts, reader, body) }),
    }),
    consoleEndpoint({
      method: 'POST',
      path: '/console/api/duty/covers/:id/end',
      operation: 'consoleEndCover',
      summary: 'End a cover: one’s own, or any as an operator',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: act,
      errors: ['not_found'],
      examples: { answer: { say: 'The cover has ended.', done: true } },
      async handle({ reader, id }) {
        const cover = await coverOfId(parts.sql, id);
        if (!cover || !mayEnd(reader, cover)) throw new RingdownError('not_found');
        await parts.transact(async ({ sql }) => {
          await lockCovers(sql, cover.policy);
          await endCover(sql, id, parts.clock.now());
        });
        const { policy, person: by } = cover;
        const say = reader.texts.console.duty.ended({ policy, name: by.displayName });
        return { status: 200, body: { say, done: true } satisfies ActAnswer };
      },
    }),
  ];
}

async function takeOver(
  { transact, directory, permissions, clock, ringdown }: Parts,
  reader: Reader,
  asked: { policy: string; from: string; until: string },
): Promise<ActAnswer> {
  const { requester, texts } = reader;
  const { cover: sentences } = texts.chat.escalations;
  const no = (say: string): ActAnswer => ({ say, done: false });
  try {
    await permissions.checkAsker(requester, null);
  } catch (error) {
    if (error instanceof NotPermitted) return no(refusalText(error.words, texts));
    throw error;
  }
  const policy = lookUp(ringdown().policies, asked.policy);
  if (!policy) throw new RingdownError('not_found');
  if (!canBeCovered(policy)) return no(sentences.noRotation({ policy: asked.policy }));
  const now = clock.now();
  const [from, until] = [Date.parse(asked.from), Date.parse(asked.until)];
  if (until <= from) throw new RingdownError('bad_request', { detail: 'until must be after from.' });
  const fault = untilFault(until, now);
  if (fault === 'inThePast') return no(sentences.inThePast({ until: shown(until, reader) }));
  if (fault === 'tooLong') return no(sentences.tooLong({ days: LONGEST_COVER_DAYS }));
  const person = await directory.get(requester.objectId);
  if (!person || !callableOf(person).callable) return no(sentences.needsTeams);
  const cover = { policy: asked.policy, person: toTarget(person), from, until };
  const isTaken = await transact(async ({ sql }) => {
    await lockCovers(sql, cover.policy);
    if (!(await mayTakeCover(sql, cover, now))) return false;
    await takeCover(sql, cover, now);
    return true;
  });
  if (!isTaken) return no(texts.console.duty.tooMany({ policy: asked.policy, count: MOST_COVERS }));
  const say = texts.console.duty.taken({
    policy: asked.policy,
    from: from <= now ? null : shown(from, reader),
    until: shown(until, reader),
  });
  return { say, done: true };
}

/** A time with its day and zone, as chat says it. */
function shown(at: number, { texts, timeZone: zone }: Reader): string {
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  const time = DateTime.fromMillis(at, { zone }).setLocale(texts.format.locale);
  return `${time.toLocaleString({ ...day, ...DateTime.TIME_SIMPLE })} (${zone})`;
}
