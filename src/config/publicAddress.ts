import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are not on the public internet: those of this machine, of private networks, and special-purpose
 * ones. Sources: IANA's special-purpose registries for IPv4 and IPv6. One Azure platform address looks public but is
 * not (168.63.129.16, "What is IP address 168.63.129.16?").
 */
const refused = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  refused.addSubnet(net, prefix, 'ipv4');
}
/**
 * All of IPv6 except global unicast, and the global unicast ranges that embed an IPv4 address or are for
 * documentation.
 */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
const special = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  special.addSubnet(net, prefix, 'ipv6');
}

/** Whether an address is on the public internet. Also checks IPv4 addresses written as IPv6 (`::ffff:10.0.0.1`). */
export function isPublicAddress(address: string): boolean {
  // An address with a zone (`fe80::1%eth0`) is never public.
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, 'ipv4');
    case 6:
      return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Loopback and private networks (RFC 1918, RFC 4193, link-local). */
const privateRanges = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv6');
}

/**
 * Whether an address is on this machine or a private network. This is stricter than `!isPublicAddress`, which also
 * covers IPv6 addresses that embed any IPv4 address (`::ffff:8.8.8.8`, 6to4, Teredo).
 */
export function isPrivateAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return privateRanges.check(address, 'ipv4');
    case 6:
      // Link-local addresses may have a zone (`fe80::1%eth0`).
      return privateRanges.check(address.replace(/%.*$/, ''), 'ipv6');
    default:
      return false;
  }
}

/** False if the host of the URL is a private address. URL normalises every spelling (`0x7f.1`). */
export function isPublicHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 || isPublicAddress(host);
}

/** Headers that proxies add. Some do not say who sent the request. */
const PROXY_HEADERS = /^(?:forwarded|via|x-forwarded-.+|x-real-ip|x-original-.+|.+-connecting-ip)$/;

/**
 * Whether a request came through a proxy; its source address is then the proxy's. A proxy that adds no header cannot
 * be detected.
 */
export function isForwarded(headers: object): boolean {
  return Object.keys(headers).some((name) => PROXY_HEADERS.test(name.toLowerCase()));
}
