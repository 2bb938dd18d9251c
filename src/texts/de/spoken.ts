import type { Format, SpokenMessage, Texts } from '../language.ts';

/** The longest spoken alert, in characters: about half a minute. */
const ALERT_LIMIT = 600;

export function spoken({ line, speech }: Format): Texts['spoken'] {
  function hello(givenName: string | null): string {
    return givenName ? line`Hallo ${givenName}.` : 'Hallo.';
  }

  function spokenMessage({ givenName, requester, message, limit, restOnCard }: SpokenMessage): string {
    const opening = `${hello(givenName)} ${line`Hier ist Ringdown, im Auftrag von ${requester}.`} Die Nachricht lautet:`;
    const rest = restOnCard
      ? 'Der Rest steht auf der Karte im Chat.'
      : 'Der Rest der Nachricht ist zu lang zum Vorlesen.';
    return speech(message, limit, {
      twice: (whole) => `${opening} ${whole} Ich wiederhole: ${whole} Auf Wiederhören.`,
      once: (whole) => `${opening} ${whole} Auf Wiederhören.`,
      part: (beginning) => `${opening} ${beginning} ${rest} Auf Wiederhören.`,
    });
  }

  return {
    message: spokenMessage,
    connecting: ({ givenName, requester }) =>
      `${hello(givenName)} ${line`${requester} möchte mit Ihnen sprechen. Ich verbinde.`}`,
    transferFailed: ({ requester }) =>
      line`Ich konnte Sie nicht verbinden. Bitte rufen Sie ${requester} in Teams zurück. Auf Wiederhören.`,
    test: () => 'Dies ist ein Testanruf von Ringdown. Ihr Telefon funktioniert. Auf Wiederhören.',
    acknowledged: () => 'Danke. Sie haben den Alarm übernommen. Auf Wiederhören.',
    takenOver: ({ by, how }) => {
      if (how === 'resolved') return 'Der Alarm ist behoben. Sie müssen nichts tun. Auf Wiederhören.';
      if (how === 'cancelled')
        return 'Der Alarm wurde zurückgezogen. Sie müssen nichts tun. Auf Wiederhören.';
      return line`${by} hat den Alarm übernommen. Sie müssen nichts tun. Auf Wiederhören.`;
    },
    alert: ({ givenName, summary, test, keys, again }) => {
      const kind = test
        ? 'Dies ist ein Test von Ringdown, kein echter Alarm.'
        : 'Hier ist Ringdown mit einem Alarm.';
      const how = keys
        ? 'Drücken Sie die 1, um zu übernehmen, die 2, um weiterzugeben, die 3, um es noch einmal zu hören.'
        : 'Bitte übernehmen Sie auf der Karte in Teams.';
      const opening = again ? 'Ich wiederhole:' : `${hello(givenName)} ${kind}`;
      return speech(summary, ALERT_LIMIT, {
        twice: (whole) => `${opening} ${whole} ${how}`,
        once: (whole) => `${opening} ${whole} ${how}`,
        part: (beginning) => `${opening} ${beginning} Der ganze Text steht auf der Karte in Teams. ${how}`,
      });
    },
  };
}
