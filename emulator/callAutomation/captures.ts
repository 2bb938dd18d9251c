import type { CallRecord, LiveCall } from './call.ts';
import type { Calls } from './calls.ts';

/** Recording and transcription that somebody other than the application starts or stops. */
export class Captures {
  readonly #calls: Calls;
  readonly #now: () => number;

  constructor(calls: Calls, now: () => number) {
    this.#calls = calls;
    this.#now = now;
  }

  /** @returns false if nothing changes, or the call is not connected */
  record(call: LiveCall, on: boolean): boolean {
    const { record } = call;
    if (record.state !== 'connected' || (record.recording?.on ?? false) === on) return false;
    record.recording =
      !on && record.recording
        ? { ...record.recording, on }
        : { id: newRecordingId(record), startedAt: this.#now(), on };
    const { id: recordingId, startedAt } = record.recording;
    this.#calls.announce(call, 'RecordingStateChanged', {
      operationContext: null,
      source: `calling/recordings/${record.serverCallId}/${recordingId}/RecordingStateChanged`,
      fields: {
        recordingId,
        state: on ? 'active' : 'inactive',
        recordingKind: 'teams',
        startDateTime: new Date(startedAt).toISOString(),
      },
    });
    return true;
  }

  transcribe(call: LiveCall, on: boolean): boolean {
    const { record } = call;
    if (record.state !== 'connected' || record.transcribing === on) return false;
    record.transcribing = on;
    const transcriptionStatus = on ? 'transcriptionStarted' : 'transcriptionStopped';
    this.#calls.announce(call, on ? 'TranscriptionStarted' : 'TranscriptionStopped', {
      operationContext: null,
      fields: {
        transcriptionUpdate: { transcriptionStatus, transcriptionStatusDetails: 'subscriptionStarted' },
      },
    });
    return true;
  }
}

/** Base64 of JSON, as recorded. */
function newRecordingId({ callConnectionId }: CallRecord): string {
  const id = { PlatformEndpointId: callConnectionId, ResourceSpecificId: 'emulator' };
  return Buffer.from(JSON.stringify(id)).toString('base64');
}
