import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

/** The folder of the package that a file is of: `node_modules/a/node_modules/@b/c`; null for a file of our own. */
function packageOf(file: string): string | null {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? null;
}

/**
 * What the packages of a bundle want to be told with it: for each its name, version and licence, and the texts that it
 * brings of them.
 *
 * @param files what is in the bundle, relative to `root`
 */
export function notices(root: string, files: Iterable<string>): string {
  const folders = new Set([...files].flatMap((file) => packageOf(file) ?? []));
  const parts = [...folders].map((folder) => {
    const { name, version, license } = manifest.parse(
      JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
    );
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
  return `${['Ringdown holds code of these packages.', ...new Set(parts.toSorted())].join(rule)}\n`;
}
