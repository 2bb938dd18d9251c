import type { Timer } from '../clock.ts';
import type { Changes } from '../changes.ts';
import { parseCodes } from '../people/script.ts';
import type { PlaySource } from './bodies.ts';
import type { LiveCall, Spoken } from './call.ts';
import type { Calls } from './calls.ts';
import type { MediaOperation } from './mediaLeg.ts';
import type { ReachParts } from './reach.ts';
import { results, scriptedResult } from './results.ts';
import type { Result } from './results.ts';

export interface MediaParts extends ReachParts {
  calls: Calls;
  changes: Changes;
}

export interface MediaContext {
  operationContext: string | null;
  callbackUri: string | undefined;
}

/** One play request, from PlayStarted to its end. */
export function playOperation(
  parts: MediaParts,
  call: LiveCall,
  sources: PlaySource[],
  loop: boolean,
  context: MediaContext,
): MediaOperation {
  const { calls } = parts;
  let speech: Speech | null = null;
  return {
    start(done) {
      const failure = playFailure(call, sources);
      if (failure) {
        const fields = { failedPlaySourceIndex: failure.index };
        calls.announce(call, 'PlayFailed', { ...context, result: failure.result, fields });
        done();
        return;
      }
      calls.announce(call, 'PlayStarted', context);
      speech = speak(parts, call, sources, context.operationContext, loop, () => {
        calls.announce(call, 'PlayCompleted', context);
        call.ring?.heard();
        done();
      });
    },
    cancel() {
      speech?.stop();
      calls.announce(call, 'PlayCanceled', { ...context, result: results.mediaCancelled });
    },
    drop: () => speech?.drop(),
  };
}

export interface Speech {
  /** Stops in the middle. */
  stop(): void;
  drop(): void;
}

/** Speaks the sources one after another to the callee. Calls `done` at the end; never for a loop. */
export function speak(
  { timers, timings, changes }: MediaParts,
  call: LiveCall,
  sources: PlaySource[],
  operationContext: string | null,
  loop: boolean,
  done: () => void,
): Speech {
  const { record, ring } = call;
  const texts = sources.map(textOf);
  const spoken: Spoken[] = [];
  let timer: Timer;
  const say = (index: number): void => {
    const text = texts[index];
    if (text === undefined) {
      if (loop) say(0);
      else done();
      return;
    }
    const entry: Spoken = { at: timers.now(), text, operationContext, outcome: null };
    spoken.push(entry);
    record.spoken.push(entry);
    ring?.hear(text);
    const { callConnectionId } = record;
    changes.tell({ type: 'spoken', callConnectionId, personId: ring?.person.id ?? null, text });
    timer = timers.after(Math.max(1, text.length * timings.perCharacterMs), () => {
      entry.outcome = 'completed';
      say(index + 1);
    });
  };
  say(0);
  return {
    stop() {
      timer.cancel();
      for (const entry of spoken) entry.outcome ??= 'cancelled';
    },
    drop: () => timer.cancel(),
  };
}

/** Text to speech works only if createCall named a Cognitive Services resource. */
export function playFailure(call: LiveCall, sources: PlaySource[]): { index: number; result: Result } | null {
  const script = call.ring?.playFails;
  if (script !== undefined) return { index: 0, result: scriptedResult(parseCodes(script)) };
  if (call.record.cognitiveServicesEndpoint !== null) return null;
  const index = sources.findIndex((source) => source.kind !== 'file');
  return index === -1 ? null : { index, result: results.cognitiveServices };
}

/** What a person hears: the text without SSML tags; for a file, its name. */
function textOf(source: PlaySource): string {
  switch (source.kind) {
    case 'text':
      return source.text.text;
    case 'ssml':
      return plainText(source.ssml.ssmlText);
    case 'file':
      return `[${source.file.uri}]`;
  }
}

const entities: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

function plainText(ssml: string): string {
  const words = ssml
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos);/g, (entity) => entities[entity] ?? entity);
  return words.replace(/\s+/g, ' ').trim();
}
