/** The interface to what places the call: the calling SDK, or its stand-in in the demo. */

export type DeviceState = 'calling' | 'ringing' | 'connected' | 'ended';

export interface DeviceCall {
  /** @throws if muting is not possible now */
  mute(on: boolean): Promise<void>;
  /** One of `0`…`9`, `*`, `#`. */
  press(key: string): Promise<void>;
  hangUp(): Promise<void>;
  /** @param microphoneId the browser's `deviceId` */
  choose(microphoneId: string): Promise<void>;
}

/** The service's result codes; either may be missing. */
export interface DeviceResult {
  code?: number | undefined;
  subCode?: number | undefined;
}

export interface DeviceEvents {
  /** `ended` is reported once, with the service's result. */
  state(state: DeviceState, result?: DeviceResult): void;
  /** The service's ids for this call. */
  named(names: { serverCallId: string | null; callId: string | null }): void;
  captured(captured: { recording: boolean; transcription: boolean }): void;
  /** Whether the microphone is silent or gone; null when it works again. */
  trouble(what: 'noSound' | 'microphoneLost' | null): void;
}

export interface CallWish {
  target: { kind: 'teamsUser' | 'voiceApp' | 'communicationUser' | 'phone'; id: string };
  cloud: 'public' | 'gcch' | 'dod';
  displayName: string;
  token: string;
  muted: boolean;
  microphoneId: string | null;
}

export interface CallingDevice {
  /** @throws if this browser cannot make calls, or the service refuses */
  call(wish: CallWish, events: DeviceEvents): Promise<DeviceCall>;
}
