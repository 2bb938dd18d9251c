import { z } from 'zod';
import type { Forgotten, PersonData } from '../../privacy/dataRequests.ts';
import { endpoint, noBody, noQuery, type Endpoint } from '../api/endpoint.ts';
import { ALL_RIGHTS, requirePolicy, requireRight, type Caller } from '../authentication.ts';

export interface PeoplePorts {
  people: {
    /** @throws RingdownError bad_request, wrong_state */
    forget(id: string): Promise<Forgotten>;
    /** @throws RingdownError bad_request */
    export(id: string): Promise<PersonData>;
    /** @throws RingdownError bad_request */
    revoke(id: string): Promise<{ identities: number; calendarLinks: number }>;
  };
  /** Audits the action, without naming the person it concerns. */
  done: (what: 'forgotten' | 'exported' | 'revoked', caller: Caller) => Promise<void>;
}

const count = z.int();
const forgottenSchema = z.object({
  calls: count.describe('Calls that no longer name the person.'),
  messages: count.describe('Deleted messages of calls that the person had asked for.'),
  escalations: count,
  cards: count,
  conversations: count,
  covers: count,
  audit: count.describe('Audit entries that no longer name the person.'),
  identities: count.describe(
    'Identities of Communication Services; the service deletes them as soon as it answers.',
  ),
  calendarLinks: count.describe('Deleted links to calendars.'),
  optOutKept: z.boolean().describe('The person had opted out of calls; a keyed hash of that is kept.'),
});
const someObjects = z.array(z.looseObject({}));
const dataSchema = z.object({
  person: z.string(),
  calls: someObjects,
  escalations: someObjects,
  conversation: z.looseObject({}).nullable(),
  language: z.string().nullable().describe('The language that the person chose.'),
  covers: someObjects,
  exchanges: someObjects,
  optedOut: z.boolean(),
  audit: someObjects,
  identities: someObjects,
  calendarLinks: someObjects.describe('When the links to calendars were made and last used.'),
});
const revokedSchema = z.object({
  identities: count.describe('Identities of running calls; the service deletes them as soon as it answers.'),
  calendarLinks: count.describe('Links to calendars, which end at once.'),
});

/** Endpoints for a person's data. Only a key that may do everything can export or delete it. */
export function peopleEndpoints({ people, done }: PeoplePorts): Endpoint[] {
  const mayAll = (caller: Caller): void => {
    requirePolicy(caller, null);
    for (const right of ALL_RIGHTS) requireRight(caller, right);
  };
  const common = {
    path: '/api/v1/people/:id',
    body: noBody,
    query: noQuery,
    status: 200,
    needs: 'The key must have every right, for every policy.',
  } as const;
  return [
    endpoint({
      ...common,
      method: 'GET',
      right: 'read',
      operation: 'exportPerson',
      summary: 'Export everything that is stored about a person',
      answer: dataSchema,
      errors: [],
      examples: {
        answer: {
          person: '87d349ed-44d7-43e1-9a83-5f2406dee5bd',
          calls: [],
          escalations: [],
          conversation: null,
          language: null,
          covers: [],
          exchanges: [],
          optedOut: false,
          audit: [],
          identities: [],
          calendarLinks: [],
        },
      },
      async handle({ caller, id }) {
        mayAll(caller);
        const body = await people.export(id);
        await done('exported', caller);
        return { status: 200, body };
      },
    }),
    endpoint({
      ...common,
      method: 'DELETE',
      right: 'place',
      operation: 'forgetPerson',
      summary: 'Delete what is stored about a person, and anonymise the rest',
      answer: forgottenSchema,
      errors: ['wrong_state'],
      examples: {
        answer: {
          calls: 12,
          messages: 3,
          escalations: 1,
          cards: 4,
          conversations: 1,
          covers: 0,
          audit: 2,
          identities: 0,
          calendarLinks: 1,
          optOutKept: true,
        },
      },
      async handle({ caller, id }) {
        mayAll(caller);
        const body = await people.forget(id);
        await done('forgotten', caller);
        return { status: 200, body };
      },
    }),
    endpoint({
      ...common,
      method: 'POST',
      path: '/api/v1/people/:id/revoke',
      right: 'place',
      operation: 'revokePerson',
      summary:
        'Revoke a person’s links to calendars, and the identities that they use for calls from a browser',
      answer: revokedSchema,
      errors: [],
      examples: { answer: { identities: 1, calendarLinks: 1 } },
      async handle({ caller, id }) {
        mayAll(caller);
        const body = await people.revoke(id);
        await done('revoked', caller);
        return { status: 200, body };
      },
    }),
  ];
}
