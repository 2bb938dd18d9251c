import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { z } from 'zod';

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });
const lock = z.object({
  packages: z.record(z.string(), z.looseObject({ integrity: z.string().optional() })),
});

export interface HeldPackage {
  name: string;
  version: string;
  /** The licence in its manifest. */
  license: string | undefined;
  /** Where it is installed, relative to the project's root. */
  folder: string;
  /** The integrity hash of package-lock.json: `sha512-…`. */
  integrity: string | undefined;
}

/**
 * The package folder that a file belongs to: `node_modules/a/node_modules/@b/c`; null for a file of our own. A
 * node_modules deeper in a package is part of it: teams-js contains copies of others, without their manifests.
 */
function folderOf(file: string): string | null {
  return /^node_modules\/(?:@[^/]+\/)?[^/]+(?:\/node_modules\/(?:@[^/]+\/)?[^/]+)*/.exec(file)?.[0] ?? null;
}

/**
 * The packages with code in esbuild's output, ordered by name and version. Packages that are installed but not
 * loaded are left out, and so are those whose code was removed completely.
 *
 * @param root the project's root, which the metafiles are relative to
 */
export function packagesIn(root: string, metafiles: readonly Metafile[]): HeldPackage[] {
  const { packages } = lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const files = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
  const folders = new Set(files.flatMap((file) => folderOf(file) ?? []));
  return [...folders]
    .map((folder) => ({
      ...manifest.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))),
      folder,
      integrity: packages[folder]?.integrity,
    }))
    .map(({ license, ...held }) => ({ ...held, license }))
    .toSorted((one, other) => keyOf(one).localeCompare(keyOf(other), 'en'));
}

/** Two copies of the same version count as one package. */
export function keyOf({ name, version }: Pick<HeldPackage, 'name' | 'version'>): string {
  return `${name}@${version}`;
}
