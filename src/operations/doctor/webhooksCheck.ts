import { lookup } from 'node:dns/promises';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { isPublicAddress } from '../../config/publicAddress.ts';
import { found, passed, type Finding } from './findings.ts';

/** Checks whether the hosts of webhooks exist. Sends nothing: the receiver would take it for an event. */
export async function checkWebhooks({ webhooks }: Pick<RingdownYaml, 'webhooks'>): Promise<Finding[]> {
  return await Promise.all(
    webhooks.map(async ({ url, allowPrivate }, index) => {
      const { hostname } = new URL(url);
      const where = `webhooks, entry ${index + 1} (${hostname})`;
      const bare = hostname.replace(/^\[|\]$/g, '');
      const addresses = await lookup(bare, { all: true }).catch(() => []);
      if (addresses.length === 0) {
        return found(
          'webhookUnresolvable',
          `${where}: the host does not exist.`,
          `url: "https://…"   in ringdown.yaml, webhooks, entry ${index + 1}`,
        );
      }
      if (!allowPrivate && addresses.some(({ address }) => !isPublicAddress(address))) {
        return found(
          'webhookAddressPrivate',
          `${where}: it points into a private network, so nothing is sent.`,
          `allowPrivate: true   in ringdown.yaml, webhooks, entry ${index + 1}, if that is intended`,
        );
      }
      return passed('webhooks', `${where}: the host exists.`);
    }),
  );
}
