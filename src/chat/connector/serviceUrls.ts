import type { Cloud } from '../../config/clouds.ts';
import { isLoopbackHost } from '../../config/loopback.ts';

/**
 * Whether the bot may answer at this address. With tokens, what is sent there carries the bot's own, so it must be a
 * host of the Bot Framework: the address comes in the body of a request, and whoever owns its host could then speak as
 * the bot. (`trafficmanager.net` and the like are shared: anybody can register a name there. Only full names count.)
 *
 * @param anonymous no tokens (DANGEROUSLY_ALLOW_ANONYMOUS): then only this machine itself is answered
 */
export function isAllowedServiceUrl(
  serviceUrl: string,
  { cloud, anonymous }: { cloud: Pick<Cloud, 'serviceUrlHosts'>; anonymous: boolean },
): boolean {
  // Clients other than ours read backslashes, blanks and control characters in their own ways.
  if (!/^https?:\/\/[^\s\\\p{Cc}]+$/iu.test(serviceUrl)) return false;
  const url = URL.parse(serviceUrl);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  if (anonymous) return isLoopbackHost(url.hostname);
  // A port that is not the scheme's own belongs to none of them.
  if (url.protocol !== 'https:' || url.port) return false;
  return cloud.serviceUrlHosts.some((host) =>
    host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host,
  );
}
