/** What the page may load and talk to. Pure. */

/**
 * Hosts of Microsoft's that the calling SDK reaches, from "Prepare your organization's network" of Azure Communication
 * Services and the addresses in the SDK itself. Media goes by WebRTC, which no such policy binds.
 * UNCONFIRMED: not tried against Azure; a host that is missing shows as a violation in the browser's console.
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
 * The page's Content-Security-Policy: scripts and styles of our own only, nothing inline.
 *
 * @param emulator origin of the emulator, which then stands for all of Microsoft's
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
