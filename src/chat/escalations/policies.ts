import type { Policy } from '../../escalations/policies.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';

/** Finds a policy by name, ignoring case and repeated spaces. Null if there is none. */
export function policyNamed(
  { policies }: Pick<RingdownYaml, 'policies'>,
  words: string,
): { name: string; policy: Policy } | null {
  const wanted = folded(words);
  for (const [name, policy] of Object.entries(policies)) {
    if (folded(name) === wanted) return { name, policy };
  }
  return null;
}

function folded(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}
