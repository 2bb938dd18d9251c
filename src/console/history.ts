import { z } from 'zod';
import type { CallFilters } from '../calls/callSearch.ts';
import { searchCalls } from '../calls/callSearch.ts';
import { chatWith } from '../chat/connector/conversationStore.ts';
import type { Database } from '../database/open.ts';
import type { Place } from '../database/newestFirst.ts';
import type { Concern } from '../escalations/concerning.ts';
import type { Escalation } from '../escalations/escalation.ts';
import { ofPolicy, policiesOf, searchEscalations } from '../escalations/escalationSearch.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import { dispositions } from '../http/api/callSchemas.ts';
import { statuses } from '../http/api/escalationSchemas.ts';
import { only } from '../http/api/input.ts';
import { readCursor, writeCursor } from '../http/api/paging.ts';
import { time } from '../http/api/timeline.ts';
import type { Permissions } from '../permissions/permissions.ts';
import { requireAsking } from './asking.ts';
import { callRow, callRowSchema } from './callRow.ts';
import { day, endOfDay, startOfDay } from './dates.ts';
import { consoleEndpoint, noBody, type ConsoleEndpoint } from './endpoint.ts';
import { pastEscalation, pastEscalationShape } from './escalationRow.ts';
import type { HistoryPage, PastEscalation } from './model.ts';
import type { Reader } from './reader.ts';

interface Parts {
  database: Database;
  escalations: Pick<EscalationService, 'callsOf'>;
  permissions: Pick<Permissions, 'checkAsker'>;
}

const PAGE = 50;

const text = z.string().trim().max(200);
/** Several values, separated by commas. */
const someOf = <const Words extends readonly [string, ...string[]]>(words: Words) => {
  const error = `must be some of ${words.join(', ')}, separated by commas`;
  return z
    .string()
    .transform((value) => value.split(',').filter(Boolean))
    .pipe(z.array(z.enum(words, { error })))
    .meta({ type: 'string' });
};

const shared = {
  person: text.optional(),
  policy: text.optional(),
  from: day().optional().describe('From this day on, in the zone of the header X-Time-Zone.'),
  until: day().optional().describe('Up to this day, which is included.'),
  cursor: z.string().max(500).optional(),
};
const callQuery = only({
  ...shared,
  person: shared.person.describe('Words of the name of the callee, or of the person who requested the call.'),
  disposition: someOf(dispositions).optional(),
  code: z
    .string()
    .regex(/^\d{1,9}(\/\d{1,9})?$/, { error: 'must be a result code, 480 or 480/10037' })
    .optional(),
});
const escalationQuery = only({
  ...shared,
  person: shared.person.describe(
    'Words of the name of somebody called, or who started, acknowledged or ended it.',
  ),
  status: someOf(statuses).optional(),
});

const pageOf = <Item>(item: z.ZodType<Item>, id: string): z.ZodType<HistoryPage<Item>> =>
  z
    .object({
      items: z.array(item),
      nextCursor: z.string().nullable(),
      searchedTo: time()
        .nullable()
        .describe('The search stopped here, before the page was full. It goes on from nextCursor.'),
    })
    .meta({ id });

const escalationSchema: z.ZodType<PastEscalation> = z
  .object(pastEscalationShape)
  .meta({ id: 'ConsolePastEscalation' });

/**
 * Searches of calls and escalations. Readers who do not see all get what chat's `history` would show them: the calls
 * that they requested, and the escalations that concern them, with the calls of these to their own phone.
 */
export function historyEndpoints({ database: { sql }, escalations, permissions }: Parts): ConsoleEndpoint[] {
  return [
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/calls',
      operation: 'consoleSearchCalls',
      summary: 'Search calls, newest first',
      body: noBody,
      query: callQuery,
      status: 200,
      answer: pageOf(callRowSchema, 'ConsoleCalls'),
      errors: [],
      examples: { answer: { items: [], nextCursor: null, searchedTo: null } },
      async handle({ reader, query: { policy, code, disposition, ...query } }) {
        await requireAsking(reader, permissions);
        const { before, until, ...others } = filtersOf(query, reader);
        const [codeOnly, subCode] = (code ?? '').split('/').map((part) => (part ? Number(part) : undefined));
        const filters: CallFilters = {
          ...others,
          until,
          ...(disposition && disposition.length > 0 ? { dispositions: disposition } : {}),
          ...(policy ? { escalations: await ofPolicy(sql, policy, until) } : {}),
          code: codeOnly,
          subCode,
        };
        const of = reader.seesAll ? null : reader.requester;
        const { calls, next, stopped } = await searchCalls(sql, { ...filters, of, before, limit: PAGE });
        const ids = calls.flatMap(({ purpose }) =>
          purpose.kind === 'escalate' ? [purpose.escalationId] : [],
        );
        const policies = await policiesOf(sql, ids);
        const items = calls.map((call) => {
          const row = callRow(call, null, reader.texts);
          return { ...row, policy: policies.get(row.escalationId ?? '') ?? null };
        });
        return { status: 200, body: pageFrom(items, next, stopped) };
      },
    }),
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/escalations',
      operation: 'consoleSearchEscalations',
      summary: 'Search escalations, newest first',
      body: noBody,
      query: escalationQuery,
      status: 200,
      answer: pageOf(escalationSchema, 'ConsoleEscalations'),
      errors: [],
      examples: { answer: { items: [], nextCursor: null, searchedTo: null } },
      async handle({ reader, query: { policy, status, ...query } }) {
        await requireAsking(reader, permissions);
        const found = await searchEscalations(sql, {
          ...filtersOf(query, reader),
          ...(policy ? { policy } : {}),
          ...(status && status.length > 0 ? { statuses: status } : {}),
          of: reader.seesAll ? null : await concernOf(reader),
          limit: PAGE,
        });
        const items = await Promise.all(
          found.escalations.map(async (one) => await escalationRow(one, reader)),
        );
        return { status: 200, body: pageFrom(items, found.next, found.stopped) };
      },
    }),
  ];

  /** As in the person's own chat. */
  async function concernOf({ requester }: Reader): Promise<Concern> {
    const chat = await chatWith(sql, requester.objectId);
    return {
      starter: requester,
      callee: requester.objectId,
      conversations: chat ? [chat.conversationKey] : [],
    };
  }

  async function escalationRow(escalation: Escalation, { texts }: Reader): Promise<PastEscalation> {
    const isOpen = escalation.ladder.status === 'open';
    const calls = isOpen ? await escalations.callsOf(escalation.id) : [];
    return pastEscalation(escalation, calls, texts);
  }
}

interface SharedQuery {
  person?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
  cursor?: string | undefined;
}

function filtersOf({ person, from, until, cursor }: SharedQuery, { timeZone }: Reader) {
  return {
    ...(person ? { person } : {}),
    from: from === undefined ? undefined : startOfDay(from, timeZone),
    until: until === undefined ? undefined : endOfDay(until, timeZone),
    before: cursor ? readCursor(cursor) : undefined,
  };
}

function pageFrom<Item>(items: Item[], next: Place | null, stopped: boolean): HistoryPage<Item> {
  return {
    items,
    nextCursor: next && writeCursor(next),
    searchedTo: next && stopped ? next.createdAt : null,
  };
}
