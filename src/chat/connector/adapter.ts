import { CloudAdapter, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type {
  Activity,
  ChannelAccount,
  ConversationParameters,
  InvokeResponse,
  ResourceResponse,
  TurnContext,
} from 'botbuilder';
import { LRUCache } from 'lru-cache';
import type { Cloud } from '../../config/clouds.ts';
import { ServiceConnections } from '../../directory/serviceConnections.ts';
import {
  authorizationOf,
  postActivity,
  replaceActivity,
  type ConnectorClient,
  type WayBack,
} from './activityRequests.ts';
import {
  connectorTransport,
  ConnectorCredentials,
  sendToConnector,
  type SendToConnector,
} from './transport.ts';

export interface BotIdentity {
  type: 'SingleTenant' | 'UserAssignedMSI';
  appId: string | undefined;
  appPassword: string | undefined;
  tenantId: string | undefined;
  /** Checks no tokens and fetches none for answers, even if there is an app id. */
  allowAnonymous: boolean;
}

/** Teams redelivers an activity after 15 s, so a turn must end before that. */
const REQUEST_TIMEOUT_MS = 8_000;

/** A conversation to start: with a person, without a first message; in a channel, with one. */
export interface Beginning {
  isGroup: boolean;
  bot: { id: string };
  members?: { id: string; aadObjectId: string }[];
  activity?: Partial<Activity>;
  channelData: object;
  tenantId?: string;
}

export type Turn = (context: TurnContext) => Promise<void>;

type ConnectorFactory = ReturnType<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>;
type Claims = Parameters<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>[0];
type UserTokens = Awaited<ReturnType<ConfigurationBotFrameworkAuthentication['createUserTokenClient']>>;

/** Teams has one service URL per region, so there are only a few. */
const MOST_CLIENTS = 100;

/**
 * The SDK's authentication, except that it reuses clients: the SDK creates new ones for every turn. Turns with the same
 * identity, audience and service URL share one. A client keeps no turn state and gets a token for each request.
 */
class KeptClients extends ConfigurationBotFrameworkAuthentication {
  readonly #connectors = new LRUCache<string, ConnectorClient>({ max: MOST_CLIENTS });
  readonly #userTokens = new LRUCache<string, UserTokens>({ max: MOST_CLIENTS });

  override async authenticateRequest(
    ...request: Parameters<ConfigurationBotFrameworkAuthentication['authenticateRequest']>
  ): ReturnType<ConfigurationBotFrameworkAuthentication['authenticateRequest']> {
    const result = await super.authenticateRequest(...request);
    const { claimsIdentity, connectorFactory } = result;
    if (connectorFactory) this.#keepClients(connectorFactory, claimsIdentity);
    return result;
  }

  override createConnectorFactory(claims: Claims): ConnectorFactory {
    return this.#keepClients(super.createConnectorFactory(claims), claims);
  }

  override async createUserTokenClient(claims: Claims): Promise<UserTokens> {
    const key = identityKey(claims);
    const kept = this.#userTokens.get(key) ?? (await super.createUserTokenClient(claims));
    this.#userTokens.set(key, kept);
    return kept;
  }

  #keepClients(factory: ConnectorFactory, claims: Claims): ConnectorFactory {
    const create = factory.create.bind(factory);
    factory.create = async (serviceUrl, audience) => {
      const key = JSON.stringify([identityKey(claims), serviceUrl, audience]);
      const kept = this.#connectors.get(key) ?? (await create(serviceUrl, audience));
      this.#connectors.set(key, kept);
      return kept;
    };
    return factory;
  }
}

/** The claims that the SDK reads the bot's id from. */
function identityKey(claims: Claims): string {
  return claims.getClaimValue('aud') ?? claims.getClaimValue('appid') ?? '';
}

/** The SDK's adapter without its HTTP handling, which prints errors and sends their texts to the client. */
export class ChatAdapter extends CloudAdapter {
  /** Empty when no token is used. */
  readonly #appId: string;
  readonly #send: SendToConnector;

  constructor(
    bot: BotIdentity,
    cloud: Pick<Cloud, 'channelService'>,
    {
      connections = new ServiceConnections(),
      timeoutMs = REQUEST_TIMEOUT_MS,
    }: { connections?: ServiceConnections; timeoutMs?: number } = {},
  ) {
    // With an empty id the SDK neither checks tokens nor fetches any.
    const own = bot.allowAnonymous ? { MicrosoftAppId: '' } : settingsOf(bot);
    const send = sendToConnector(connections, timeoutMs);
    super(
      new KeptClients(
        { ...own, ChannelService: cloud.channelService },
        new ConnectorCredentials(own),
        undefined,
        undefined,
        { httpClient: connectorTransport(send) },
      ),
    );
    this.#appId = bot.allowAnonymous ? '' : (bot.appId ?? '');
    this.#send = send;
  }

  /** @throws ConnectorFault */
  override async sendActivities(
    context: TurnContext,
    activities: Partial<Activity>[],
  ): Promise<ResourceResponse[]> {
    // The SDK keeps answers to invokes, waits during delays, and drops traces.
    if (!activities.every(({ type }) => type === 'message' || type === 'typing')) {
      return await super.sendActivities(context, activities);
    }
    const sent: ResourceResponse[] = [];
    for (const activity of activities) {
      sent.push({ id: await postActivity(this.#send, await this.#wayBack(context), activity) });
    }
    return sent;
  }

  /** @throws ConnectorFault */
  override async updateActivity(
    context: TurnContext,
    activity: Partial<Activity>,
  ): Promise<ResourceResponse | void> {
    const id = await replaceActivity(this.#send, await this.#wayBack(context), activity);
    return id === '' ? undefined : { id };
  }

  /** Where the turn's answers go, and the header that says who sends them. */
  async #wayBack(context: TurnContext): Promise<WayBack> {
    const connector = context.turnState.get<ConnectorClient>(this.ConnectorClientKey);
    return {
      serviceUrl: context.activity.serviceUrl,
      conversationId: context.activity.conversation.id,
      authorization: await authorizationOf(connector),
    };
  }

  /**
   * Checks only the token, before the body is read.
   *
   * @throws the SDK's AuthenticationError, or an error of its JWT library
   */
  async check(authorization: string): Promise<void> {
    const unknown = { channelId: '', serviceUrl: '' };
    assertActivity(unknown);
    await this.botFrameworkAuthentication.authenticateRequest(unknown, authorization);
  }

  /**
   * Checks that the token is valid for this activity, then runs the turn.
   *
   * @throws the SDK's AuthenticationError
   */
  async receive(authorization: string, activity: Activity, turn: Turn): Promise<InvokeResponse | undefined> {
    return await this.processActivity(authorization, activity, turn);
  }

  /** Runs a turn in a known conversation, without an incoming activity. */
  async resume(
    reference: Parameters<CloudAdapter['continueConversationAsync']>[1],
    turn: Turn,
  ): Promise<void> {
    await this.continueConversationAsync(this.#appId, reference, turn);
  }

  /**
   * Starts a conversation in Teams, or returns the existing one. (The SDK's own method does not return the id of the
   * first message, which is needed to update it.)
   */
  async begin(
    serviceUrl: string,
    parameters: Beginning,
  ): Promise<{ conversationId: string; activityId: string | null }> {
    const { bot, members = [], activity, ...rest } = parameters;
    const named = (account: { id: string }): ChannelAccount => ({ name: '', ...account });
    const whole = { ...rest, bot: named(bot), members: members.map(named), activity };
    if (!isComplete(whole)) return { conversationId: '', activityId: null };
    const identity = this.createClaimsIdentity(this.#appId);
    const connector = await this.botFrameworkAuthentication
      .createConnectorFactory(identity)
      .create(serviceUrl);
    const created = await connector.conversations.createConversation(whole);
    return { conversationId: created.id, activityId: created.activityId || null };
  }
}

/**
 * The SDK's type requires a complete activity. To check a token, the SDK reads only these two properties and compares
 * them with the token unless they are empty.
 */
function assertActivity(value: object): asserts value is Activity {
  if (!('channelId' in value && 'serviceUrl' in value)) throw new TypeError('Not an activity.');
}

/** The SDK's type requires an activity, although the service does not. */
function isComplete(parameters: object): parameters is ConversationParameters {
  return 'bot' in parameters;
}

function settingsOf(bot: BotIdentity): Record<string, string> {
  return {
    MicrosoftAppType: bot.type,
    MicrosoftAppId: bot.appId ?? '',
    MicrosoftAppTenantId: bot.tenantId ?? '',
    ...(bot.appPassword === undefined ? {} : { MicrosoftAppPassword: bot.appPassword }),
  };
}
