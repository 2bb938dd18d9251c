import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { Database } from '../../database/open.ts';
import type { AppInstaller } from '../../directory/teamsApps.ts';
import type { NotDelivered } from '../../escalations/timeline.ts';
import type { ChatAdapter } from './adapter.ts';
import { referenceOf, type Place } from './place.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { judge, pauseOf, type Failing } from './connectorAnswers.ts';
import { chatWith, forgetChat, newestChat, type PersonalChats } from './conversationStore.ts';
import { messageOf } from './messages.ts';
import type { Pace } from './pace.ts';
import { ConnectorFault } from './connectorFault.ts';

interface Parts {
  adapter: Pick<ChatAdapter, 'resume' | 'begin'>;
  database: Database;
  chats: Pick<PersonalChats, 'remember'>;
  clock: Clock;
  log: Logger;
  pace: Pace;
  failing: Failing;
  /** Whether a token may be sent to this address. */
  allowed: (serviceUrl: string) => boolean;
  /** The bot's own id and tenant. */
  bot: { appId: string | undefined; tenantId: string | undefined };
  /** Where to start conversations before anybody of the tenant has written. */
  defaultServiceUrl: string | undefined;
  /** Null if TEAMS_APP_ID is not set. */
  installer: AppInstaller | null;
}

export type SendResult =
  | { kind: 'sent'; place: Place; conversationKey: string; activityId: string; installed: boolean }
  | { kind: 'refused'; reason: NotDelivered };

const RETRY_MS = 2_000;

/** Writes to people and channels unasked: in their known chat, or in a new one. */
export class Messenger {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Writes to somebody in their personal chat. Installs the app for them first if it is missing and that is allowed.
   *
   * @param until epoch milliseconds; after that there are no retries
   * @throws TryAgainLater
   */
  async toPerson(objectId: string, rendered: Rendered, until: number): Promise<SendResult> {
    const { database, log } = this.#parts;
    const known = await chatWith(database.sql, objectId);
    if (known && this.#parts.allowed(known.place.serviceUrl)) {
      const result = await this.#attempt(
        objectId,
        until,
        async () => await this.#send(known.place, known.conversationKey, rendered),
      );
      if (!isNotInstalled(result)) return result;
      log.info({ person: objectId }, 'a known chat no longer exists');
      await forgetChat(database.sql, objectId);
    }
    const first = await this.#begin(objectId, rendered, until);
    if (!isNotInstalled(first)) return first;
    const installed = await this.#install(objectId);
    if (installed.kind === 'refused') return installed;
    const second = await this.#begin(objectId, rendered, until);
    if (second.kind === 'sent') return { ...second, installed: installed.kind === 'installed' };
    // Teams may need a moment after an installation. If the app was there before, waiting will not help.
    if (!isNotInstalled(second)) return second;
    if (installed.kind === 'present') return { kind: 'refused', reason: 'notInConversation' };
    if (this.#parts.clock.now() < until) throw new TryAgainLater(RETRY_MS);
    return second;
  }

  /**
   * Posts a new thread in a channel.
   *
   * @throws TryAgainLater
   */
  async toChannel(channelId: string, rendered: Rendered, until: number): Promise<SendResult> {
    const where = await this.#where();
    if (!where) return { kind: 'refused', reason: 'noServiceUrl' };
    const { serviceUrl, bot, tenantId } = where;
    const result = await this.#attempt(channelId, until, async () => {
      const begun = await this.#parts.adapter.begin(serviceUrl, {
        isGroup: true,
        bot,
        activity: messageOf(rendered, 'msteams'),
        channelData: { channel: { id: channelId }, ...(tenantId ? { tenant: { id: tenantId } } : {}) },
        ...(tenantId ? { tenantId } : {}),
      });
      const place: Place = {
        channelId: 'msteams',
        serviceUrl,
        conversation: {
          id: begun.conversationId,
          conversationType: 'channel',
          isGroup: true,
          ...(tenantId ? { tenantId } : {}),
        },
        bot,
        user: bot,
        shared: true,
      };
      // The id of a thread contains the id of its first message.
      const activityId = begun.activityId ?? /;messageid=(\d+)/.exec(begun.conversationId)?.[1] ?? '';
      const conversationKey = `msteams|${channelId}`;
      this.#parts.pace.count(conversationKey);
      return { kind: 'sent', place, conversationKey, activityId, installed: false };
    });
    // Ringdown does not install the app in channels.
    const isMissing = result.kind === 'refused' && result.reason === 'appNotInstalled';
    return isMissing ? { kind: 'refused', reason: 'notInConversation' } : result;
  }

  async #begin(objectId: string, rendered: Rendered, until: number): Promise<SendResult> {
    const { adapter, chats, clock } = this.#parts;
    const where = await this.#where();
    if (!where?.tenantId) return { kind: 'refused', reason: 'noServiceUrl' };
    const { serviceUrl, bot, tenantId } = where;
    return await this.#attempt(objectId, until, async () => {
      const { conversationId: id } = await adapter.begin(serviceUrl, {
        isGroup: false,
        bot,
        // Teams accepts the object id in place of its own id (`29:…`), which only an activity contains.
        members: [{ id: objectId, aadObjectId: objectId }],
        channelData: { tenant: { id: tenantId } },
        tenantId,
      });
      const place: Place = {
        channelId: 'msteams',
        serviceUrl,
        conversation: { id, tenantId, conversationType: 'personal' },
        bot,
        user: { id: objectId },
        shared: false,
      };
      const conversationKey = `msteams|${id}`;
      const result = await this.#send(place, conversationKey, rendered);
      await chats.remember(
        { objectId: objectId.toLowerCase(), tenantId, place, conversationKey, locale: null },
        new Date(clock.now()),
      );
      return result;
    });
  }

  async #send(place: Place, conversationKey: string, rendered: Rendered): Promise<SendResult> {
    const { adapter, pace } = this.#parts;
    return await pace.inTurn(conversationKey, async () => {
      const wait = pace.waitFor(conversationKey);
      if (wait > 0) throw new TryAgainLater(wait);
      pace.count(conversationKey);
      let activityId = '';
      await adapter.resume(referenceOf(place), async (context) => {
        activityId = (await context.sendActivity(messageOf(rendered, place.channelId)))?.id ?? '';
      });
      return { kind: 'sent', place, conversationKey, activityId, installed: false };
    });
  }

  /**
   * Retries even if the message may have arrived: showing it twice is better than never. (A card in a chat that people
   * are looking at is different.)
   */
  async #attempt(who: string, until: number, send: () => Promise<SendResult>): Promise<SendResult> {
    const { clock, failing, log } = this.#parts;
    const what = `to ${who}`;
    try {
      const result = await send();
      failing.over(what);
      return result;
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      const verdict = judge(error, 'message');
      const now = clock.now();
      if (verdict.kind === 'again' && now < until) {
        throw new TryAgainLater(pauseOf(error, failing.failed(what, now)), { cause: error });
      }
      log.warn({ err: error }, 'an unasked message could not be sent');
      if (verdict.kind === 'refused') return verdict;
      return { kind: 'refused', reason: verdict.kind === 'gone' ? 'notFound' : 'failed' };
    }
  }

  async #install(
    objectId: string,
  ): Promise<{ kind: 'installed' | 'present' } | { kind: 'refused'; reason: NotDelivered }> {
    const { installer, log } = this.#parts;
    if (!installer) return { kind: 'refused', reason: 'appNotInstalled' };
    const done = await installer.install(objectId);
    if (done.kind === 'installed' || done.kind === 'present') return { kind: done.kind };
    log.warn({ err: done.fault, person: objectId }, 'the app could not be installed for a person');
    return {
      kind: 'refused',
      reason: done.kind === 'notPermitted' ? 'installNotPermitted' : 'installFailed',
    };
  }

  /** The service URL of the bot's tenant: the newest that was seen, or the configured one. */
  async #where(): Promise<{
    serviceUrl: string;
    bot: Place['bot'];
    tenantId: string | undefined;
  } | null> {
    const { database, bot, defaultServiceUrl, allowed } = this.#parts;
    const { tenantId, appId } = bot;
    const newest = tenantId === undefined ? null : await newestChat(database.sql, tenantId);
    const serviceUrl = [newest?.serviceUrl, defaultServiceUrl].find((url) => url && allowed(url));
    if (!serviceUrl) return null;
    return { serviceUrl, bot: newest?.bot ?? { id: `28:${appId ?? 'ringdown'}` }, tenantId };
  }
}

/** Whether the personal chat is missing because the app is not installed. */
function isNotInstalled(result: SendResult): boolean {
  return result.kind === 'refused' && NOT_INSTALLED.has(result.reason);
}

const NOT_INSTALLED: ReadonlySet<NotDelivered> = new Set([
  'appNotInstalled',
  'notInConversation',
  'notFound',
]);
