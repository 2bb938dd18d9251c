import type { Verbatim } from './message.ts';

// Written by `npm run texts` from en.json.

type Text = string | Verbatim;

/** All texts: those without parameters as strings, the others as functions of their parameters. */
export interface Messages {
  speech: { locale: string };
  chat: {
    greeting: (values: { name: Text | null }) => string;
    escalations: {
      nobodyCanBeCalled: string;
      testSummary: (values: { policy: Text }) => string;
      noSuchPolicy: (values: { count: number; policy: Text; known: Text }) => string;
      whichPolicy: (values: { count: number; known: Text }) => string;
      policyAmongPeople: (values: { policy: Text }) => string;
      whatIsItAbout: string;
      whoToCall: string;
      severalFit: (values: { query: Text; people: Text }) => string;
      nothing: { acknowledge: string; resolve: string };
      which: { acknowledge: string; resolve: string; stop: string };
      unseen: { acknowledge: string; resolve: string };
      acknowledged: (values: { summary: Text }) => string;
      resolved: (values: { summary: Text }) => string;
      stopped: (values: { summary: Text }) => string;
      doneInPart: (values: { summary: Text }) => string;
      passedOn: (values: { summary: Text }) => string;
      already: {
        acknowledged: (values: { by: Text }) => string;
        resolved: (values: { by: Text }) => string;
        cancelled: (values: { by: Text }) => string;
      };
      youHaveIt: string;
      tooLate: string;
      everybodyCalled: string;
      notCalledNow: string;
      nobodyCalledNow: string;
      mayNot: string;
      anonymousMayNot: string;
      rightsUnknown: string;
      onCall: {
        heading: (values: { policy: Text }) => string;
        step: (values: { step: number; people: Text }) => string;
        nobodyInStep: (values: { step: number }) => string;
        until: (values: { name: Text; until: Text }) => string;
        covering: (values: { name: Text; until: Text }) => string;
      };
      cover: {
        done: (values: { instead: Text | null; policy: Text; until: Text }) => string;
        noRotation: (values: { policy: Text }) => string;
        untilWhen: string;
        notUnderstood: (values: { words: Text }) => string;
        inThePast: (values: { until: Text }) => string;
        tooLong: (values: { days: number }) => string;
        needsTeams: string;
      };
      runs: (values: { count: number }) => string;
      status: (values: { test: boolean; summary: Text; state: Text; duration: Text }) => string;
    };
    pause: {
      paused: string;
      resumed: string;
      notPaused: string;
      isPaused: string;
      isPausedBy: (values: { by: Text; since: Text }) => string;
      mayNot: (values: { operators: Text }) => string;
      noOperators: string;
      rightUnknown: string;
    };
  };
  cards: {
    status: {
      endedInside: {
        answered: string;
        acknowledged: string;
        connected_to_caller: string;
        declined: string;
        no_answer: string;
        busy: string;
        unreachable: string;
        not_allowed: string;
        cancelled: string;
        failed: string;
        unknown: string;
      };
      withCode: (values: { words: Text; code: Text; subCode: Text }) => string;
    };
    skipped: {
      notFound: string;
      ambiguous: string;
      disabled: string;
      guest: string;
      noLicence: string;
      noTeams: string;
      noTeamsPhone: string;
      nobodyOnDuty: string;
      emptyGroup: string;
      noManager: string;
      notInFile: string;
      optedOut: string;
      doNotDisturb: string;
      inACall: string;
      presenting: string;
      outOfOffice: string;
      directoryUnavailable: string;
    };
    escalation: {
      state: {
        findingOut: string;
        calling: string;
        talking: string;
        pausing: string;
        waiting: string;
        paused: string;
        acknowledged: string;
        resolved: string;
        exhausted: string;
        cancelled: string;
      };
      inShort: {
        people: (values: { people: Text; state: Text }) => string;
        by: (values: { state: Text; by: Text }) => string;
      };
      severity: { critical: string; error: string; warning: string; info: string };
      severityInside: { critical: string; error: string; warning: string; info: string };
      alert: (values: { severity: Text }) => string;
      test: string;
      step: (values: { step: number; of: number }) => string;
      stepInRound: (values: { step: number; of: number; round: number }) => string;
      since: (values: { time: Text }) => string;
      at: (values: { time: Text }) => string;
      continuesAt: (values: { time: Text }) => string;
      resolveBy: (values: { time: Text }) => string;
      sentence: {
        findingOut: string;
        calling: (values: { count: number; people: Text }) => string;
        talking: (values: { count: number; people: Text }) => string;
        pausing: string;
        waiting: string;
        paused: string;
        exhausted: string;
        nobodyCalled: string;
      };
      next: (values: { name: Text }) => string;
      youAreCalled: (values: { policy: Text | null; startedBy: Text; step: number }) => string;
      youWereCalled: (values: { policy: Text | null; startedBy: Text; step: number }) => string;
      youAreTold: (values: { policy: Text | null }) => string;
      about: (values: { policy: Text | null; startedBy: Text }) => string;
      noSpeech: string;
      continued: (values: { time: Text }) => string;
      continuedInShort: string;
      calls: string;
      nobodyCalledYet: string;
      earlier: (values: { count: number }) => string;
      answeredNotAcknowledged: string;
      noLongerNeeded: string;
      passedOn: string;
      details: string;
      links: string;
      history: string;
      button: {
        acknowledge: string;
        cantTake: string;
        callNext: string;
        resolve: string;
        stop: string;
        showDetails: string;
      };
      text: (values: { test: boolean; summary: Text; state: Text }) => string;
      calleeText: (values: { test: boolean; summary: Text }) => string;
      notDelivered: {
        appNotInstalled: string;
        installNotPermitted: string;
        installFailed: string;
        blocked: string;
        disabledByAdmin: string;
        notInConversation: string;
        notFound: string;
        wrongServiceUrl: string;
        noServiceUrl: string;
        failed: string;
      };
    };
  };
  spoken: {};
  timeline: {
    escalation: {
      opened: (values: { by: Text; summary: Text }) => string;
      joined: string;
      startedAgain: string;
      worse: (values: { from: Text; to: Text }) => string;
      skipped: (values: { name: Text; why: Text }) => string;
      remembered: (values: { name: Text }) => string;
      optOutOverruled: (values: { name: Text }) => string;
      nobodyInStep: (values: { step: Text }) => string;
      notFoundOut: (values: { step: Text }) => string;
      calling: (values: { name: Text }) => string;
      callingAgain: (values: { name: Text; nth: number }) => string;
      callEnded: (values: { name: Text; result: Text }) => string;
      passedOn: (values: { way: string; name: Text; note: Text | null }) => string;
      pausing: (values: { duration: Text | null }) => string;
      repeating: (values: { round: Text }) => string;
      bundling: (values: { duration: Text }) => string;
      quietHours: (values: { name: Text }) => string;
      halted: (values: { by: Text }) => string;
      resumed: (values: { by: Text }) => string;
      acknowledged: (values: { way: string; name: Text; note: Text | null }) => string;
      acknowledgeTimeout: (values: { name: Text }) => string;
      resolved: (values: { way: string; name: Text; note: Text | null }) => string;
      closed: (values: { duration: Text | null }) => string;
      cancelled: (values: { way: string; name: Text; note: Text | null }) => string;
      testOver: string;
      exhausted: string;
      nobodyCalled: string;
      told: (values: { name: Text }) => string;
      notTold: (values: { name: Text }) => string;
      appInstalled: (values: { name: Text }) => string;
      cardNotDelivered: (values: { name: Text | null; why: Text }) => string;
      webhookGivenUp: (values: { host: Text; event: Text }) => string;
      alertsJoined: (values: { added: number; firing: number }) => string;
      alertsResolved: (values: { firing: number }) => string;
      alertAcknowledged: (values: { by: Text; name: Text }) => string;
      notCovered: (values: { count: number }) => string;
      overAlready: (values: { name: Text }) => string;
    };
    unknown: (values: { event: Text }) => string;
  };
  errors: {};
  alerts: {
    unlisted: (values: { count: number; name: Text }) => string;
    several: (values: { firing: number; first: Text }) => string;
    severalSomeResolved: (values: { firing: number; resolved: number; first: Text }) => string;
    listed: (values: { summary: Text; severity: Text }) => string;
    more: (values: { count: number }) => string;
    noData: (values: { name: Text }) => string;
    queryFailed: (values: { name: Text }) => string;
    budget: (values: { isForecast: boolean; name: Text; spent: Text; of: Text }) => string;
    silent: (values: { name: Text; duration: Text }) => string;
    silentDetails: (values: { lastAt: Text | null }) => string;
  };
  operators: {
    heading: string;
    repeated: (values: { notice: Text; count: number }) => string;
    more: (values: { count: number }) => string;
    notice: {
      intakeRejected: (values: { sender: Text; code: Text; detail: Text }) => string;
      intakeOfStrangers: string;
      intakeFailed: (values: { sender: Text }) => string;
      policyMissing: (values: { sender: Text; policy: Text }) => string;
      exhausted: (values: { policy: Text; summary: Text; id: Text }) => string;
      unreachable: (values: { name: Text; policy: Text; why: Text }) => string;
      webhookFailing: (values: { host: Text; problem: Text }) => string;
      webhookGivenUp: (values: { host: Text; event: Text; id: Text }) => string;
      paused: (values: { by: Text }) => string;
      resumed: (values: { by: Text }) => string;
      notInDirectory: (values: { name: Text; where: Text; why: Text }) => string;
      fileRefused: (values: { count: number }) => string;
      jobStuck: (values: { job: Text; minutes: number }) => string;
    };
    gone: {
      policy: (values: { name: Text; count: number }) => string;
      rotation: (values: { name: Text; count: number }) => string;
      voiceApp: (values: { name: Text; count: number }) => string;
      apiKey: (values: { name: Text; count: number }) => string;
      integration: (values: { name: Text; count: number }) => string;
      heartbeat: (values: { name: Text; count: number }) => string;
    };
  };
  talk: {};
}
