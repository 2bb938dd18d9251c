import type { SpeechContext } from '../call.ts';

const speechContexts: Record<SpeechContext, true> = {
  message: true,
  message2: true,
  message3: true,
  message4: true,
  message5: true,
  message6: true,
  connecting: true,
  transferFailed: true,
  acknowledged: true,
  takenOver: true,
};

/** The context of a play as it comes back with the service's events; null for one that is not ours. */
export function speechContext(context: string | null): SpeechContext | null {
  return context !== null && isSpeechContext(context) ? context : null;
}

export function isSpeechContext(context: string): context is SpeechContext {
  return Object.hasOwn(speechContexts, context);
}
