import {
  CallClient,
  DiagnosticQuality,
  Features,
  type AudioDeviceInfo,
  type DtmfTone,
} from '@azure/communication-calling';
import { AzureCommunicationTokenCredential, type CommunicationIdentifier } from '@azure/communication-common';
import type { CallingDevice, CallWish } from './device.ts';

/**
 * Calls with Microsoft's calling SDK. UNCONFIRMED: never run against Azure, only compiled against the SDK's types,
 * bundled, and loaded in Chromium under the page's policy.
 */
export const azureDevice: CallingDevice = {
  async call(wish, events) {
    const client = new CallClient();
    const devices = await client.getDeviceManager();
    // The page has asked for permission already, but the SDK lists microphones only after asking itself.
    if (!wish.muted) await devices.askDevicePermission({ audio: true, video: false });
    // The token is not renewed: the call ends before it expires.
    const credential = new AzureCommunicationTokenCredential(wish.token);
    const agent = await client.createCallAgent(credential, { displayName: wish.displayName });
    const choose = async (microphoneId: string): Promise<void> => {
      const wanted = (await devices.getMicrophones()).find((one) => sameDevice(one, microphoneId));
      if (wanted) await devices.selectMicrophone(wanted);
    };
    if (wish.microphoneId !== null) await choose(wish.microphoneId).catch(() => undefined);

    const call = agent.startCall([identifier(wish)], { audioOptions: { muted: wish.muted } });
    let over = false;
    let serverCallId: string | null = null;
    const named = (): void => events.named({ serverCallId, callId: call.id });
    // Available once the call is connected, says "Get server call ID".
    const askName = async (): Promise<void> => {
      serverCallId ??= await call.info.getServerCallId().catch(() => null);
      named();
    };
    call.on('idChanged', named);
    const follow = (): void => {
      switch (call.state) {
        case 'None':
        case 'Connecting':
        case 'EarlyMedia':
        case 'InLobby':
          return events.state('calling');
        case 'Ringing':
          return events.state('ringing');
        case 'Connected':
        case 'LocalHold':
        case 'RemoteHold':
          void askName();
          return events.state('connected');
        case 'Disconnecting':
          return;
        case 'Disconnected': {
          if (over) return;
          over = true;
          events.state('ended', call.callEndReason);
          void agent.dispose().catch(() => undefined);
          credential.dispose();
        }
      }
    };
    call.on('stateChanged', follow);

    const recording = call.feature(Features.Recording);
    const transcription = call.feature(Features.Transcription);
    const told = (): void =>
      events.captured({
        recording: recording.isRecordingActive,
        transcription: transcription.isTranscriptionActive,
      });
    recording.on('isRecordingActiveChanged', told);
    transcription.on('isTranscriptionActiveChanged', told);

    call.feature(Features.UserFacingDiagnostics).media.on('diagnosticChanged', ({ diagnostic, value }) => {
      const bad = value === true || value === DiagnosticQuality.Bad;
      if (diagnostic === 'noMicrophoneDevicesEnumerated') events.trouble(bad ? 'microphoneLost' : null);
      if (diagnostic === 'microphoneNotFunctioning' || diagnostic === 'microphoneMuteUnexpectedly') {
        events.trouble(bad ? 'noSound' : null);
      }
    });
    named();
    follow();
    told();

    return {
      mute: async (on) => await (on ? call.mute() : call.unmute()),
      press: async (key) => await call.sendDtmf(tones[key] ?? 'Flash'),
      hangUp: async () => await call.hangUp(),
      choose,
    };
  },
};

/** The SDK's microphone ids are the browser's with a prefix: `microphone:<deviceId>`. */
function sameDevice({ id }: AudioDeviceInfo, microphoneId: string): boolean {
  return id === microphoneId || id === `microphone:${microphoneId}`;
}

function identifier({ target, cloud }: CallWish): CommunicationIdentifier {
  switch (target.kind) {
    case 'teamsUser':
      return { microsoftTeamsUserId: target.id, cloud };
    case 'voiceApp':
      return { teamsAppId: target.id, cloud };
    case 'communicationUser':
      return { communicationUserId: target.id };
    case 'phone':
      return { phoneNumber: target.id };
  }
}

const tones: Readonly<Record<string, DtmfTone>> = {
  '0': 'Num0',
  '1': 'Num1',
  '2': 'Num2',
  '3': 'Num3',
  '4': 'Num4',
  '5': 'Num5',
  '6': 'Num6',
  '7': 'Num7',
  '8': 'Num8',
  '9': 'Num9',
  '*': 'Star',
  '#': 'Pound',
};
