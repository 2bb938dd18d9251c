import type { Cloud } from '../../config/clouds.ts';
import { isLoopbackHost } from '../../config/loopback.ts';

/**
 * Whether the bot may send answers to this address. The address comes in the body of a request, and answers carry the
 * bot's token, so the owner of any other host could act as the bot. Only hosts of the Bot Framework are allowed, by
 * their full names: anybody can register a name under shared domains such as `trafficmanager.net`.
 *
 * @param anonymous DANGEROUSLY_ALLOW_ANONYMOUS: no tokens are used, and only loopback addresses are allowed
 */
export function isAllowedServiceUrl(
  serviceUrl: string,
  { cloud, anonymous }: { cloud: Pick<Cloud, 'serviceUrlHosts'>; anonymous: boolean },
): boolean {
  // HTTP clients disagree on how to read backslashes, spaces and control characters.
  if (!/^https?:\/\/[^\s\\\p{Cc}]+$/iu.test(serviceUrl)) return false;
  const url = URL.parse(serviceUrl);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  if (anonymous) return isLoopbackHost(url.hostname);
  // None of these hosts uses a non-standard port.
  if (url.protocol !== 'https:' || url.port) return false;
  return cloud.serviceUrlHosts.some((host) =>
    host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host,
  );
}
