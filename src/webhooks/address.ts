import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Addresses that a webhook must not reach: those of this machine, of the networks around it, and of no host at all.
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

export class AddressRefused extends Error {
  constructor() {
    super('the address is of a private network: allowPrivate in ringdown.yaml allows it');
    this.name = 'AddressRefused';
  }
}

/** All addresses of a name, as `dns.lookup` gives them. */
export type Resolve = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

const ask: Resolve = (host, done) => {
  resolve(host, { all: true }, (error, addresses) => done(error, addresses ?? []));
};

/**
 * Looks a name up when the connection is made, and hands on public addresses only: what is checked is what is connected
 * to, whatever the name meant a moment ago. Names only: an address in the URL is not looked up, see `isPublicHost`.
 */
export function publicLookup(resolveAll: Resolve = ask): LookupFunction {
  return (host, options, done) => {
    resolveAll(host, (error, found) => {
      if (error) {
        done(error, '', 0);
        return;
      }
      const family =
        options.family === 4 || options.family === 'IPv4'
          ? 4
          : options.family === 6 || options.family === 'IPv6'
            ? 6
            : 0;
      const addresses = found.filter(
        (one) => isPublicAddress(one.address) && (family === 0 || one.family === family),
      );
      const [first] = addresses;
      if (!first) done(new AddressRefused(), '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** False for a URL that names a private address itself. URL has brought every spelling (`0x7f.1`) to one form. */
export function isPublicHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 || isPublicAddress(host);
}
