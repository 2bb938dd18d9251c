import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are not on the open internet: those of this machine, of the networks around it, and of no host at all.
 * Sources: IANA's special-purpose registries for IPv4 and IPv6. The one of Azure's own (168.63.129.16, "What is IP
 * address 168.63.129.16?") looks public and is not.
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
/** All of IPv6 that is not global unicast, and within that what carries an IPv4 address or is for documents. */
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

/** Whether this address is on the open internet. IPv4 written as IPv6 (`::ffff:10.0.0.1`) is no way around. */
export function isPublicAddress(address: string): boolean {
  // An interface (`fe80::1%eth0`) belongs to no public address.
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, 'ipv4');
    case 6:
      return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
    default:
      return false;
  }
}

/** This machine, and networks that no router of the internet leads to (RFC 1918, RFC 4193, link-local). */
const neighbours = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  neighbours.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  neighbours.addSubnet(net, prefix, 'ipv6');
}

/**
 * Whether somebody at this address is on this machine or a network around it. That is less than not `isPublicAddress`,
 * which means by IPv6 also what carries the IPv4 address of anybody (`::ffff:8.8.8.8`, 6to4, Teredo).
 */
export function isNeighbour(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return neighbours.check(address, 'ipv4');
    case 6:
      // An interface stands behind a link-local address (`fe80::1%eth0`).
      return neighbours.check(address.replace(/%.*$/, ''), 'ipv6');
    default:
      return false;
  }
}

/** False for a URL that names a private address itself. URL has brought every spelling (`0x7f.1`) to one form. */
export function isPublicHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 || isPublicAddress(host);
}

/** What proxies add to a request. Some say nothing of who sent it. */
const OF_PROXIES = /^(?:forwarded|via|x-forwarded-.+|x-real-ip|x-original-.+|.+-connecting-ip)$/;

/** Whether a proxy has brought a request: then its address is the proxy's. One that adds nothing cannot be told. */
export function isForwarded(headers: object): boolean {
  return Object.keys(headers).some((name) => OF_PROXIES.test(name.toLowerCase()));
}
