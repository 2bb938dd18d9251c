import type { TalkTrouble } from '../../texts/talkTexts.ts';

/**
 * Asks for the microphone, and lets it go again: whoever makes the call opens it anew.
 *
 * @returns what is in the way, in a word for which there is a text; null if nothing is
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

/** Those that there are; they have names only after the browser has been asked. */
export async function microphones(): Promise<MediaDeviceInfo[]> {
  if (!('mediaDevices' in navigator)) return [];
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return all.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '');
}
