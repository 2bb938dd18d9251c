import type { IncomingHttpHeaders } from 'node:http';
import type { Requester } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { isGuid } from '../config/guids.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { isForwarded } from '../config/publicAddress.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import { acceptedLanguage } from '../http/acceptedLanguage.ts';
import { bearerOf } from '../http/authentication.ts';
import { createEntraVerifier, type VerifyEntraToken } from '../http/entraVerifier.ts';
import type { RequestHead } from '../http/route.ts';
import type { ChosenLanguages } from '../languages/chosenLanguages.ts';
import { nullIfUnavailable } from '../permissions/known.ts';
import type { Permissions } from '../permissions/permissions.ts';
import { NotPermitted } from '../permissions/refusal.ts';
import { textsFor, type Texts } from '../texts/texts.ts';
import { KeptAnswers } from './keptAnswers.ts';

/** Who reads, with their rights. */
export interface Reader {
  /** As chat has it: kind `chat`; `key` and `objectId` are the Entra object id in lower case. */
  requester: Requester & { objectId: string };
  seesAll: boolean;
  operates: boolean;
  /** In the reader's language. */
  texts: Texts;
  /** IANA. */
  timeZone: string;
}

/** A reader who has authenticated. */
export interface Session {
  reader: Reader;
  /** Until when the token is accepted: epoch milliseconds. Null if it does not expire. */
  expiresAt: number | null;
  /** Checks their rights again. @throws as `ConsoleDoor.authenticate` does */
  renew: () => Promise<Session>;
}

interface Parts {
  config: Pick<Config, 'consoleClientId' | 'cloud' | 'bot'>;
  /** The origin that people open. */
  publicUrl: () => string;
  ringdown: () => RingdownYaml;
  permissions: Pick<Permissions, 'checkMember' | 'inConsole'>;
  directory: Pick<Directory, 'get'>;
  languages: Pick<ChosenLanguages, 'of'>;
  clock: Clock;
}

/** Whom a credential names. */
interface Claimed {
  objectId: string;
  /** As the token says; null if it does not. */
  name: string | null;
  roles: readonly string[];
  isGuest: boolean;
  expiresAt: number | null;
}

/** What is known about somebody for a while. */
interface Standing {
  name: string;
  seesAll: boolean;
  operates: boolean;
}

/** The scope that Teams and MSAL request. */
export const SCOPE = 'access_as_user';
const KEPT = { most: 2_000, milliseconds: 30_000 };

export type SignInMode = { mode: 'choose' } | { mode: 'entra'; clientId: string; tenantId: string };

/** How people sign in; null if the console is off. */
export function signInMode({ consoleClientId, bot }: Parts['config']): SignInMode | null {
  if (consoleClientId !== undefined && bot.tenantId !== undefined) {
    return { mode: 'entra', clientId: consoleClientId, tenantId: bot.tenantId };
  }
  return bot.allowAnonymous ? { mode: 'choose' } : null;
}

/** Authenticates the people who read the console. */
export class ConsoleDoor {
  readonly #parts: Parts;
  readonly #mode: SignInMode;
  readonly #verify: VerifyEntraToken | null;
  readonly #standings: KeptAnswers<Standing>;

  constructor(mode: SignInMode, parts: Parts) {
    const { config, clock, publicUrl } = parts;
    this.#parts = parts;
    this.#mode = mode;
    this.#verify =
      mode.mode === 'entra'
        ? createEntraVerifier({
            cloud: config.cloud,
            tenantId: mode.tenantId,
            audiences: () => audiencesOf(mode.clientId, publicUrl()),
            clock,
          })
        : null;
    this.#standings = new KeptAnswers(clock, KEPT, parts.ringdown, (error) => error instanceof NotPermitted);
  }

  /**
   * Identifies the reader by the head of a request.
   *
   * @throws RingdownError unauthorized, unavailable; forbidden for a foreign page or a token without the scope;
   *   not_allowed for people whom chat would refuse
   */
  async authenticate(head: RequestHead): Promise<Session> {
    this.requireOwnPage(head.headers);
    const token = bearerOf(head.headers);
    if (token === null) throw new RingdownError('unauthorized');
    return await this.#session(
      this.#verify ? claimedBy(await this.#verify(token)) : await this.#chosen(token),
      head.headers,
    );
  }

  /**
   * In anonymous mode, other web pages must not be able to send requests: neither directly nor through a host name that
   * they point to loopback (DNS rebinding). Nor may people elsewhere, through a proxy on this machine.
   *
   * @throws RingdownError forbidden
   */
  requireOwnPage(headers: IncomingHttpHeaders): void {
    if (this.#mode.mode !== 'choose') return;
    const { host = '', origin } = headers;
    const own = URL.parse(`http://${host}`);
    const isOwn = origin === undefined || URL.parse(origin)?.host === own?.host;
    if (own && isLoopbackHost(own.hostname) && isOwn && !isForwarded(headers)) return;
    throw new RingdownError('forbidden', {
      detail: 'The console is open to its own pages on loopback only.',
    });
  }

  async #chosen(token: string): Promise<Claimed> {
    const objectId = /^as:(.+)$/i.exec(token)?.[1]?.toLowerCase() ?? '';
    const person = isGuid(objectId) ? await this.#parts.directory.get(objectId) : null;
    if (!person) throw new RingdownError('unauthorized');
    const isGuest = person.userType === 'Guest';
    return { objectId, name: person.displayName, roles: [], isGuest, expiresAt: null };
  }

  async #session(claimed: Claimed, headers: IncomingHttpHeaders): Promise<Session> {
    const { ringdown, languages, config } = this.#parts;
    const { objectId, expiresAt } = claimed;
    const { name, seesAll, operates } = await this.#standingOf(claimed);
    const { tenantId } = config.bot;
    const language = languages.of(objectId, acceptedLanguage(headers), ringdown().language);
    return {
      expiresAt,
      renew: async () => await this.#session(claimed, headers),
      reader: {
        requester: {
          kind: 'chat',
          key: objectId,
          name,
          objectId,
          ...(tenantId === undefined ? {} : { tenantId }),
        },
        seesAll,
        operates,
        texts: textsFor(language),
        timeZone: timeZoneIn(headers) ?? ringdown().timeZone,
      },
    };
  }

  /** Kept for half a minute, or until ringdown.yaml is read again. */
  async #standingOf(claimed: Claimed): Promise<Standing> {
    const key = JSON.stringify([claimed.objectId, claimed.roles]);
    return await this.#standings.get(key, async () => await this.#standing(claimed));
  }

  async #standing({ objectId, name, roles, isGuest }: Claimed): Promise<Standing> {
    const { permissions, directory } = this.#parts;
    const person = await directory.get(objectId).catch(nullIfUnavailable);
    const requester: Requester = {
      kind: 'chat',
      key: objectId,
      name: person?.displayName ?? name ?? objectId,
      objectId,
    };
    await permissions.checkMember(requester, async () => await Promise.resolve(!isGuest));
    return { name: requester.name, ...(await permissions.inConsole(requester, roles)) };
  }
}

/** Single sign-on in Teams needs the host in the application ID URI. */
function audiencesOf(clientId: string, publicUrl: string): string[] {
  return [clientId, `api://${clientId}`, `api://${new URL(publicUrl).host}/${clientId}`];
}

/** @throws RingdownError forbidden, unless the token is for a person who uses the console */
function claimedBy(token: Awaited<ReturnType<VerifyEntraToken>>): Claimed {
  const { id, name, account, roles, scopes, isApplication, isGuest, expiresAt } = token;
  if (isApplication || !scopes.includes(SCOPE) || !isGuid(id)) {
    throw new RingdownError('forbidden', { detail: `The token does not have the scope ${SCOPE}.` });
  }
  return { objectId: id, name: name ?? account, roles, isGuest, expiresAt };
}

/** The `X-Time-Zone` of a request, if it is a time zone. */
function timeZoneIn(headers: IncomingHttpHeaders): string | null {
  const given = headers['x-time-zone'];
  if (typeof given !== 'string') return null;
  try {
    if (!/^[a-z]/i.test(given)) return null; // An offset is not a time zone.
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
