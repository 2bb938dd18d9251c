import type { Format, SpokenMessage, Texts } from '../language.ts';

/** The longest spoken alert, in characters: about half a minute. */
const ALERT_LIMIT = 600;

export function spoken({ line, speech }: Format): Texts['spoken'] {
  function hello(givenName: string | null): string {
    return givenName ? line`Hello ${givenName}.` : 'Hello.';
  }

  function spokenMessage({ givenName, requester, message, limit, restOnCard }: SpokenMessage): string {
    const opening = `${hello(givenName)} ${line`This is Ringdown, calling for ${requester}.`} The message is:`;
    const rest = restOnCard
      ? 'The rest is on the card in chat.'
      : 'The rest of the message is too long to read out.';
    return speech(message, limit, {
      twice: (whole) => `${opening} ${whole} I repeat: ${whole} Goodbye.`,
      once: (whole) => `${opening} ${whole} Goodbye.`,
      part: (beginning) => `${opening} ${beginning} ${rest} Goodbye.`,
    });
  }

  return {
    message: spokenMessage,
    connecting: ({ givenName, requester }) =>
      `${hello(givenName)} ${line`${requester} is calling you. Connecting you now.`}`,
    transferFailed: ({ requester }) =>
      line`I could not connect you. Please call ${requester} back in Teams. Goodbye.`,
    test: () => 'This is a test call from Ringdown. Your phone works. Goodbye.',
    acknowledged: () => 'Thank you. You have acknowledged the alert. Goodbye.',
    takenOver: ({ by, how }) => {
      if (how === 'resolved') return 'The alert is resolved. You do not need to do anything. Goodbye.';
      if (how === 'cancelled') return 'The alert was stopped. You do not need to do anything. Goodbye.';
      return line`${by} has acknowledged the alert. You do not need to do anything. Goodbye.`;
    },
    alert: ({ givenName, summary, test, keys, again }) => {
      const kind = test ? 'This is a test of Ringdown. Nothing is wrong.' : 'This is Ringdown with an alert.';
      const how = keys
        ? 'Press 1 to acknowledge, 2 to pass it on, 3 to hear it again.'
        : 'Please acknowledge it on the card in Teams.';
      const opening = again ? 'I repeat:' : `${hello(givenName)} ${kind}`;
      return speech(summary, ALERT_LIMIT, {
        twice: (whole) => `${opening} ${whole} ${how}`,
        once: (whole) => `${opening} ${whole} ${how}`,
        part: (beginning) => `${opening} ${beginning} The full text is on the card in Teams. ${how}`,
      });
    },
  };
}
