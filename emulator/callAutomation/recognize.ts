import type { Timer } from '../clock.ts';
import type { Tone } from '../people/script.ts';
import type { Recognize } from './bodies.ts';
import type { LiveCall } from './call.ts';
import type { Dtmf } from './dtmf.ts';
import type { MediaOperation } from './mediaLeg.ts';
import { playFailure, speak } from './play.ts';
import type { MediaContext, MediaParts, Speech } from './play.ts';
import { results } from './results.ts';
import type { Result } from './results.ts';

/**
 * One recognize request: plays the prompt, then collects tones until there are enough, a stop tone comes, a choice
 * matches, or a silence timeout. Nobody speaks in the emulator, so speech recognition always ends in silence.
 */
export function recognizeOperation(
  parts: MediaParts & { dtmf: Dtmf },
  call: LiveCall,
  body: Recognize,
  context: MediaContext,
): MediaOperation {
  const { calls, timers, dtmf } = parts;
  const { recognizeOptions: options, recognizeInputType: inputType } = body;
  const { initialSilenceTimeoutInSeconds: silence = 5, interruptPrompt = false, choices = [] } = options;
  const { maxTonesToCollect, interToneTimeoutInSeconds = 2, stopTones = [] } = options.dtmfOptions ?? {};
  const hearsKeys = inputType !== 'speech';
  const tones: Tone[] = [];
  let prompt: Speech | null = null;
  let timer: Timer | null = null;
  let finish: () => void = () => undefined;

  const stop = (): void => {
    timer?.cancel();
    prompt?.stop();
    dtmf.unlisten(call);
  };
  const end = (type: string, result: Result, fields: Record<string, unknown> = {}): void => {
    stop();
    calls.announce(call, type, { ...context, result, fields });
    finish();
  };
  const complete = (result: Result): void => {
    end('RecognizeCompleted', result, { recognitionType: 'dtmf', dtmfResult: { tones } });
  };
  const waitForFirst = (): void => {
    prompt = null;
    timer = timers.after(silence * 1000, () => end('RecognizeFailed', results.initialSilence));
  };
  const take = (tone: Tone): void => {
    if (prompt && !interruptPrompt) return;
    prompt?.stop();
    prompt = null;
    timer?.cancel();
    if (inputType === 'choices') {
      const choice = choices.find((candidate) => candidate.tone === tone);
      const fields = { recognitionType: 'choices', choiceResult: { label: choice?.label } };
      if (choice) end('RecognizeCompleted', results.choiceMatched, fields);
      else waitForFirst();
      return;
    }
    if (stopTones.includes(tone)) {
      complete(results.stopTone);
      return;
    }
    tones.push(tone);
    if (maxTonesToCollect !== undefined && tones.length >= maxTonesToCollect) {
      complete(results.maxDigits);
      return;
    }
    timer = timers.after(interToneTimeoutInSeconds * 1000, () =>
      end('RecognizeFailed', results.interDigitTimeout),
    );
  };

  return {
    start(done) {
      finish = done;
      const sources = [...(body.playPrompt ? [body.playPrompt] : []), ...(body.playPrompts ?? [])];
      const failure = sources.length > 0 ? playFailure(call, sources) : null;
      if (failure) {
        end('RecognizeFailed', failure.result, { failedPlaySourceIndex: failure.index });
        return;
      }
      if (hearsKeys) dtmf.listen(call, take);
      if (sources.length === 0) {
        waitForFirst();
        return;
      }
      prompt = speak(parts, call, sources, context.operationContext, false, () => {
        call.ring?.heard();
        waitForFirst();
      });
    },
    cancel() {
      stop();
      calls.announce(call, 'RecognizeCanceled', { ...context, result: results.mediaCancelled });
    },
    drop() {
      timer?.cancel();
      prompt?.drop();
      dtmf.unlisten(call);
    },
  };
}
