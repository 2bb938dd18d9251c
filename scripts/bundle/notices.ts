import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeldPackage } from './packages.ts';

/**
 * The licence notices of a bundle's packages: for each its name, version and licence, and the licence texts that it
 * ships.
 *
 * @param root the folder that the packages are installed in
 */
export function notices(root: string, packages: readonly HeldPackage[]): string {
  const parts = packages.map(({ name, version, license, folder }) => {
    const texts = globSync('{LICEN[CS]E,license,licence,License,COPYING,NOTICE,ThirdPartyNotices}*', {
      cwd: join(root, folder),
      exclude: (entry) => /\.[cm]?[jt]s$/.test(entry),
    })
      .toSorted()
      .map((file) =>
        readFileSync(join(root, folder, file), 'utf8')
          .replaceAll('\r\n', '\n')
          .trim(),
      );
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
  });
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `${['Ringdown contains code of these packages.', ...new Set(parts)].join(rule)}\n`;
}
