import { z } from 'zod';
import { empty, json } from '../http/answer.ts';
import { bodyOf, param } from '../http/router.ts';
import type { EmulatorRequest, Handler, Route } from '../http/router.ts';
import type { OperationName } from '../operations.ts';
import type { People } from '../people/people.ts';
import { Activity } from './activity.ts';
import type { Message } from './activity.ts';
import { teamsUser } from './conversations.ts';
import type { ChannelUser, Conversation, Conversations } from './conversations.ts';
import {
  activityNotFound,
  badSyntax,
  conversationNotFound,
  memberNotFound,
  messageTooBig,
  notInRoster,
  tooManyRequests,
  writesBlocked,
} from './errors.ts';
import type { ConversationLimits, LimitedOperation } from './limits.ts';

export type MessageListener = (what: 'sent' | 'updated' | 'deleted', message: Message) => void;

export interface ConnectorParts {
  conversations: Conversations;
  limits: ConversationLimits;
  people: People;
  tenantId: string;
  now: () => number;
  onMessage: MessageListener;
}

/** Teams refuses messages of more than about 100 KB. */
const messageLimitBytes = 100 * 1024;
const root = '/connector/v3/conversations';
const one = `${root}/{conversationId}`;

const CreateConversation = z.looseObject({
  isGroup: z.boolean().optional(),
  members: z
    .array(z.looseObject({ id: z.string().optional(), aadObjectId: z.string().optional() }))
    .optional(),
  tenantId: z.string().optional(),
  activity: Activity.optional(),
  channelData: z
    .looseObject({
      tenant: z.looseObject({ id: z.string().optional() }).optional(),
      channel: z.looseObject({ id: z.string() }).optional(),
    })
    .optional(),
});

/** The connector, which a bot sends its messages to. Its root is the `serviceUrl` of the activities. */
export function connectorRoutes(parts: ConnectorParts): Route[] {
  const { conversations, limits, people, now } = parts;
  const limited = (operation: LimitedOperation, key: string): void => {
    if (!limits.allow(operation, key)) throw tooManyRequests();
  };
  const conversationOf = (request: EmulatorRequest): Conversation => {
    const conversation = conversations.find(param(request, 'conversationId'));
    if (!conversation) throw conversationNotFound();
    if (conversation.botRemoved) throw notInRoster();
    return conversation;
  };
  const writable = (request: EmulatorRequest): Conversation => {
    const conversation = conversationOf(request);
    if (conversation.writesBlocked) throw writesBlocked();
    limited('send', conversation.id);
    return conversation;
  };
  const send = (request: EmulatorRequest): { message: Message } => {
    const activity = readActivity(request);
    const conversation = writable(request);
    return { message: deliver(parts, conversation, param(request, 'conversationId'), activity) };
  };
  const messageOf = (conversation: Conversation, request: EmulatorRequest): Message => {
    const id = param(request, 'activityId');
    const message = conversation.messages.find((candidate) => candidate.id === id && !candidate.deleted);
    if (!message) throw activityNotFound();
    return message;
  };
  const members = (request: EmulatorRequest): object[] => {
    const conversation = conversationOf(request);
    limited('members', conversation.id);
    return conversation.members.map((member) => account(member, parts.tenantId));
  };
  const route = (method: string, path: string, operation: OperationName, handle: Handler): Route => ({
    method,
    path,
    operation,
    handle,
  });

  return [
    route('POST', root, 'connector.createConversation', (request) => {
      const parsed = CreateConversation.safeParse(bodyOf(request));
      if (!parsed.success) throw badSyntax('The conversation cannot be read.');
      const { members: wanted = [], activity, channelData, tenantId } = parsed.data;
      const channel = channelData?.channel;
      if (channel) {
        const conversation = conversations.find(channel.id);
        if (!conversation) throw conversationNotFound();
        if (!activity) throw badSyntax('A new thread in a channel needs a first message.');
        limited('send', conversation.id);
        const message = deliver(parts, conversation, conversation.id, activity, 'newThread');
        return json(201, { id: message.threadId, activityId: message.id });
      }
      if ((tenantId ?? channelData?.tenant?.id) === undefined) throw badSyntax('The tenant is missing.');
      const user = findUser(people, wanted[0]);
      if (!user) throw badSyntax('The member is unknown.');
      limited('members', user.id);
      if (user.person?.appInstalled !== true) throw notInRoster();
      const conversation = conversations.personal(user, 'msteams');
      const message = activity ? deliver(parts, conversation, conversation.id, activity) : null;
      return json(201, { id: conversation.id, ...(message ? { activityId: message.id } : {}) });
    }),
    route('POST', `${one}/activities`, 'connector.sendActivity', (request) =>
      json(201, { id: send(request).message.id }),
    ),
    route('POST', `${one}/activities/{activityId}`, 'connector.replyToActivity', (request) =>
      json(201, { id: send(request).message.id }),
    ),
    route('PUT', `${one}/activities/{activityId}`, 'connector.updateActivity', (request) => {
      const activity = readActivity(request);
      const conversation = writable(request);
      const message = messageOf(conversation, request);
      message.activity = { ...activity, id: message.id };
      message.history.push({ at: now(), activity: message.activity });
      parts.onMessage('updated', message);
      return json(200, { id: message.id });
    }),
    route('DELETE', `${one}/activities/{activityId}`, 'connector.deleteActivity', (request) => {
      const message = messageOf(writable(request), request);
      message.deleted = true;
      parts.onMessage('deleted', message);
      return empty(200);
    }),
    route('GET', `${one}/members`, 'connector.listMembers', (request) => json(200, members(request))),
    route('GET', `${one}/pagedmembers`, 'connector.listPagedMembers', (request) => {
      const all = members(request);
      const size = Number(request.url.searchParams.get('pageSize') ?? 200) || 200;
      const start = Number(request.url.searchParams.get('continuationToken') ?? 0) || 0;
      const next = start + size < all.length ? { continuationToken: String(start + size) } : {};
      return json(200, { members: all.slice(start, start + size), ...next });
    }),
    route('GET', `${one}/members/{memberId}`, 'connector.getMember', (request) => {
      const conversation = conversationOf(request);
      limited('members', conversation.id);
      const wanted = param(request, 'memberId');
      const found = conversation.members.find(({ id, person }) => id === wanted || person?.id === wanted);
      if (!found) throw memberNotFound();
      return json(200, account(found, parts.tenantId));
    }),
    route('GET', '/connector/v3/teams/{teamId}', 'connector.getTeam', (request) => {
      const team = conversations.find(param(request, 'teamId'));
      if (team?.type !== 'channel') throw conversationNotFound();
      return json(200, { id: team.teamId, name: team.name, aadGroupId: null });
    }),
    route('GET', '/connector/v3/teams/{teamId}/conversations', 'connector.listTeamChannels', (request) => {
      const teamId = param(request, 'teamId');
      const channels = conversations.list().filter((conversation) => conversation.teamId === teamId);
      return json(200, { conversations: channels.map(({ id, name }) => ({ id, name })) });
    }),
  ];
}

/** Typing indicators and traces are not shown and need no id, so they are not kept. */
const kept: readonly string[] = ['message', 'event', 'endOfConversation'];

function deliver(
  { conversations, now, onMessage }: ConnectorParts,
  conversation: Conversation,
  threadId: string,
  activity: Activity,
  place: 'thread' | 'newThread' = 'thread',
): Message {
  const at = now();
  if (!kept.includes(activity.type)) {
    const id = conversations.newActivityId(at);
    return { id, conversationId: conversation.id, threadId, activity, history: [], deleted: false };
  }
  const message = conversations.addMessage(conversation, threadId, activity, at);
  if (place === 'newThread') message.threadId = `${conversation.id};messageid=${message.id}`;
  onMessage('sent', message);
  return message;
}

function readActivity(request: EmulatorRequest): Activity {
  if (request.body.length > messageLimitBytes) throw messageTooBig();
  const parsed = Activity.safeParse(bodyOf(request));
  if (!parsed.success) throw badSyntax('The activity cannot be read.');
  return parsed.data;
}

/** Finds a user by `29:…` or by Entra object id, which Teams accepts too. */
function findUser(
  people: People,
  member: { id?: string | undefined; aadObjectId?: string | undefined } | undefined,
): ChannelUser | null {
  for (const wanted of [member?.aadObjectId, member?.id]) {
    if (wanted === undefined) continue;
    const person =
      people.byId(wanted) ?? people.list().find((candidate) => teamsUser(candidate).id === wanted);
    if (person) return teamsUser(person);
  }
  return null;
}

/** A member in Teams' format. */
function account({ id, name, person }: ChannelUser, tenantId: string): object {
  if (!person) return { id, name };
  return {
    id,
    name,
    objectId: person.id,
    aadObjectId: person.id,
    givenName: person.givenName ?? undefined,
    surname: person.surname ?? undefined,
    email: person.mail ?? undefined,
    userPrincipalName: person.userPrincipalName,
    tenantId,
    userRole: person.userType === 'Guest' ? 'guest' : 'user',
  };
}
