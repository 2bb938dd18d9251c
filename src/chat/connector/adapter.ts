import { CloudAdapter, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type {
  Activity,
  ChannelAccount,
  ConversationParameters,
  InvokeResponse,
  TurnContext,
} from 'botbuilder';
import { LRUCache } from 'lru-cache';
import type { Cloud } from '../../config/clouds.ts';
import { ServiceConnections } from '../../directory/serviceConnections.ts';
import { connectorTransport, ConnectorCredentials } from './transport.ts';

export interface BotIdentity {
  type: 'SingleTenant' | 'UserAssignedMSI';
  appId: string | undefined;
  appPassword: string | undefined;
  tenantId: string | undefined;
  /** No token is checked, and none is fetched for answers, also if there is an id. */
  allowAnonymous: boolean;
}

/** Teams delivers an activity again after 15 s; a turn must be over by then. */
const REQUEST_TIMEOUT_MS = 8_000;

/** A conversation to begin: with a person without a first message, in a channel with one. */
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
type ConnectorClient = Awaited<ReturnType<ConnectorFactory['create']>>;
type Claims = Parameters<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>[0];
type UserTokens = Awaited<ReturnType<ConfigurationBotFrameworkAuthentication['createUserTokenClient']>>;

/** Teams has a service address for each region, so there are few. */
const MOST_CLIENTS = 100;

/**
 * The SDK's own, but for the clients: the SDK makes new ones for every turn. Here turns of the same identity, audience and
 * service address share one. A client holds nothing of a turn, and asks its credentials for a token at each request.
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

/** What the SDK takes the bot's id from. */
function identityKey(claims: Claims): string {
  return claims.getClaimValue('aud') ?? claims.getClaimValue('appid') ?? '';
}

/** The SDK's adapter, whose own HTTP handling prints errors and sends their texts to the caller. */
export class ChatAdapter extends CloudAdapter {
  /** Empty when no token is used. */
  readonly #appId: string;

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
    super(
      new KeptClients(
        { ...own, ChannelService: cloud.channelService },
        new ConnectorCredentials(own),
        undefined,
        undefined,
        { httpClient: connectorTransport(connections, timeoutMs) },
      ),
    );
    this.#appId = bot.allowAnonymous ? '' : (bot.appId ?? '');
  }

  /**
   * Checks the token alone, before there is an activity.
   *
   * @throws the SDK's AuthenticationError, or what its reader of tokens throws
   */
  async check(authorization: string): Promise<void> {
    const unknown = { channelId: '', serviceUrl: '' };
    assertActivity(unknown);
    await this.botFrameworkAuthentication.authenticateRequest(unknown, authorization);
  }

  /**
   * Checks the token, and that it is for such an activity, and runs the turn.
   *
   * @throws the SDK's AuthenticationError
   */
  async receive(authorization: string, activity: Activity, turn: Turn): Promise<InvokeResponse | undefined> {
    return await this.processActivity(authorization, activity, turn);
  }

  /** Goes back to a conversation outside of its turns. */
  async resume(
    reference: Parameters<CloudAdapter['continueConversationAsync']>[1],
    turn: Turn,
  ): Promise<void> {
    await this.continueConversationAsync(this.#appId, reference, turn);
  }

  /**
   * Begins a conversation in Teams; of one that is there already it is the way back. (The SDK's own method for it keeps
   * the id of the first message to itself, and with it the way to change that message.)
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
 * The SDK's type wants a whole activity. To check a token it reads only these two members, and compares them with the
 * token unless they are empty.
 */
function assertActivity(value: object): asserts value is Activity {
  if (!('channelId' in value && 'serviceUrl' in value)) throw new TypeError('This is no activity.');
}

/** The SDK's type wants a whole activity, also where the service takes none. */
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
