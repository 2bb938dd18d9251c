import type { Verbatim } from './message.ts';

// Written by `npm run texts` from en.json.

type Text = string | Verbatim;

/** All texts: those without parameters as strings, the others as functions of their parameters. */
export interface Messages {
  speech: { locale: string };
  chat: {
    greeting: (values: { name: Text | null }) => string;
    welcome: string;
    thanks: string;
    somebody: string;
    empty: string;
    tooLong: (values: { limit: number }) => string;
    unknown: string;
    actsOnce: string;
    question: (values: { command: Text }) => string;
    colonMissing: (values: { command: Text }) => string;
    outsideTeams: string;
    cardIsGone: string;
    messageMissing: string;
    calls: {
      incomplete: string;
      oneAtATime: (values: { names: Text; message: Text }) => string;
      alreadyCalling: (values: { callee: Text }) => string;
      nothingRuns: string;
      running: (values: { count: number }) => string;
      statusLine: (values: { callee: Text; state: Text; duration: Text; requester: Text | null }) => string;
      whichToHangUp: string;
      nothingToHangUp: string;
      hangingUp: (values: { callee: Text }) => string;
      over: (values: { callee: Text }) => string;
      onlyTheAsker: string;
    };
    choices: {
      byNumber: string;
      nothing: string;
      outOfRange: (values: { count: number }) => string;
      expired: string;
      alreadyChosen: (values: { callee: Text }) => string;
    };
    help: {
      intro: string;
      titles: { call: string; alert: string; running: string; more: string };
      commands: {
        connect: { say: string; does: string };
        speak: { say: string; does: string };
        andSay: { say: string; does: string };
        address: { say: string; does: string };
        voiceApp: { say: string; does: string };
        me: { say: string; does: string };
        escalate: { say: string; does: string };
        escalatePeople: { say: string; does: string };
        test: { say: string; does: string };
        acknowledge: { say: string; does: string };
        resolve: { say: string; does: string };
        onCall: { say: string; does: string };
        cover: { say: string; does: string };
        status: { say: string; does: string };
        history: { say: string; does: string };
        hangUp: { say: string; does: string };
        whoIs: { say: string; does: string };
        stopCallingMe: { say: string; does: string };
        allowCalls: { say: string; does: string };
        forgetMe: { say: string; does: string };
        pause: { say: string; does: string };
        resume: { say: string; does: string };
        help: { say: string; does: string };
      };
    };
    limits: {
      recording: string;
      transcription: string;
      groupCall: string;
      forwarding: string;
      transfer: string;
      voicemail: string;
      pickup: string;
      simultaneousRinging: string;
      video: string;
      skypeForBusiness: string;
    };
    history: {
      title: string;
      titleOlder: string;
      empty: string;
      noOlder: string;
      older: string;
      newest: string;
      alert: string;
      test: string;
      by: (values: { name: Text }) => string;
      said: (values: { message: Text }) => string;
      again: string;
      againTooltip: (values: { callee: Text }) => string;
    };
    people: {
      nobodyFits: (values: { query: Text; suggestions: Text | null }) => string;
      severalFit: (values: { query: Text }) => string;
      didYouMean: (values: { query: Text; count: number }) => string;
      moreFit: string;
      voiceApp: string;
      canBeCalled: string;
      cannotBeCalled: string;
      whoIs: (values: { count: number }) => string;
      whoIsIncomplete: string;
      presence: {
        available: string;
        away: string;
        beRightBack: string;
        busy: string;
        doNotDisturb: string;
        focusing: string;
        inACall: string;
        inAConferenceCall: string;
        inAMeeting: string;
        offline: string;
        offWork: string;
        outOfOffice: string;
        presenting: string;
      };
      disturbances: { doNotDisturb: string; inACall: string; presenting: string; outOfOffice: string };
      disturb: {
        question: {
          doNotDisturb: (values: { callee: Text }) => string;
          inACall: (values: { callee: Text }) => string;
          presenting: (values: { callee: Text }) => string;
          outOfOffice: (values: { callee: Text }) => string;
        };
        callAnyway: string;
        leaveMessage: string;
        cancel: string;
        leftAlone: (values: { callee: Text }) => string;
        writeHere: (values: { callee: Text; address: Text }) => string;
      };
      picker: { title: string; label: string; call: string; nobodyPicked: string };
      author: {
        title: (values: { callee: Text }) => string;
        hint: string;
        call: string;
        calling: (values: { callee: Text }) => string;
        nobody: string;
        own: string;
      };
      optOut: { stopped: string; allowed: string; needsTeams: string };
    };
    privacy: {
      notNow: { onCall: string; escalation: string };
      question: string;
      explained: string;
      forget: string;
      keep: string;
      kept: string;
      done: (values: { optOutKept: boolean }) => string;
    };
  };
  cards: {};
  spoken: {};
  timeline: {};
  errors: {
    refused: {
      guest: string;
      lookUp: (values: { ask: Text | null }) => string;
      anonymous: (values: { callee: Text; ask: Text | null }) => string;
      caller: (values: { callee: Text; ask: Text | null }) => string;
      callee: (values: { callee: Text; ask: Text | null }) => string;
      communicationUser: (values: { callee: Text; ask: Text | null }) => string;
      unchecked: (values: { ask: Text | null }) => string;
      optedOut: (values: { callee: Text }) => string;
      quietHours: (values: { until: Text | null; timeZone: Text; callee: Text; ask: Text | null }) => string;
      perCaller: (values: { callee: Text; retry: Text | null; ask: Text | null }) => string;
      perCallee: (values: { callee: Text; retry: Text | null; ask: Text | null }) => string;
    };
    notCallable: {
      disabled: (values: { callee: Text }) => string;
      guest: (values: { callee: Text }) => string;
      noLicence: (values: { callee: Text }) => string;
      noTeams: (values: { callee: Text }) => string;
      noTeamsPhone: (values: { callee: Text }) => string;
      otherCloud: (values: { callee: Text }) => string;
      unknown: (values: { callee: Text }) => string;
    };
    notAllowed: (values: { callee: Text }) => string;
    rateLimited: (values: { retry: Text | null }) => string;
    directoryUnavailable: string;
    speechNotConfigured: (values: { callee: Text }) => string;
    connectNeedsTeams: (values: { callee: Text }) => string;
    neitherConnectedNorSpoken: (values: { callee: Text }) => string;
    testNeedsTeams: string;
    testNeedsSpeech: string;
    notInThisTenant: string;
    databaseAway: string;
    databaseAwayNow: string;
    notKnown: string;
    withReference: (values: { reference: Text }) => string;
  };
  talk: {};
}
