import type { CallingDevice, CallWish } from './device.ts';

/** The emulator's state of a call. */
interface EmulatedCall {
  id: string;
  state: 'calling' | 'ringing' | 'connected' | 'ended';
  result: { code: number; subCode: number } | null;
  recording: boolean;
  transcription: boolean;
  serverCallId: string | null;
  callId: string | null;
}

const POLL_MS = 300;

/** Stands in for the calling SDK with the emulator. Its phones ring and can be answered, but there is no sound. */
export function standInDevice(emulator: string): CallingDevice {
  return {
    async call(wish, events) {
      const ask = async (method: string, path: string, body?: object): Promise<Response> =>
        await fetch(`${emulator}/calling/clientCalls${path}`, {
          method,
          // Lets a page that is being closed hang up.
          keepalive: true,
          headers: {
            authorization: `Bearer ${wish.token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
      const act = async (method: string, path: string, body?: object): Promise<EmulatedCall> => {
        const answer = await ask(method, path, body);
        if (!answer.ok) throw new Error(`the emulator answered ${answer.status}`);
        // The emulator is part of this repository, so its answers are trusted.
        return (await answer.json()) as EmulatedCall;
      };
      const { displayName, muted } = wish;
      const { id } = await act('POST', '', { to: rawId(wish), displayName, muted });
      let over = false;
      const take = (call: EmulatedCall): void => {
        if (over) return;
        over = call.state === 'ended';
        events.named(call);
        events.captured(call);
        events.state(call.state, call.result ?? undefined);
      };
      const poll = async (): Promise<void> => {
        try {
          take(await act('GET', `/${id}`));
        } catch {
          // The emulator cannot be reached now. The next poll asks again.
        }
        if (!over) setTimeout(() => void poll(), POLL_MS);
      };
      void poll();
      return {
        mute: async (on) => take(await act('POST', `/${id}/mute`, { on })),
        press: async (key) => take(await act('POST', `/${id}/press`, { key })),
        hangUp: async () => take(await act('POST', `/${id}/hang-up`)),
        choose: async () => undefined,
      };
    },
  };
}

function rawId({ target, cloud }: CallWish): string {
  const place = cloud === 'public' ? 'orgid' : cloud;
  switch (target.kind) {
    case 'teamsUser':
      return `8:${place}:${target.id}`;
    case 'voiceApp':
      return `28:${place}:${target.id}`;
    case 'communicationUser':
      return target.id;
    case 'phone':
      return `4:${target.id}`;
  }
}
