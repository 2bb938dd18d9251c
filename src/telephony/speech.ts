import type { Call, Speech, Target } from '../calls/call.ts';
import { wrongPins } from '../calls/purposes/escalateByPhone.ts';
import { Verbatim } from '../texts/message.ts';
import { BASE } from '../texts/textsIn.ts';
import { languageOf, textsFor, type Texts } from '../texts/texts.ts';

/** The longest spoken alert, in characters: about half a minute. */
const ALERT_LIMIT = 600;
/** The same where it is only named: about ten seconds. */
const NAMED_LIMIT = 160;

/**
 * What the callee hears, as plain text for speech synthesis.
 *
 * @param keys whether to ask people to press keys
 * @param voices the name of a voice for each language
 * @returns `voice` is null if the service chooses one for the locale
 */
export function wordsOf(
  call: Call,
  { context, nth }: Speech,
  keys: boolean,
  voices: Readonly<Record<string, string>>,
): { text: string; locale: string; voice: string | null } {
  const texts = textsFor(call.language);
  const { spoken, speech } = texts;
  const policyVoice = call.purpose.kind === 'escalate' ? call.purpose.voice : undefined;
  const voice = policyVoice ?? voices[languageOf(call.language) ?? BASE] ?? null;
  return { text: words(), locale: speech.locale, voice };

  function words(): string {
    const requester = call.requestedBy.name;
    const name = nameToGreet(call.target, texts);
    switch (context) {
      case 'connecting':
        return spoken.connecting({ name, requester });
      case 'transferFailed':
        return spoken.transferFailed({ requester });
      case 'acknowledged':
        return spoken.acknowledged;
      case 'takenOver': {
        const { by = '', how = 'acknowledged' } = call.facts.takenOver ?? {};
        return how === 'acknowledged' ? spoken.takenOver.acknowledged({ by }) : spoken.takenOver[how];
      }
      case 'wrongKey':
      case 'pinRefused':
        return spoken.phone[context];
      case 'confirm':
      case 'pin': {
        const wrong = wrongPins(call.facts) > 0;
        const summary = 'message' in call.purpose ? call.purpose.message : '';
        return named(summary, texts, (alert) =>
          context === 'pin' ? spoken.phone.pin({ alert, wrong }) : spoken.phone.confirm({ alert }),
        );
      }
      case 'message':
        if (call.purpose.kind === 'test') return spoken.test;
        if (call.purpose.kind === 'escalate') {
          const { message: summary, test } = call.purpose;
          return spokenAlert({ name, summary, test, keys, again: nth > 1 }, texts);
        }
        return call.purpose.kind === 'speak'
          ? spokenMessage({ name, requester, message: call.purpose.message }, texts)
          : spoken.connecting({ name, requester });
    }
  }
}

/** A sentence that names the alert once more. It may not be interrupted, so a long text is cut. */
function named(summary: string, { format }: Texts, say: (alert: Verbatim) => string): string {
  const whole = (text: string): string => say(new Verbatim(text));
  return format.speech(summary, NAMED_LIMIT, { twice: whole, once: whole, part: whole });
}

/** What the voice calls the callee; null if they have no name to be greeted with. */
export function nameToGreet({ kind, displayName, givenName }: Target, { speech }: Texts): string | null {
  if (speech.calledBy === 'displayName' && kind === 'teamsUser') return displayName;
  return givenName ?? null;
}

/**
 * A message that somebody asked Ringdown to speak.
 *
 * @param limit the maximum length in characters; `SPEECH_LIMIT` by default
 */
export function spokenMessage(
  { message, ...who }: { name: string | null; requester: string; message: string },
  texts: Texts,
  limit?: number,
): string {
  const { twice, once, part } = texts.spoken.message;
  return texts.format.speech(message, limit, {
    twice: (whole) => twice({ ...who, message: new Verbatim(whole) }),
    once: (whole) => once({ ...who, message: new Verbatim(whole) }),
    part: (beginning) => part({ ...who, message: new Verbatim(beginning) }),
  });
}

interface SpokenAlert {
  name: string | null;
  summary: string;
  test: boolean;
  /** Whether keys are known to work. Otherwise they are not mentioned. */
  keys: boolean;
  /** Whether it was said before. */
  again: boolean;
}

/** The message of an escalation. */
export function spokenAlert({ summary, again, ...alert }: SpokenAlert, texts: Texts): string {
  const { alert: words } = texts.spoken;
  const say = again ? words.again : words.first;
  const whole = (text: string): string => say({ ...alert, alert: new Verbatim(text), part: false });
  return texts.format.speech(summary, ALERT_LIMIT, {
    twice: whole,
    once: whole,
    part: (beginning) => say({ ...alert, alert: new Verbatim(beginning), part: true }),
  });
}
