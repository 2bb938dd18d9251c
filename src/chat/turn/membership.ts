import type { Requester } from '../../calls/call.ts';
import { isGuestName } from '../../permissions/rules.ts';
import type { Command } from '../language/command.ts';
import type { TrustConfig } from './identity.ts';
import type { CallPermissions } from '../people/permissions.ts';
import type { Press } from './press.ts';
import type { RosterEntry } from './turn.ts';

/** The person who is writing, and what the chat knows about them. */
export interface Speaker {
  asker: Requester;
  /** Their entry in the roster of this conversation; null if there is none. */
  ownRosterEntry(): Promise<RosterEntry | null>;
}

export type Wanted =
  | { kind: 'command'; command: Pick<Command, 'kind'> }
  | { kind: 'press'; press: Pick<Press, 'verb'> }
  /** The message extension. */
  | { kind: 'author' };

/**
 * Open to guests: these reveal nothing about people and call nobody, or they check their own permission. Everything else
 * is for members.
 */
const openCommands: ReadonlySet<Command['kind']> = new Set<Command['kind']>([
  'help',
  'greeting',
  'thanks',
  'empty',
  'tooLong',
  'unknown',
  'question',
  'limit',
  'outsideTeams',
  'acknowledge',
  'resolve',
  'hangUp',
  'stopCallingMe',
  'allowCalls',
  'forgetMe',
  // It ends only the asker's own links.
  'myCalendarOff',
  'language',
  'languages',
  'pause',
  'resume',
  // Only the person who was asked may answer, and the command that led to the question was checked.
  'choice',
]);
const openVerbs = /^(?:acknowledge|cantTake|callNext|resolve|stop|hangUp|choose\w*)$/;

/**
 * Keeps guests out of what is for members. A guest writes with our own tenant's id, so only Graph (`userType`) and the
 * conversation's roster can tell guests from members.
 *
 * Sources: Entra, "Properties of a B2B collaboration user" (`userType`, and `#EXT#` in the user principal name);
 * Teams, "Get Teams specific context for your bot" (`tenantId` and `userRole` of a roster entry).
 */
export class Membership {
  readonly #permissions: Pick<CallPermissions, 'checkMember'>;
  readonly #trust: TrustConfig;

  constructor(permissions: Pick<CallPermissions, 'checkMember'>, trust: TrustConfig) {
    this.#permissions = permissions;
    this.#trust = trust;
  }

  /** @throws NotPermitted if this is for members and the person is not known to be one */
  async check(speaker: Speaker, wanted: Wanted): Promise<void> {
    if (isOpen(wanted)) return;
    await this.#permissions.checkMember(speaker.asker, async () =>
      isMember(await speaker.ownRosterEntry(), this.#trust),
    );
  }
}

function isOpen(wanted: Wanted): boolean {
  if (wanted.kind === 'author') return false;
  return wanted.kind === 'command'
    ? openCommands.has(wanted.command.kind)
    : openVerbs.test(wanted.press.verb);
}

/** Null if the roster does not say. In anonymous mode everybody is a member unless the roster says guest. */
function isMember(
  entry: RosterEntry | null,
  { allowAnonymous, allowedTenants }: TrustConfig,
): boolean | null {
  const { userRole, userPrincipalName, tenantId } = entry ?? {};
  if (userRole === 'guest' || userRole === 'anonymous' || isGuestName(userPrincipalName ?? '')) return false;
  if (allowAnonymous) return true;
  if (!userRole || !tenantId) return null;
  return userRole === 'user' && allowedTenants.includes(tenantId.toLowerCase());
}
