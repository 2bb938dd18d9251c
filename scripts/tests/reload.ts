import { registerHooks } from 'node:module';

/**
 * Reloads these modules on their next import.
 *
 * @param stale URLs of changed files and of everything that imports them
 */
export function reload(stale: readonly string[]): void {
  const urls = new Set(stale);
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      return urls.has(resolved.url) ? { ...resolved, url: `${resolved.url}?changed` } : resolved;
    },
  });
}
