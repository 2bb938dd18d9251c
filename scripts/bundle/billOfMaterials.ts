import { keyOf, type HeldPackage } from './packages.ts';

/** One SPDX licence, or several joined by AND, OR and WITH. Other licences are given as text. */
const SPDX = /^\(?[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*\)?$/;

/**
 * The bill of materials of a bundle, in CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/). It has no time stamp or
 * serial number, so that the same sources produce the same bytes.
 */
export function billOfMaterials(
  own: { name: string; version: string },
  packages: readonly HeldPackage[],
): string {
  const components = new Map(packages.map((held) => [keyOf(held), component(held)]));
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { 'bom-ref': keyOf(own), type: 'application', name: own.name, version: own.version },
    },
    components: [...components.values()],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function component({ name, version, license, integrity }: HeldPackage) {
  const [algorithm, hash = ''] = integrity?.split('-') ?? [];
  return {
    'bom-ref': keyOf({ name, version }),
    type: 'library',
    name,
    version,
    // The @ of a scope is percent-encoded (https://github.com/package-url/purl-spec).
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license !== undefined && {
      licenses: [SPDX.test(license) ? { expression: license } : { license: { name: license } }],
    }),
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }],
    }),
  };
}
