/**
 * Sends and replaces messages, as the SDK's connector does, with a third of its CPU time: the SDK checks and copies
 * every property of a card, and hands each request through two pipelines. What it sends is the same.
 */
import type { Activity, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type { SendToConnector } from './transport.ts';

type ConnectorFactory = ReturnType<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>;
export type ConnectorClient = Awaited<ReturnType<ConnectorFactory['create']>>;
type SdkRequest = Parameters<ConnectorClient['credentials']['signRequest']>[0];

/** The way back into a conversation. */
export interface WayBack {
  serviceUrl: string;
  conversationId: string;
  /** Null in anonymous mode. */
  authorization: string | null;
}

/** The header that the SDK's credentials set. @throws ConnectorFault if there is no token; nothing was sent then */
export async function authorizationOf({ credentials }: ConnectorClient): Promise<string | null> {
  const headers = new Map<string, string>();
  const request = { headers };
  assertRequest(request);
  await credentials.signRequest(request);
  return headers.get('Authorization') ?? null;
}

/** The SDK's type requires a whole request, although signing only sets a header. */
function assertRequest(request: { headers: unknown }): asserts request is SdkRequest {
  if (!(request.headers instanceof Map)) throw new TypeError('Not a request.');
}

/**
 * Sends a new message, or an answer to another one.
 *
 * @returns its id; empty if the channel gives none
 * @throws ConnectorFault
 */
export async function postActivity(
  send: SendToConnector,
  way: WayBack,
  activity: Partial<Activity>,
): Promise<string> {
  return await exchange(send, way, 'POST', activity.replyToId, activity);
}

/** Replaces the message with the activity's id. @returns its id; empty if the channel gives none. @throws ConnectorFault */
export async function replaceActivity(
  send: SendToConnector,
  way: WayBack,
  activity: Partial<Activity>,
): Promise<string> {
  return await exchange(send, way, 'PUT', activity.id, activity);
}

async function exchange(
  send: SendToConnector,
  { serviceUrl, conversationId, authorization }: WayBack,
  method: 'POST' | 'PUT',
  activityId: string | undefined,
  activity: Partial<Activity>,
): Promise<string> {
  const base = serviceUrl.replace(/\/+$/, '');
  const path = `/v3/conversations/${encodeURIComponent(conversationId)}/activities`;
  const { body } = await send({
    url: `${base}${path}${activityId ? `/${encodeURIComponent(activityId)}` : ''}`,
    method,
    headers: {
      Accept: 'application/json, text/json',
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Ringdown',
      ...(authorization !== null && { Authorization: authorization }),
    },
    body: JSON.stringify(activity),
  });
  return idIn(body.toString('utf8'));
}

/** The message has been sent, so an answer that cannot be read only means that its id is unknown. */
function idIn(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    const id: unknown = typeof answer === 'object' && answer !== null && 'id' in answer ? answer.id : '';
    return typeof id === 'string' ? id : '';
  } catch {
    return '';
  }
}
