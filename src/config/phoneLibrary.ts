import nodeModule from 'node:module';
import type * as Library from 'libphonenumber-js/max';

/** Exists only in the bundle (scripts/bundle), which contains the library as code that runs when it is required. */
declare const require: ((name: string) => typeof Library) | undefined;

let loaded: typeof Library | undefined;

/**
 * The rules of all countries for telephone numbers, loaded when the first number is read: that takes 100 ms of CPU time
 * and 20 MB, and most installations call no numbers.
 */
export function phoneLibrary(): typeof Library {
  loaded ??= load();
  return loaded;
}

function load(): typeof Library {
  if (typeof require === 'function') return require('libphonenumber-js/max');
  const requireHere: (name: string) => typeof Library = nodeModule.createRequire(import.meta.url);
  return requireHere('libphonenumber-js/max');
}
