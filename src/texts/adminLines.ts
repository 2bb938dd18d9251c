import type { AdviceContext } from './language.ts';

/** Lines for an administrator's shell, the same in every language. */

export const SETUP = 'docs/setup-teams.md';

export const allowExternalAccess =
  'Set-CsExternalAccessPolicy -Identity Global -EnableAcsFederationAccess $true';
export const speechRole =
  'az role assignment create --assignee <principal id of the Communication Services resource> --role "Cognitive Services User" --scope <resource id of the Azure AI services resource>';
export const callingRole =
  'az role assignment create --assignee <principal id of Ringdown> --role Contributor --scope <resource id of the Communication Services resource>';

export function allowResource({ acsResourceId }: AdviceContext): string {
  const id = pasteable(acsResourceId, /^[\da-f-]{36}$/i) ?? '<ACS_RESOURCE_ID>';
  return `Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $True -AllowedAcsResources @('${id}')`;
}

export function enableVoice({ userPrincipalName }: AdviceContext): string {
  const upn = pasteable(userPrincipalName, /^[\w.+-]+@[\w.-]+$/) ?? '<upn>';
  return `Set-CsPhoneNumberAssignment -Identity ${upn} -EnterpriseVoiceEnabled $true`;
}

/** Administrators paste these lines into a shell, so only harmless values are filled in. */
function pasteable(value: string | undefined, harmless: RegExp): string | undefined {
  return value !== undefined && harmless.test(value) ? value : undefined;
}
