/** What the page may load and connect to. Pure. */

/**
 * The Microsoft hosts that the calling SDK connects to, from "Prepare your organization's network" of Azure
 * Communication Services and from the SDK's own code. Media uses WebRTC, to which the policy does not apply.
 * UNCONFIRMED: not tried against Azure. A missing host shows as a violation in the browser's console.
 */
const SERVICE_HOSTS = [
  '*.communication.azure.com',
  '*.microsoft.com',
  '*.skype.com',
  '*.azure.com',
  '*.azure.net',
  '*.office.com',
  '*.office.net',
  '*.trouter.io',
] as const;
const GOVERNMENT_HOSTS = [
  '*.communication.azure.us',
  '*.microsoft.us',
  '*.azure.us',
  '*.office365.us',
] as const;

/**
 * The page's Content-Security-Policy: only our own scripts and styles, nothing inline.
 *
 * @param emulator origin of the emulator, which replaces all Microsoft hosts; null for the real service
 */
export function contentSecurityPolicy(emulator: string | null, cloud: 'public' | 'gcch' | 'dod'): string {
  const hosts = cloud === 'public' ? SERVICE_HOSTS : [...SERVICE_HOSTS, ...GOVERNMENT_HOSTS];
  const service =
    emulator === null ? hosts.flatMap((host) => [`https://${host}`, `wss://${host}`]) : [emulator];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${service.join(' ')}`,
    "media-src 'self' blob: mediastream:",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
