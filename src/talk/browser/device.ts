/** What the page needs of whatever makes the call: the calling SDK, or its stand-in in the demo. */

export type DeviceState = 'calling' | 'ringing' | 'connected' | 'ended';

export interface DeviceCall {
  /** @throws if it cannot be done now */
  mute(on: boolean): Promise<void>;
  /** One of `0`…`9`, `*`, `#`. */
  press(key: string): Promise<void>;
  hangUp(): Promise<void>;
  /** @param microphoneId as the browser names it (`deviceId`) */
  choose(microphoneId: string): Promise<void>;
}

/** As the service told it, which may leave any of it out. */
export interface DeviceResult {
  code?: number | undefined;
  subCode?: number | undefined;
}

export interface DeviceEvents {
  /** `ended` comes once, with the service's result. */
  state(state: DeviceState, result?: DeviceResult): void;
  /** What the service calls this call. */
  named(names: { serverCallId: string | null; callId: string | null }): void;
  captured(captured: { recording: boolean; transcription: boolean }): void;
  /** The microphone sends nothing, or is gone; null when that is over. */
  trouble(what: 'noSound' | 'microphoneLost' | null): void;
}

export interface CallWish {
  target: { kind: 'teamsUser' | 'voiceApp' | 'communicationUser'; id: string };
  cloud: 'public' | 'gcch' | 'dod';
  displayName: string;
  token: string;
  muted: boolean;
  microphoneId: string | null;
}

export interface CallingDevice {
  /** @throws if no call can be made in this browser, or the service does not let it */
  call(wish: CallWish, events: DeviceEvents): Promise<DeviceCall>;
}
