import { registerHooks } from 'node:module';

/** @param stale URLs of files that changed, and of all that import them: from now on they are loaded anew */
export function loadAnew(stale: readonly string[]): void {
  const urls = new Set(stale);
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      return urls.has(resolved.url) ? { ...resolved, url: `${resolved.url}?changed` } : resolved;
    },
  });
}
