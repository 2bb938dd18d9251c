import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './publicAddress.ts';

export class AddressRefused extends Error {
  constructor() {
    super('the address is of a private network: allowPrivate in ringdown.yaml allows it');
    this.name = 'AddressRefused';
  }
}

/** Looks up all addresses of a name, like `dns.lookup`. */
export type Resolve = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

const ask: Resolve = (host, done) => {
  resolve(host, { all: true }, (error, addresses) => done(error, addresses ?? []));
};

/**
 * A look-up that returns public addresses only. Node calls it when it connects, so the address that is checked is the
 * address that is used, even if the name changes. Node does not look up an address in a URL: see `isPublicHost`.
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
