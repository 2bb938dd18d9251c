import type { Cause } from '../calls/call.ts';
import { isKeyOf } from './entryData.ts';
import type { Messages } from './messages.ts';
import type { Texts } from './texts.ts';

/** Values for the command lines. Unknown values become placeholders in angle brackets. */
interface Known {
  acsResourceId?: string | undefined;
  userPrincipalName?: string | undefined;
}

/** What an administrator can fix. */
export interface Advice {
  text: string;
  /** Lines for PowerShell or the Azure CLI, ready to copy. */
  commands: string[];
  /** Path and anchor in the repository. */
  docs: string;
}

/** What an administrator can do about this cause; null if there is nothing to fix. */
export function adviceFor(cause: Cause, known: Known, { cards }: Texts): Advice | null {
  if (!isKeyOf(fixes, cause)) return null;
  const { section, commands }: Fix = fixes[cause];
  return {
    text: cards.advice[cause],
    commands: commands?.(known) ?? [],
    docs: `docs/setup-teams.md#${section}`,
  };
}

interface Fix {
  /** In docs/setup-teams.md. */
  section: string;
  commands?: (known: Known) => string[];
}

const allowExternalAccess = 'Set-CsExternalAccessPolicy -Identity Global -EnableAcsFederationAccess $true';
const speechRole =
  'az role assignment create --assignee <principal id of the Communication Services resource> --role "Cognitive Services User" --scope <resource id of the Azure AI services resource>';
const callingRole =
  'az role assignment create --assignee <principal id of Ringdown> --role Contributor --scope <resource id of the Communication Services resource>';

function allowResource({ acsResourceId }: Known): string {
  const id = pasteable(acsResourceId, /^[\da-f-]{36}$/i) ?? '<ACS_RESOURCE_ID>';
  return `Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $True -AllowedAcsResources @('${id}')`;
}

function enableVoice({ userPrincipalName }: Known): string {
  const upn = pasteable(userPrincipalName, /^[\w.+-]+@[\w.-]+$/) ?? '<upn>';
  return `Set-CsPhoneNumberAssignment -Identity ${upn} -EnterpriseVoiceEnabled $true`;
}

/** Administrators paste these lines into a shell, so only harmless values are filled in. */
function pasteable(value: string | undefined, harmless: RegExp): string | undefined {
  return value !== undefined && harmless.test(value) ? value : undefined;
}

const fixes: Record<keyof Messages['cards']['advice'], Fix> = {
  messageNotSpoken: { section: 'speech' },
  speechNotConfigured: { section: 'speech', commands: () => [speechRole] },
  speechThrottled: { section: 'speech' },
  speechNotLinked: { section: 'speech', commands: () => [speechRole] },
  transferFailed: { section: 'teams-phone' },
  notRegistered: { section: 'who-can-be-called' },
  registeredButOffline: { section: 'who-can-be-called' },
  acceptedElsewhere: { section: 'support' },
  federationNotAllowed: {
    section: 'federation',
    commands: (known) => [allowResource(known), allowExternalAccess],
  },
  enterpriseVoiceOrSource: { section: 'teams-phone', commands: (known) => [enableVoice(known)] },
  personalAccount: { section: 'who-can-be-called' },
  blockedAsSpam: { section: 'spam' },
  forbidden: {
    section: 'federation',
    commands: (known) => [
      'Get-CsTeamsAcsFederationConfiguration',
      'Get-CsExternalAccessPolicy -Identity Global',
      enableVoice(known),
    ],
  },
  insufficientPermission: { section: 'credentials', commands: () => [callingRole] },
  tenantMismatch: { section: 'federation', commands: (known) => [allowResource(known)] },
  sourceIdentityInvalid: { section: 'source-identity' },
  unauthorisedInterop: {
    section: 'external-access',
    commands: (known) => [allowExternalAccess, allowResource(known)],
  },
  unauthenticated: { section: 'credentials' },
  invalidArgument: { section: 'callbacks' },
  notFound: { section: 'credentials' },
  unsupported: { section: 'support' },
  conflict: { section: 'support' },
  throttled: { section: 'limits' },
  maxDuration: { section: 'limits' },
  setupFailed: { section: 'support' },
  serviceFault: { section: 'support' },
  outcomeUnknown: { section: 'support' },
  noConfirmation: { section: 'callbacks' },
  causeNotTold: { section: 'support' },
  lostContact: { section: 'callbacks' },
  unknownFailure: { section: 'support' },
};
