import type { Disposition, TimelineEntry } from '../../calls/call.ts';
import type { SkipReason } from '../../escalations/escalation.ts';
import {
  SETUP,
  allowExternalAccess,
  allowResource,
  callingRole,
  enableVoice,
  speechRole,
} from '../adminLines.ts';
import { alertsInEnglish } from './alerts.ts';
import { escalationsInEnglish } from './escalations.ts';
import { disturbances, peopleInEnglish } from './people.ts';
import { talkChatInEnglish, talkPageInEnglish } from './talk.ts';
import type { NotDelivered } from '../escalationTexts.ts';
import { inMinutes } from '../rounding.ts';
import type { Format, SpokenMessage, Texts } from '../language.ts';
import { lookUp } from '../../config/lookUp.ts';

/** Nobody listens to more than half a minute in the middle of the night. Characters. */
const ALERT_LIMIT = 600;

/** English. Times and numbers as the format's region writes them. */
export function english(format: Format): Texts {
  const { line, number, plural, anyOf, duration, speech } = format;
  const asker = (requester: string | null): string => requester ?? 'the caller';

  const running: Texts['status']['running'] = {
    queued: { text: 'Placing the call …', color: 'default' },
    waiting: { text: 'Waiting …', color: 'warning' },
    invited: { text: 'Waiting for you to join', color: 'warning' },
    // The service does not tell whether a phone makes a sound, so this is all that is known.
    dialing: { text: 'Calling …', color: 'default' },
    connected: { text: 'Connected', color: 'good' },
    speaking: { text: 'Speaking the message …', color: 'good' },
    transferring: { text: 'Connecting …', color: 'good' },
    hangingUp: { text: 'Hanging up …', color: 'default' },
  };
  const ended: Texts['status']['ended'] = {
    answered: { text: 'Answered', color: 'good' },
    acknowledged: { text: 'Acknowledged', color: 'good' },
    connected_to_caller: { text: 'Connected', color: 'good' },
    declined: { text: 'Declined', color: 'warning' },
    no_answer: { text: 'No answer', color: 'warning' },
    busy: { text: 'Busy', color: 'warning' },
    unreachable: { text: 'Not reachable', color: 'warning' },
    not_allowed: { text: 'Not allowed', color: 'attention' },
    cancelled: { text: 'Cancelled', color: 'default' },
    failed: { text: 'Failed', color: 'attention' },
  };

  const result = (data: Data): string => {
    const word = isDisposition(data.disposition) ? ended[data.disposition].text.toLowerCase() : 'over';
    const good = isDisposition(data.disposition) && ended[data.disposition].color === 'good';
    return good ? word : withCode(word, data);
  };
  const withCode = (words: string, { code, subCode }: Data): string =>
    typeof code === 'number' && typeof subCode === 'number' ? `${words} (${code}/${subCode})` : words;

  const timeline: Record<string, (data: Data) => string> = {
    queued: () => 'The call was asked for.',
    deferred: ({ reason }) => {
      if (reason === 'paused') return 'Waiting: an operator has paused all calls.';
      if (reason === 'phoneBusy') return 'Waiting: another call of Ringdown is at this phone.';
      if (reason === 'quietHours') return 'Waiting: these are quiet hours.';
      return reason === 'rateLimit' ? 'Waiting: many calls at the same time.' : 'Waiting.';
    },
    dialing: () => 'Calling …',
    talkJoined: () => 'The call was begun in the browser.',
    talkRings: () => 'The browser says that it is waiting for an answer.',
    talkLinkExpired: () => 'The link was not used in time.',
    talkPageLeft: () => 'The browser page was closed.',
    talkPageSilent: () => 'The browser page was not heard any more.',
    accepted: () => 'The telephone service took the call.',
    outcomeUnknown: () => 'The telephone service did not say whether it placed the call.',
    foundAgain: () => 'The call was found again: it had been placed.',
    connected: () => 'The call was answered.',
    speaking: ({ context }) => {
      if (context === 'connecting') return 'Saying who is calling …';
      if (context === 'transferFailed') return 'Saying that the connection failed …';
      if (context === 'acknowledged') return 'Confirming the acknowledgement …';
      if (context === 'takenOver') return 'Saying who has taken it over …';
      return context === 'message' ? 'Speaking the message …' : 'Speaking the message again …';
    },
    messageSpoken: ({ context }) => {
      if (context === 'connecting') return 'It was said who is calling.';
      if (context === 'transferFailed') return 'It was said that the connection failed.';
      if (context === 'acknowledged') return 'The acknowledgement was confirmed.';
      if (context === 'takenOver') return 'It was said who has taken it over.';
      return 'The message was spoken to its end.';
    },
    speakFailed: (data) => `${withCode('Speaking failed', data)}.`,
    listenFailed: (data) => `${withCode('Keys of the phone cannot be received', data)}.`,
    key: ({ tone }) => line`Key pressed: ${shown(tone)}.`,
    acknowledged: () => 'Acknowledged.',
    takenOver: ({ name }) => line`${shown(name)} has taken it over.`,
    transferring: ({ to }) => (to ? line`Connecting to ${shown(to)} …` : 'Connecting to the caller …'),
    transferAccepted: () => 'Connected to the caller.',
    transferFailed: (data) => `${withCode('The connection to the caller failed', data)}.`,
    hangUpRequested: ({ by, name, reason }) => {
      if (reason === 'phoneNeeded') return 'Hanging up: an alert needs this phone.';
      if (name) return line`${shown(name)} ended the call.`;
      switch (by) {
        case 'requester':
          return 'The caller ended the call.';
        case 'callee':
          return 'The person who was called ended the call.';
        case 'api':
          return 'The call was ended through the API.';
        case 'operator':
          return 'An operator ended the call.';
        case 'timeout':
          return 'Hanging up: the time was over.';
        case 'escalation':
          return 'Hanging up: the call was no longer needed.';
        default:
          return 'Hanging up.';
      }
    },
    probed: ({ state }) => {
      switch (state) {
        case 'connecting':
          return 'Asked the telephone service: the call is being placed.';
        case 'connected':
          return 'Asked the telephone service: the call is connected.';
        case 'gone':
          return 'Asked the telephone service: the call is over.';
        default:
          return 'Asked the telephone service about the call; it did not know.';
      }
    },
    recordingStarted: () => 'The call is being recorded.',
    recordingEnded: () => 'The recording has ended.',
    transcriptionStarted: () => 'What is said on the call is being transcribed.',
    transcriptionEnded: () => 'The transcription has ended.',
    gridCallStarted: () => 'Event Grid: the call started.',
    gridCallEnded: ({ seconds }) =>
      typeof seconds === 'number'
        ? `Event Grid: the call ended after ${duration(seconds)}.`
        : 'Event Grid: the call ended.',
    gridParticipantJoined: ({ name }) =>
      name ? line`Event Grid: ${shown(name)} joined.` : 'Event Grid: somebody joined.',
    gridParticipantLeft: ({ name }) =>
      name ? line`Event Grid: ${shown(name)} left.` : 'Event Grid: somebody left.',
    gridRecordingStored: () => 'Event Grid: a recording of the call was stored.',
    ended: (data) => `Ended: ${result(data)}.`,
    corrected: (data) => `Corrected: ${result(data)}.`,
  };

  const skipped: Record<SkipReason, string> = {
    notFound: 'nobody of that name was found',
    ambiguous: 'several people fit',
    disabled: 'the account is disabled',
    guest: 'guests cannot be called',
    noLicence: 'the account has no licence',
    noTeams: 'the account has no licence for Teams',
    noTeamsPhone: 'the account has no Teams Phone licence',
    nobodyOnDuty: 'nobody is on duty',
    emptyGroup: 'the group is empty or not there',
    noManager: 'no manager is known',
    notInFile: 'ringdown.yaml no longer has it',
    optedOut: 'has asked not to be called from chats',
    ...disturbances,
    directoryUnavailable: 'the directory does not answer',
  };
  const isSkipReason = (value: Data[string] | undefined): value is SkipReason =>
    typeof value === 'string' && Object.hasOwn(skipped, value);
  const withNote = (words: string, { note }: Data): string =>
    note ? line`${words} “${shown(note)}”` : words;
  const byWhom = (done: string, data: Data): string =>
    withNote(line`${done} by ${shown(data.name)}${way(data.way)}.`, data);
  const way = (value: Data[string] | undefined): string => {
    switch (value) {
      case 'card':
        return ', on the card';
      case 'chat':
        return ', in chat';
      case 'keys':
        return ', on the phone';
      case 'api':
        return ', through the API';
      default:
        return '';
    }
  };
  const skippedWords: Texts['escalation']['skipped'] = ({ name, reason }) =>
    line`${name} is not called: ${skipped[reason]}.`;
  const escalationChat = escalationsInEnglish(format, skippedWords);
  const isNotDelivered = (value: Data[string] | undefined): value is NotDelivered =>
    typeof value === 'string' && Object.hasOwn(escalationChat.notDelivered, value);
  const { alerts, operators } = alertsInEnglish(format, (reason) => {
    if (isSkipReason(reason)) return skipped[reason];
    return isDisposition(reason) ? ended[reason].text.toLowerCase() : reason;
  });
  const climbing: Record<string, (data: Data) => string> = {
    ...alerts.timeline,
    opened: ({ by, summary }) => line`Started by ${shown(by)}: ${shown(summary)}`,
    joined: () => 'The same alert came again.',
    calling: ({ name, try: count }) =>
      typeof count === 'number' && count > 1
        ? line`Calling ${shown(name)} (try ${number(count)}) …`
        : line`Calling ${shown(name)} …`,
    callEnded: ({ name, ...data }) => line`${shown(name)}: ${result(data)}.`,
    skipped: ({ name, reason }) =>
      line`${shown(name)} is not called: ${isSkipReason(reason) ? skipped[reason] : shown(reason)}.`,
    remembered: ({ name }) =>
      line`The directory does not answer: for ${shown(name)} those are called who were meant last time.`,
    optOutOverruled: ({ name }) =>
      line`${shown(name)} has asked not to be called from chats, and is called because the policy says so.`,
    quietHours: ({ name }) => line`These are quiet hours: ${shown(name)} is called when they are over.`,
    nobodyInStep: ({ step }) => line`Nobody can be called in step ${shown(step)}.`,
    notFoundOut: ({ step }) =>
      line`Step ${shown(step)} is passed over: whom it means could not be found out.`,
    pausing: ({ seconds }) =>
      typeof seconds === 'number' ? `Pausing for ${duration(seconds)}.` : 'Pausing for a while.',
    repeating: ({ round }) => line`Nobody acknowledged yet. Starting from the top, round ${shown(round)}.`,
    passedOn: (data) => byWhom('Passed on', data),
    acknowledged: (data) => byWhom('Acknowledged', data),
    resolved: (data) =>
      data.way === 'auto'
        ? line`Closed by itself: ${typeof data.seconds === 'number' ? duration(data.seconds) : 'a long time'} after the acknowledgement nobody had resolved it.`
        : byWhom('Resolved', data),
    cancelled: (data) => byWhom('Cancelled', data),
    testOver: () => 'The test is over.',
    acknowledgeTimeout: ({ name }) =>
      line`${shown(name)} acknowledged, but it was not resolved in time. It goes on.`,
    startedAgain: () => 'The ladder starts again.',
    halted: ({ by }) => line`Held by ${shown(by)}: no new call is placed.`,
    resumed: ({ by }) => line`${shown(by)} let it go on.`,
    exhausted: ({ called }) =>
      called === false ? 'Nobody could be called.' : 'Everybody was called, and nobody acknowledged.',
    told: ({ name }) => line`${shown(name)} was told that nobody acknowledged.`,
    notTold: ({ name }) => line`${shown(name)} could not be told that nobody acknowledged.`,
    appInstalled: ({ name }) => line`The app was installed for ${shown(name)}, to bring them the card.`,
    cardNotDelivered: ({ name, reason }) => {
      const why = isNotDelivered(reason) ? escalationChat.notDelivered[reason] : shown(reason);
      return name
        ? line`${shown(name)} has no card of this: ${why}.`
        : line`The card could not be posted to the channel: ${why}.`;
    },
  };

  function hello(givenName: string | null): string {
    return givenName ? line`Hello ${givenName}.` : 'Hello.';
  }

  function spokenMessage({ givenName, requester, message, limit, restOnCard }: SpokenMessage): string {
    const opening = `${hello(givenName)} ${line`This is Ringdown, calling for ${requester}.`} The message is:`;
    const rest = restOnCard
      ? 'The rest is on the card in chat.'
      : 'The rest of the message is too long to be spoken.';
    return speech(message, limit, {
      twice: (whole) => `${opening} ${whole} I repeat: ${whole} Goodbye.`,
      once: (whole) => `${opening} ${whole} Goodbye.`,
      part: (beginning) => `${opening} ${beginning} ${rest} Goodbye.`,
    });
  }

  function isDisposition(value: Data[string] | undefined): value is Disposition {
    return typeof value === 'string' && Object.hasOwn(ended, value);
  }

  return {
    format,
    speechLocale: 'en-US',
    talkPage: talkPageInEnglish,

    cause: {
      messageDelivered: {
        text: ({ callee }) => line`${callee} answered and heard the message.`,
        next: null,
      },
      talked: {
        text: ({ callee, requester }) => line`${callee} answered and talked to ${asker(requester)}.`,
        next: null,
      },
      talkedPageSilent: {
        text: ({ callee, requester }) =>
          line`${callee} answered and talked to ${asker(requester)}. Then the browser page was not heard any more.`,
        next: null,
      },
      linkNotUsed: {
        text: ({ callee }) => line`${callee} was not called: the link was not used within ten minutes.`,
        next: 'Call again for a new link.',
      },
      pageSilent: {
        text: ({ callee }) =>
          line`The browser page of the call to ${callee} was not heard any more: it was closed, or lost its connection.`,
        next: 'Call again for a new link.',
      },
      messageCutShort: {
        text: ({ callee }) => line`${callee} answered and hung up before the message was finished.`,
        next: 'Send the message in chat too, or call again.',
      },
      messageStopped: {
        text: ({ callee }) => line`${callee} answered. The call was ended before the message was finished.`,
        next: 'Send the message in chat too, or call again.',
      },
      messageNotConfirmed: {
        text: ({ callee }) =>
          line`${callee} answered. It is not known whether the message was heard to its end.`,
        next: 'Send the message in chat too, or call again.',
      },
      connectedToCaller: {
        text: ({ callee, requester }) => line`${callee} answered and was connected to ${asker(requester)}.`,
        next: null,
      },
      answeredAndHungUp: {
        text: ({ callee, requester }) =>
          line`${callee} answered and hung up before being connected to ${asker(requester)}.`,
        next: 'Send a chat message, or call again.',
      },
      testAnswered: {
        text: ({ callee }) => line`${callee} answered the test call.`,
        next: null,
      },
      acknowledged: {
        text: ({ callee }) => line`${callee} answered and acknowledged.`,
        next: null,
      },
      answeredNotAcknowledged: {
        text: ({ callee }) => line`The call to ${callee} was answered, but not acknowledged.`,
        next: 'Somebody still has to acknowledge.',
      },

      messageNotSpoken: {
        text: ({ callee }) => line`The message to ${callee} could not be spoken.`,
        next: 'Send the message in chat, or call again.',
      },
      speechNotConfigured: {
        text: ({ callee }) =>
          line`The message to ${callee} could not be spoken: speech is not set up for Ringdown.`,
        next: 'Send the message in chat. An administrator can set up speech.',
      },
      speechThrottled: {
        text: ({ callee }) =>
          line`The message to ${callee} could not be spoken: the speech service was too busy.`,
        next: 'Send the message in chat, or call again in a few minutes.',
      },
      transferFailed: {
        text: ({ callee, requester }) =>
          line`${callee} answered, but could not be connected to ${asker(requester)}.`,
        next: 'Call them yourself in Teams: they have just been at the phone.',
      },

      declined: {
        text: ({ callee }) => line`${callee} declined the call.`,
        next: 'Send a chat message, or try again later.',
      },
      noAnswer: {
        text: ({ callee }) => line`${callee} did not answer.`,
        next: 'Send a chat message, or call again.',
      },
      busy: {
        text: ({ callee }) => line`${callee} was busy.`,
        next: 'Send a chat message, or try again in a few minutes.',
      },
      notRegistered: {
        text: ({ callee }) => line`${callee} was not reachable: no device with Teams was found.`,
        next: 'Send a chat message, or try another person.',
      },
      registeredButOffline: {
        text: ({ callee }) => line`${callee} was not reachable: the Teams devices were offline.`,
        next: 'Send a chat message, or try again later.',
      },
      acceptedElsewhere: {
        text: ({ callee }) =>
          line`The call to ${callee} was taken on another device, but no connection came about.`,
        next: 'Call again.',
      },

      cancelledByRequester: {
        text: ({ callee }) => line`The call to ${callee} was cancelled before it was answered.`,
        next: null,
      },
      cancelledByOperator: {
        text: ({ callee }) => line`An operator of Ringdown ended the call to ${callee}.`,
        next: 'Ask your administrator if you need the call now.',
      },
      madeWayForAlert: {
        text: ({ callee }) => line`The call to ${callee} was ended because an alert needed the phone.`,
        next: 'Call again in a few minutes.',
      },
      cancelledByEscalation: {
        text: ({ callee }) => line`The call to ${callee} was ended because it was no longer needed.`,
        next: null,
      },

      federationNotAllowed: {
        text: () =>
          'Teams refused the call: this Azure Communication Services resource is not allowed in your tenant.',
        next: 'A Teams administrator can allow it.',
      },
      enterpriseVoiceOrSource: {
        text: ({ callee }) =>
          line`Teams refused the call: ${callee}, or the identity that Ringdown calls from, is not enabled for it.`,
        next: 'A Teams administrator can enable it.',
      },
      personalAccount: {
        text: ({ callee }) =>
          line`${callee} has a personal account. Only work and school accounts can be called.`,
        next: 'Call the person’s work account.',
      },
      blockedAsSpam: {
        text: ({ callee }) => line`The call to ${callee} was blocked as spam.`,
        next: 'Send a chat message. An administrator can look into it.',
      },
      forbidden: {
        text: ({ callee }) => line`Teams did not allow the call to ${callee}.`,
        next: 'A Teams administrator can look into it.',
      },
      insufficientPermission: {
        text: ({ callee }) => line`Ringdown was not permitted to place the call to ${callee}.`,
        next: 'An administrator can give it the permission.',
      },
      tenantMismatch: {
        text: ({ callee }) => line`The call to ${callee} was refused: it would have crossed organisations.`,
        next: 'An administrator can look into it.',
      },
      sourceIdentityInvalid: {
        text: ({ callee }) =>
          line`The call to ${callee} was refused: the identity that Ringdown calls from was not accepted.`,
        next: 'An administrator can fix this.',
      },
      unauthorisedInterop: {
        text: ({ callee }) => line`Teams refused the call: ${callee} may not be called from outside Teams.`,
        next: 'A Teams administrator can allow it.',
      },

      unauthenticated: {
        text: ({ callee }) => line`The call to ${callee} was refused: Ringdown could not sign in.`,
        next: 'An administrator can fix this.',
      },
      invalidArgument: {
        text: ({ callee }) =>
          line`The call to ${callee} was refused: the service did not accept the request.`,
        next: 'An administrator can fix this.',
      },
      speechNotLinked: {
        text: ({ callee }) =>
          line`The message to ${callee} could not be spoken: the speech service refused the request.`,
        next: 'Send the message in chat. An administrator can fix this.',
      },
      notFound: {
        text: ({ callee }) => line`The call to ${callee} could not be placed: the service did not find it.`,
        next: 'Call again. If it stays so, an administrator can look into it.',
      },
      unsupported: {
        text: ({ callee }) =>
          line`The call to ${callee} could not be placed: the service does not support it.`,
        next: 'Send a chat message, or call in Teams.',
      },
      conflict: {
        text: ({ callee }) => line`The call to ${callee} got in the way of another request and was ended.`,
        next: 'Call again.',
      },
      throttled: {
        text: ({ callee }) => line`The call to ${callee} was not placed: too many calls at the same time.`,
        next: 'Try again in a few minutes.',
      },
      maxDuration: {
        text: ({ callee }) => line`The call to ${callee} reached the longest duration that is allowed.`,
        next: 'Call again.',
      },
      setupFailed: {
        text: ({ callee }) => line`The connection to ${callee} did not come about.`,
        next: 'Call again.',
      },
      serviceFault: {
        text: ({ callee }) => line`The call to ${callee} failed: the telephone service had a fault.`,
        next: 'Try again in a minute.',
      },
      outcomeUnknown: {
        text: ({ callee }) =>
          line`The telephone service did not say whether it placed the call to ${callee}. It may have been placed.`,
        next: 'Ask in chat before you call again.',
      },
      noConfirmation: {
        text: ({ callee }) => line`The call to ${callee} ended. It is not known whether it was answered.`,
        next: 'Send a chat message, or call again.',
      },
      causeNotTold: {
        text: ({ callee }) =>
          line`The call to ${callee} ended. The telephone service did not say why, and nobody was seen to answer.`,
        next: 'Send a chat message, or call again.',
      },
      lostContact: {
        text: ({ callee }) => line`Contact with the call to ${callee} was lost.`,
        next: 'Send a chat message, or call again.',
      },
      unknownFailure: {
        text: ({ callee }) => line`The call to ${callee} failed for a reason that Ringdown does not know.`,
        next: 'Call again. If it stays so, an administrator can look into it.',
      },
    },

    advice: {
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
        text: 'Playing failed in the service; the result code is in the log. If it repeats, check the speech resource behind COGNITIVE_SERVICES_ENDPOINT.',
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
        text: 'The person who asked could not be reached by transfer. They need Teams open, a Teams Phone licence and voice enabled, like everybody who is called.',
        commands: [],
        docs: `${SETUP}#teams-phone`,
      }),

      notRegistered: () => ({
        text: 'No Teams client is registered for this id. If the person is signed in to Teams: check the object id. An auto attendant or a call queue is not a user; name it under voiceApps.',
        commands: [],
        docs: `${SETUP}#who-can-be-called`,
      }),
      registeredButOffline: () => ({
        text: 'The person’s Teams clients are known but did not answer the service. Teams on a phone needs its notifications allowed.',
        commands: [],
        docs: `${SETUP}#who-can-be-called`,
      }),
      acceptedElsewhere: () => ({
        text: 'The service said only that another device took the call. There is nothing to set. If it repeats, give Azure support the correlation id in the log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),

      federationNotAllowed: (known) => ({
        text: 'As a Teams administrator, allow this resource in your tenant and its users to be called by it. The list is replaced: name every resource that is to be allowed. It takes from minutes to some hours to work.',
        commands: [allowResource(known), allowExternalAccess],
        docs: `${SETUP}#federation`,
      }),
      enterpriseVoiceOrSource: (known) => ({
        text: 'Give the person a Teams Phone licence and enable voice. The same code comes when the call had no source identity: if ACS_SOURCE_IDENTITY is set, it must belong to this resource.',
        commands: [enableVoice(known)],
        docs: `${SETUP}#teams-phone`,
      }),
      personalAccount: () => ({
        text: 'Personal Microsoft accounts cannot be called. Name the person by the work or school account.',
        commands: [],
        docs: `${SETUP}#who-can-be-called`,
      }),
      blockedAsSpam: () => ({
        text: 'The service had marked this caller as spam. Place fewer calls for some hours (limits in ringdown.yaml). If it stays so, give Azure support the correlation id in the log.',
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
        text: 'The service says that the tenants do not match. If the person is in another tenant than yours, an administrator of that tenant has to allow this resource there.',
        commands: [allowResource(known)],
        docs: `${SETUP}#federation`,
      }),
      sourceIdentityInvalid: () => ({
        text: 'ACS_SOURCE_IDENTITY must belong to the resource of ACS_CONNECTION_STRING or ACS_ENDPOINT. Leave it empty and restart: Ringdown then creates one.',
        commands: [],
        docs: `${SETUP}#source-identity`,
      }),
      unauthorisedInterop: (known) => ({
        text: 'As a Teams administrator, turn on external access for Communication Services, and allow this resource.',
        commands: [allowExternalAccess, allowResource(known)],
        docs: `${SETUP}#external-access`,
      }),

      unauthenticated: () => ({
        text: 'Check ACS_CONNECTION_STRING (has the key been renewed?), or the managed identity if ACS_ENDPOINT is used, and the clock of this machine: requests are signed with the time.',
        commands: [],
        docs: `${SETUP}#credentials`,
      }),
      invalidArgument: () => ({
        text: 'The log has the service’s message. Most often it is the callback address: PUBLIC_URL must be https, with a valid certificate and a host name.',
        commands: [],
        docs: `${SETUP}#callbacks`,
      }),
      notFound: () => ({
        text: 'Check that ACS_ENDPOINT or ACS_CONNECTION_STRING names the right resource, and that AZURE_CLOUD fits the tenant.',
        commands: [],
        docs: `${SETUP}#credentials`,
      }),
      unsupported: () => ({
        text: 'The log has the service’s message: it says what is not supported, or which configuration is missing.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      conflict: () => ({
        text: 'Two requests for the same call met. If it repeats, give Azure support the correlation id in the log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      throttled: () => ({
        text: 'Lower limits.createCallsPerSecond in ringdown.yaml, or ask Azure support for a higher limit.',
        commands: [],
        docs: `${SETUP}#limits`,
      }),
      maxDuration: () => ({
        text: 'The service ends calls after its own longest duration. There is nothing to set.',
        commands: [],
        docs: `${SETUP}#limits`,
      }),
      setupFailed: () => ({
        text: 'The connection for sound was not made; most often it is the network of the person who was called: firewall, VPN, or ports that Teams needs.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      serviceFault: () => ({
        text: 'A fault of the service. See the Azure status page; if it lasts, give Azure support the correlation id in the log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      outcomeUnknown: () => ({
        text: 'The service did not answer within 30 seconds. Check the way from this machine to ACS_ENDPOINT. The call was not placed again, lest the person be called twice.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      noConfirmation: () => ({
        text: 'The event of an answer may have been lost. Check that callbacks arrive: PUBLIC_URL must be reachable from the service, and ACS_RESOURCE_ID must be right (otherwise the log has 401).',
        commands: [],
        docs: `${SETUP}#callbacks`,
      }),
      causeNotTold: () => ({
        text: 'The service’s last event had no result. If it repeats, give Azure support the correlation id in the log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      lostContact: () => ({
        text: 'No event said how the call ended. Check that callbacks arrive: PUBLIC_URL must be reachable from the service, and ACS_RESOURCE_ID must be right (otherwise the log has 401).',
        commands: [],
        docs: `${SETUP}#callbacks`,
      }),
      unknownFailure: () => ({
        text: 'Code and sub-code are in the log and in the call’s timeline. If it repeats, give Azure support the correlation id in the log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
    },

    status: { running, ended },

    spoken: {
      message: spokenMessage,
      connecting: ({ givenName, requester }) =>
        `${hello(givenName)} ${line`${requester} is calling you. Connecting you now.`}`,
      transferFailed: ({ requester }) =>
        line`I could not connect you. Please call ${requester} back in Teams. Goodbye.`,
      test: () => 'This is a test call from Ringdown. Your phone works. Goodbye.',
      acknowledged: () => 'Thank you. It is acknowledged. Goodbye.',
      takenOver: ({ by, how }) => {
        if (how === 'resolved') return 'It is resolved. You need not do anything. Goodbye.';
        if (how === 'cancelled') return 'The alert was withdrawn. You need not do anything. Goodbye.';
        return line`${by} has taken it. You need not do anything. Goodbye.`;
      },
      alert: ({ givenName, summary, test, keys, again }) => {
        const kind = test
          ? 'This is a test of Ringdown, nothing is wrong.'
          : 'This is Ringdown with an alert.';
        const how = keys
          ? 'Press 1 to acknowledge, 2 to pass it on, 3 to hear it again.'
          : 'Please acknowledge it on the card in Teams.';
        const opening = again ? 'I repeat:' : `${hello(givenName)} ${kind}`;
        return speech(summary, ALERT_LIMIT, {
          twice: (whole) => `${opening} ${whole} ${how}`,
          once: (whole) => `${opening} ${whole} ${how}`,
          part: (beginning) => `${opening} ${beginning} The whole text is on the card in Teams. ${how}`,
        });
      },
    },

    chat: {
      ...peopleInEnglish(format),
      help: {
        intro: 'I call people in Teams for you. Say, for example:',
        groups: [
          {
            title: 'Call',
            commands: [
              { of: 'call', say: 'call Adele Vance', does: 'calls Adele and connects you' },
              {
                of: 'call',
                say: 'call Adele Vance: the build is red',
                does: 'calls Adele and speaks the message',
              },
              { of: 'call', say: 'call Adele Vance and say the build is red', does: 'the same' },
              {
                of: 'call',
                say: 'call adele@contoso.example',
                does: 'a mail address or an @mention works as well',
              },
              { of: 'call', say: 'call help desk', does: 'calls an auto attendant or a call queue' },
              { of: 'call', say: 'call me', does: 'a test call to your own phone' },
            ],
          },
          {
            title: 'Alert',
            commands: [
              {
                of: 'escalate',
                say: 'escalate payments: checkout errors',
                does: 'calls the people of a policy until somebody acknowledges',
              },
              {
                of: 'escalate',
                say: 'escalate Adele Vance, Alex Wilber: checkout errors',
                does: 'the same with people of your choice',
              },
              {
                of: 'test',
                say: 'test payments',
                does: 'calls the first people of a policy, and says that it is a test',
              },
              { of: 'acknowledge', say: 'ack', does: 'you have it: nobody else is called' },
              { of: 'resolve', say: 'resolve', does: 'it is over' },
              { of: 'onCall', say: 'on call payments', does: 'who would be called' },
              { of: 'cover', say: 'cover payments until 18:00', does: 'you take the duty over' },
            ],
          },
          {
            title: 'While it runs',
            commands: [
              { of: 'status', say: 'status', does: 'what runs now' },
              { of: 'history', say: 'history', does: 'the last calls and alerts' },
              { of: 'hangUp', say: 'hang up', does: 'ends what you started' },
            ],
          },
          {
            title: 'Good to know',
            commands: [
              { of: 'whoIs', say: 'who is Adele', does: 'shows whom a name means, without calling' },
              {
                of: 'stopCallingMe',
                say: 'stop calling me',
                does: 'no more calls to you that people ask for in chats',
              },
              { of: 'allowCalls', say: 'allow calls', does: 'lets people call you again' },
              { of: 'forgetMe', say: 'forget me', does: 'deletes what is kept about you, after asking' },
              { of: 'pause', say: 'pause', does: 'for operators: no new call is placed' },
              { of: 'resume', say: 'resume', does: 'for operators: what has waited goes on' },
              { of: 'help', say: 'help', does: 'shows this' },
            ],
          },
        ],
      },
      welcome: () =>
        'Hello, I am Ringdown. I call people in Teams for you: say "call Adele Vance", or "help" for all that I can do.',
      greeting: (name) => (name ? line`Hello ${name}. Whom shall I call?` : 'Hello. Whom shall I call?'),
      nobodyFits: (query, suggestions) =>
        suggestions.length > 0
          ? line`I found nobody called "${query}". Did you mean ${anyOf(suggestions)}?`
          : line`I found nobody called "${query}". Try the full name or the mail address, such as "adele@contoso.example".`,
      severalFit: (query) => line`Several people fit "${query}". Whom do you mean?`,
      oneAtATime: (named, message) =>
        line`I call one person at a time. Whom shall I call? To have me call one after another until somebody acknowledges, say "escalate ${named}: ${message}".`,
      didYouMean: (query, count) =>
        line`I found nobody called "${query}". Did you mean ${count === 1 ? 'this person' : 'one of these'}?`,
      voiceApp: () => 'Auto attendant or call queue',
      cannotBeCalled: () => 'cannot be called',
      chooseByNumber: () => 'You can also answer with the number.',
      callIncomplete: () => 'Whom shall I call? Say, for example, "call Adele Vance".',
      empty: () => 'There was no text in that. Say "call" and a name, or "help".',
      tooLong: (limit) =>
        line`That is longer than I can take: at most ${number(limit)} ${plural(limit, { one: 'character', other: 'characters' })}. Please shorten it.`,
      unknown: () => 'I did not understand that. Say "call" and a name, or "help" for all that I can do.',
      actsOnce: () =>
        'I act on a message once, so the edit changes nothing. Please write it as a new message.',
      question: (say) => line`That was a question, so I did nothing. If you want it done, write: ${say}`,
      colonMissing: (say) =>
        line`I am not sure whom to call, so I called nobody. If the rest is to be spoken, put a colon after the name: ${say}`,
      notAllowed: (callee) =>
        line`I am not allowed to call ${callee} for you. Your administrator decides who may call whom.`,
      rateLimited: (retryInSeconds) =>
        retryInSeconds === null
          ? 'That was a lot of calls in a short time. Nothing was placed. Please try again later.'
          : line`That was a lot of calls in a short time. Nothing was placed. Please try again in ${duration(inMinutes(retryInSeconds))}.`,
      directoryUnavailable: () =>
        'I cannot look up people right now. Nothing was placed. Please try again in a minute.',
      speechNotConfigured: (callee) =>
        line`I cannot speak messages yet, so I did not call ${callee}. Say "call" and the name alone to be connected. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.`,
      neitherConnectedNorSpoken: (callee) =>
        line`I can connect only people in Teams, and I cannot speak messages yet, so I did not call ${callee}. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.`,
      moreFit: () => 'More people fit than are shown here. Say the mail address if the right one is missing.',
      connectNeedsTeams: (callee) =>
        line`I can connect only people in Teams, so I did not call ${callee}. I can speak a message instead: say "call", the name, a colon and the message.`,
      captured: (note, callee) => {
        switch (note) {
          case 'recordingStarted':
            return line`The call with ${callee} is being recorded. Whoever does not want that, hangs up.`;
          case 'recordingEnded':
            return line`The recording of the call with ${callee} has ended.`;
          case 'transcriptionStarted':
            return line`What is said on the call with ${callee} is being transcribed. Whoever does not want that, hangs up.`;
          case 'transcriptionEnded':
            return line`The transcription of the call with ${callee} has ended.`;
        }
      },
      limits: {
        recording:
          'I never record calls: the telephone service does not offer it for calls to one Teams user, and nobody is recorded by me without knowing. If somebody else records a call, I say so at once.',
        transcription:
          'I do not transcribe calls. If a call is transcribed by somebody else, I say so at once.',
        groupCall:
          'A call to a Teams user stays a call between two: nobody can be added to it. “escalate” with several names calls people one after another.',
        forwarding:
          'Calls are not forwarded, and forwarding that somebody has set in Teams may not work for them. “escalate” with several names calls the next person when nobody answers.',
        transfer:
          'I connect the person who is called to you and to nobody else. Ask for a call to the other person.',
        voicemail:
          'Voicemail is not to be relied on: whether it takes a call from me is up to Teams. “call <person>: <message>” speaks a message and tells you whether it was heard to its end.',
        pickup:
          'Others cannot pick up a call that is for somebody else. “escalate” with several names calls the next person when nobody answers.',
        simultaneousRinging:
          'One call reaches one person, and Teams brings it to nobody else’s phone. A policy can call several people at the same time.',
        video: 'My calls are voice only. For video, call in Teams.',
        skypeForBusiness: 'People who use Skype for Business cannot be called, only those who are on Teams.',
      },
      alreadyCalling: (callee) => line`I am already calling ${callee}. The card above shows how it goes.`,
      nothingToHangUp: () => 'No call of yours is running here, so there is nothing to hang up.',
      hangingUp: (callee) => line`Hanging up the call to ${callee} …`,
      nothingRuns: () => 'No call is running.',
      runs: (count) =>
        line`${number(count)} ${plural(count, { one: 'call is', other: 'calls are' })} running:`,
      statusLine: ({ callee, state, requester, seconds }) =>
        requester === null
          ? line`${callee}: ${running[state].text} (${duration(seconds)})`
          : line`${callee}: ${running[state].text} (${duration(seconds)}, asked for by ${requester})`,
      errorWithReference: (reference) =>
        line`Something went wrong on my side. Please try again; if it stays so, give your administrator this reference: ${reference}`,
      databaseAway: () =>
        'I cannot take requests right now. Nothing was placed. Please try again in a minute.',
      databaseAwayNow: () =>
        'I cannot take requests right now. Nothing was placed, unless a card shows it. Please try again in a minute.',
      notKnown: () =>
        'My database went away just as I was storing this, so I do not know whether it was done. Please write status in a minute, before you ask again.',
      notInThisTenant: () =>
        'I do not work for your organisation. Your administrator can ask the operator of this Ringdown to allow it.',
      thanks: () => 'You are welcome.',
      outsideTeams: () =>
        'I can call people in Teams only: no telephone numbers, and no emergency services. In an emergency use your phone.',
      whoIsIncomplete: () => 'Whom do you mean? Say, for example, "who is Adele Vance".',
      whoIs: (people) => (people === 1 ? 'That is:' : 'These people fit:'),
      testNeedsTeams: () =>
        'I can call you only if you write to me from Teams, with an account of this organisation.',
      testNeedsSpeech: () =>
        'I cannot speak yet, so I did not place the test call. An administrator can set up speech with COGNITIVE_SERVICES_ENDPOINT.',
      whichCall: () => 'Several calls of yours are running. Which one shall I end?',
      notYours: () => 'Only the person who asked can do that.',
      callIsOver: (callee) => line`The call to ${callee} is over already.`,
      nothingToChoose: () => 'There is nothing to choose right now. Say "call" and a name, or "help".',
      choiceOutOfRange: (count) => line`Please choose a number from 1 to ${number(count)}.`,
      choiceExpired: () => 'That choice is too old. Please ask again.',
      alreadyChosen: (callee) => line`You have chosen ${callee} already.`,
      cardIsGone: () => 'I do not know that card any more. Please ask again.',
      messageMissing: () => 'Please write the message first.',
      somebody: 'Somebody',
      talk: talkChatInEnglish(format),
      card: {
        since: (time) => `since ${time}`,
        message: 'Message',
        messageNotKept: 'It is not kept.',
        connects: ({ callee, requester }) => line`A call to connect ${requester} with ${callee}.`,
        isTest: 'A test call. Nothing has happened.',
        askedBy: (requester) => line`Asked for by ${requester}`,
        waitsFor: {
          paused: 'An operator has paused all calls. The call is placed when they go on.',
          phoneBusy: 'Another call of Ringdown is at this phone. The call is placed after it.',
          quietHours: 'These are quiet hours. The call is placed after them.',
          rateLimit: 'Many calls are asked for at the same time. The call is placed soon.',
        },
        running: {
          queued: ({ callee }) => line`The call to ${callee} is about to be placed.`,
          invited: ({ callee }) => line`Open the page and join: then ${callee} is called.`,
          dialing: ({ callee }) => line`Waiting for ${callee} to answer.`,
          connected: ({ callee }) => line`${callee} answered.`,
          speaking: ({ callee }) => line`${callee} answered and hears the message.`,
          transferring: ({ callee, requester }) =>
            line`${callee} answered and is being connected to ${requester}.`,
          hangingUp: ({ callee }) => line`The call to ${callee} is being ended.`,
        },
        captured: {
          recording: { now: 'This call is being recorded.', before: 'It was recorded.' },
          transcription: { now: 'This call is being transcribed.', before: 'It was transcribed.' },
        },
        hangUp: 'Hang up',
        callAgain: 'Call again',
        callInTeams: 'Call in Teams',
        leaveMessage: 'Leave a message',
        leaveMessageHint: (callee) => line`I call ${callee} again and speak this message.`,
        messagePlaceholder: 'What shall I say?',
        callAndSay: 'Call and say it',
        details: 'Details',
        forAdministrators: 'For administrators',
        result: ({ code, subCode }) => line`Result ${code}/${subCode} of the telephone service`,
        correlationId: (id) => line`Correlation id ${id}`,
        readMore: (docs) => line`More in ${docs}`,
        whichCall: 'Which call?',
        helpTitle: 'What I can do',
        welcome: {
          title: 'Hello, I am Ringdown.',
          more: 'Say "help" for all that I can do.',
          mentionMe:
            'Here, mention me first: "@Ringdown call Adele Vance". "@Ringdown help" shows all that I can do.',
        },
      },
    },

    escalation: {
      status: {
        open: { text: 'Open', color: 'attention' },
        acknowledged: { text: 'Acknowledged', color: 'good' },
        resolved: { text: 'Resolved', color: 'good' },
        exhausted: { text: 'Nobody acknowledged', color: 'attention' },
        cancelled: { text: 'Cancelled', color: 'default' },
      },
      timeline: ({ type, data = {} }) => {
        const words = lookUp(climbing, type);
        return words ? words(data) : line`${inWords(type)}.`;
      },
      skipped: skippedWords,
      nobodyCanBeCalled: () => 'Nobody in this policy can be called.',
      exhausted: ({ summary, policy }) =>
        policy === null
          ? line`Nobody acknowledged this alert: ${summary}`
          : line`Nobody of ${policy} acknowledged this alert: ${summary}`,
    },

    escalationChat,
    history: {
      title: 'Last calls and alerts',
      titleOlder: 'Earlier calls and alerts',
      empty: () => 'No calls or alerts yet.',
      noOlder: () => 'There is nothing earlier.',
      older: 'Earlier',
      newest: 'Back to the newest',
      alert: 'Alert',
      test: 'Test',
      by: (name) => line`for ${name}`,
      said: (message) => line`“${message}”`,
      again: 'Call again',
      againTooltip: (callee) => line`Call ${callee} again`,
    },
    alerts,
    operators,

    timeline: ({ type, data = {} }) => {
      const words = lookUp(timeline, type);
      return words ? words(data) : line`${inWords(type)}.`;
    },
  };
}

type Data = NonNullable<TimelineEntry['data']>;

function shown(value: Data[string] | undefined): string {
  return String(value ?? '–');
}

/** "someNewThing" -> "Some new thing" */
function inWords(type: string): string {
  const words = type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
