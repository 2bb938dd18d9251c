import type { Target } from './call.ts';

/** Whether this is somebody's mobile: a phone of the telephone network that is known to be theirs. */
export function isMobile({ kind, personId }: Pick<Target, 'kind' | 'personId'>): boolean {
  return kind === 'phone' && personId !== undefined;
}
