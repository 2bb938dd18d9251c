import type { Call, Speech } from '../calls/call.ts';
import { textsFor } from '../texts/texts.ts';

/** What the callee hears, as plain text for speech synthesis. */
export function wordsOf(
  call: Call,
  { context, nth }: Speech,
  keys: boolean,
): { text: string; locale: string; voice: string | null } {
  const texts = textsFor(call.language);
  const voice = call.purpose.kind === 'escalate' ? (call.purpose.voice ?? null) : null;
  return { text: words(), locale: texts.speechLocale, voice };

  function words(): string {
    const requester = call.requestedBy.name;
    const givenName = call.target.givenName ?? null;
    switch (context) {
      case 'connecting':
        return texts.spoken.connecting({ givenName, requester });
      case 'transferFailed':
        return texts.spoken.transferFailed({ requester });
      case 'acknowledged':
        return texts.spoken.acknowledged();
      case 'takenOver':
        return texts.spoken.takenOver({
          by: call.facts.takenOver?.by ?? '',
          how: call.facts.takenOver?.how ?? 'acknowledged',
        });
      case 'message':
        if (call.purpose.kind === 'test') return texts.spoken.test();
        if (call.purpose.kind === 'escalate') {
          const { message: summary, test } = call.purpose;
          return texts.spoken.alert({ givenName, summary, test, keys, again: nth > 1 });
        }
        return call.purpose.kind === 'speak'
          ? texts.spoken.message({ givenName, requester, message: call.purpose.message })
          : texts.spoken.connecting({ givenName, requester });
    }
  }
}
