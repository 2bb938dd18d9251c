import {
  SETUP,
  allowExternalAccess,
  allowResource,
  callingRole,
  enableVoice,
  speechRole,
} from '../adminLines.ts';
import type { Texts } from '../language.ts';

export const advice: Texts['advice'] = {
  messageDelivered: null,
  talked: null,
  talkedPageSilent: null,
  linkNotUsed: null,
  pageSilent: null,
  messageCutShort: null,
  messageStopped: null,
  messageNotConfirmed: null,
  connectedToCaller: null,
  answeredAndHungUp: null,
  testAnswered: null,
  acknowledged: null,
  answeredNotAcknowledged: null,
  declined: null,
  noAnswer: null,
  busy: null,
  cancelledByRequester: null,
  cancelledByOperator: null,
  cancelledByEscalation: null,
  madeWayForAlert: null,

  messageNotSpoken: () => ({
    text: 'The service could not play the message; the log has the result code. If this happens again, check the speech resource behind COGNITIVE_SERVICES_ENDPOINT.',
    commands: [],
    docs: `${SETUP}#speech`,
  }),
  speechNotConfigured: () => ({
    text: 'Set COGNITIVE_SERVICES_ENDPOINT to your Azure AI services resource, and give the managed identity of the Communication Services resource the role "Cognitive Services User" on it.',
    commands: [speechRole],
    docs: `${SETUP}#speech`,
  }),
  speechThrottled: () => ({
    text: 'The Azure AI services resource answered 429. Raise its quota or tier.',
    commands: [],
    docs: `${SETUP}#speech`,
  }),
  speechNotLinked: () => ({
    text: 'Give the managed identity of the Communication Services resource the role "Cognitive Services User" on the Azure AI services resource, and check that COGNITIVE_SERVICES_ENDPOINT is the endpoint of that resource (https://<name>.cognitiveservices.azure.com/).',
    commands: [speechRole],
    docs: `${SETUP}#speech`,
  }),
  transferFailed: () => ({
    text: 'The call could not be transferred to the person who asked for it. Like everybody who is called, they need Teams open, a Teams Phone licence and voice enabled.',
    commands: [],
    docs: `${SETUP}#teams-phone`,
  }),

  notRegistered: () => ({
    text: 'No Teams client is registered for this id. If the person is signed in to Teams, check the object id. An auto attendant or a call queue is not a user; list it under voiceApps.',
    commands: [],
    docs: `${SETUP}#who-can-be-called`,
  }),
  registeredButOffline: () => ({
    text: 'The person’s Teams clients are known but did not respond. On a phone, Teams needs permission to send notifications.',
    commands: [],
    docs: `${SETUP}#who-can-be-called`,
  }),
  acceptedElsewhere: () => ({
    text: 'The service said only that another device took the call. There is nothing to configure. If this happens again, give Azure support the correlation id in the log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),

  federationNotAllowed: (known) => ({
    text: 'As a Teams administrator, allow this resource in your tenant and let it call the tenant’s users. The command replaces the list, so include every resource that you want to allow. The change takes effect within minutes to a few hours.',
    commands: [allowResource(known), allowExternalAccess],
    docs: `${SETUP}#federation`,
  }),
  enterpriseVoiceOrSource: (known) => ({
    text: 'Give the person a Teams Phone licence and enable voice. The same code appears if the call had no source identity: if ACS_SOURCE_IDENTITY is set, it must belong to this resource.',
    commands: [enableVoice(known)],
    docs: `${SETUP}#teams-phone`,
  }),
  personalAccount: () => ({
    text: 'Personal Microsoft accounts cannot be called. Use the person’s work or school account.',
    commands: [],
    docs: `${SETUP}#who-can-be-called`,
  }),
  blockedAsSpam: () => ({
    text: 'The service has marked this caller as spam. Place fewer calls for a few hours (limits in ringdown.yaml). If it keeps happening, give Azure support the correlation id in the log.',
    commands: [],
    docs: `${SETUP}#spam`,
  }),
  forbidden: (known) => ({
    text: 'Check that this resource is allowed in the tenant, that external access is on, and that the person has a Teams Phone licence and voice enabled.',
    commands: [
      'Get-CsTeamsAcsFederationConfiguration',
      'Get-CsExternalAccessPolicy -Identity Global',
      enableVoice(known),
    ],
    docs: `${SETUP}#federation`,
  }),
  insufficientPermission: () => ({
    text: 'Give the identity that Ringdown runs as a role on the Communication Services resource, or use ACS_CONNECTION_STRING.',
    commands: [callingRole],
    docs: `${SETUP}#credentials`,
  }),
  tenantMismatch: (known) => ({
    text: 'The service says that the tenants do not match. If the person is in another tenant, an administrator there must allow this resource.',
    commands: [allowResource(known)],
    docs: `${SETUP}#federation`,
  }),
  sourceIdentityInvalid: () => ({
    text: 'ACS_SOURCE_IDENTITY must belong to the resource of ACS_CONNECTION_STRING or ACS_ENDPOINT. Leave it empty and restart Ringdown, which then creates one.',
    commands: [],
    docs: `${SETUP}#source-identity`,
  }),
  unauthorisedInterop: (known) => ({
    text: 'As a Teams administrator, turn on external access for Communication Services, and allow this resource.',
    commands: [allowExternalAccess, allowResource(known)],
    docs: `${SETUP}#external-access`,
  }),

  unauthenticated: () => ({
    text: 'Check ACS_CONNECTION_STRING (has the key been regenerated?), or the managed identity if ACS_ENDPOINT is used. Also check the clock of this machine, because requests are signed with the time.',
    commands: [],
    docs: `${SETUP}#credentials`,
  }),
  invalidArgument: () => ({
    text: 'See the log for the service’s message. The most common cause is the callback address: PUBLIC_URL must be https, with a valid certificate and a host name.',
    commands: [],
    docs: `${SETUP}#callbacks`,
  }),
  notFound: () => ({
    text: 'Check that ACS_ENDPOINT or ACS_CONNECTION_STRING names the right resource, and that AZURE_CLOUD matches the tenant.',
    commands: [],
    docs: `${SETUP}#credentials`,
  }),
  unsupported: () => ({
    text: 'See the log for the service’s message. It says what is not supported, or which configuration is missing.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  conflict: () => ({
    text: 'Two requests for the same call conflicted. If this happens again, give Azure support the correlation id in the log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  throttled: () => ({
    text: 'Lower limits.createCallsPerSecond in ringdown.yaml, or ask Azure support for a higher limit.',
    commands: [],
    docs: `${SETUP}#limits`,
  }),
  maxDuration: () => ({
    text: 'The service ends calls after its maximum duration. There is nothing to configure.',
    commands: [],
    docs: `${SETUP}#limits`,
  }),
  setupFailed: () => ({
    text: 'The audio connection failed. The most common cause is the network of the person who was called: a firewall, a VPN, or blocked ports that Teams needs.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  serviceFault: () => ({
    text: 'The service had a problem. See the Azure status page. If it lasts, give Azure support the correlation id in the log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  outcomeUnknown: () => ({
    text: 'The service did not answer within 30 seconds. Check the connection from this machine to ACS_ENDPOINT. The call was not retried, so that the person is not called twice.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  noConfirmation: () => ({
    text: 'The event for the answer may have been lost. Check that callbacks arrive: PUBLIC_URL must be reachable from the service, and ACS_RESOURCE_ID must be right (otherwise the log has 401).',
    commands: [],
    docs: `${SETUP}#callbacks`,
  }),
  causeNotTold: () => ({
    text: 'The service’s last event had no result. If this happens again, give Azure support the correlation id in the log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
  lostContact: () => ({
    text: 'No event said how the call ended. Check that callbacks arrive: PUBLIC_URL must be reachable from the service, and ACS_RESOURCE_ID must be right (otherwise the log has 401).',
    commands: [],
    docs: `${SETUP}#callbacks`,
  }),
  unknownFailure: () => ({
    text: 'The code and sub-code are in the log and in the call’s timeline. If this happens again, give Azure support the correlation id in the log.',
    commands: [],
    docs: `${SETUP}#support`,
  }),
};
