import type { Format, Texts } from '../language.ts';

export function causes({ line }: Format): Texts['cause'] {
  const asker = (requester: string | null): string => requester ?? 'the caller';

  return {
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
        line`${callee} answered and talked to ${asker(requester)}. Then the browser page stopped responding.`,
      next: null,
    },
    linkNotUsed: {
      text: ({ callee }) => line`${callee} was not called: the link was not used within ten minutes.`,
      next: 'Call again for a new link.',
    },
    pageSilent: {
      text: ({ callee }) =>
        line`The browser page for the call to ${callee} stopped responding: it was closed, or lost its connection.`,
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
      text: ({ callee }) => line`${callee} answered. It is unknown whether the whole message was heard.`,
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
      next: 'Somebody still needs to acknowledge.',
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
      next: 'Call them yourself in Teams: they were just on the phone.',
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
      text: ({ callee }) => line`${callee} could not be reached: no Teams device was found.`,
      next: 'Send a chat message, or try another person.',
    },
    registeredButOffline: {
      text: ({ callee }) => line`${callee} could not be reached: the Teams devices were offline.`,
      next: 'Send a chat message, or try again later.',
    },
    acceptedElsewhere: {
      text: ({ callee }) => line`The call to ${callee} was answered on another device, but did not connect.`,
      next: 'Call again.',
    },

    cancelledByRequester: {
      text: ({ callee }) => line`The call to ${callee} was cancelled before it was answered.`,
      next: null,
    },
    cancelledByOperator: {
      text: ({ callee }) => line`A Ringdown operator ended the call to ${callee}.`,
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
      next: 'An administrator can grant the permission.',
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
      text: ({ callee }) => line`The call to ${callee} was refused: the service did not accept the request.`,
      next: 'An administrator can fix this.',
    },
    speechNotLinked: {
      text: ({ callee }) =>
        line`The message to ${callee} could not be spoken: the speech service refused the request.`,
      next: 'Send the message in chat. An administrator can fix this.',
    },
    notFound: {
      text: ({ callee }) => line`The call to ${callee} could not be placed: the service did not find it.`,
      next: 'Call again. If it keeps happening, an administrator can look into it.',
    },
    unsupported: {
      text: ({ callee }) => line`The call to ${callee} could not be placed: the service does not support it.`,
      next: 'Send a chat message, or call in Teams.',
    },
    conflict: {
      text: ({ callee }) => line`The call to ${callee} conflicted with another request and was ended.`,
      next: 'Call again.',
    },
    throttled: {
      text: ({ callee }) => line`The call to ${callee} was not placed: too many calls at the same time.`,
      next: 'Try again in a few minutes.',
    },
    maxDuration: {
      text: ({ callee }) => line`The call to ${callee} reached the maximum duration.`,
      next: 'Call again.',
    },
    setupFailed: {
      text: ({ callee }) => line`The call to ${callee} could not be connected.`,
      next: 'Call again.',
    },
    serviceFault: {
      text: ({ callee }) => line`The call to ${callee} failed: the telephone service had a problem.`,
      next: 'Try again in a minute.',
    },
    outcomeUnknown: {
      text: ({ callee }) =>
        line`The telephone service did not say whether it placed the call to ${callee}. It may have been placed.`,
      next: 'Ask in chat before you call again.',
    },
    noConfirmation: {
      text: ({ callee }) => line`The call to ${callee} ended. It is unknown whether it was answered.`,
      next: 'Send a chat message, or call again.',
    },
    causeNotTold: {
      text: ({ callee }) =>
        line`The call to ${callee} ended. The telephone service did not say why, and there is no sign that anybody answered.`,
      next: 'Send a chat message, or call again.',
    },
    lostContact: {
      text: ({ callee }) => line`Ringdown lost contact with the call to ${callee}.`,
      next: 'Send a chat message, or call again.',
    },
    unknownFailure: {
      text: ({ callee }) => line`The call to ${callee} failed for an unknown reason.`,
      next: 'Call again. If it keeps happening, an administrator can look into it.',
    },
  };
}
