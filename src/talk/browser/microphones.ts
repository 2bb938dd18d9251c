import type { TalkTrouble } from '../pageModel.ts';

/**
 * Asks for permission to use the microphone. Releases it at once, because the calling device opens it again.
 *
 * @returns the problem, as a key of the texts; null if there is none
 */
export async function askForMicrophone(): Promise<TalkTrouble | null> {
  if (!window.isSecureContext) return 'insecure';
  if (!('mediaDevices' in navigator)) return 'notSupported';
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    return null;
  } catch (error) {
    switch (error instanceof DOMException ? error.name : '') {
      case 'NotFoundError':
      case 'OverconstrainedError':
        return 'noMicrophone';
      case 'NotReadableError':
      case 'AbortError':
        return 'microphoneBusy';
      case 'NotAllowedError':
      case 'SecurityError':
        return 'microphoneDenied';
      default:
        return 'notSupported';
    }
  }
}

/** The available microphones. They have names only after the browser has granted permission. */
export async function microphones(): Promise<MediaDeviceInfo[]> {
  if (!('mediaDevices' in navigator)) return [];
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return all.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '');
}
