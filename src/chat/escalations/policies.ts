import type { Policy } from '../../escalations/policies.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import type { Texts } from '../../texts/texts.ts';

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

/** Says that there is no such policy, and which there are. */
export function noSuchPolicy(policy: string, ringdown: Pick<RingdownYaml, 'policies'>, texts: Texts): string {
  return texts.chat.escalations.noSuchPolicy({ policy, ...knownPolicies(ringdown, texts) });
}

/** Names all policies. */
export function knownPolicies(
  { policies }: Pick<RingdownYaml, 'policies'>,
  texts: Texts,
): { count: number; known: string } {
  const names = Object.keys(policies);
  return { count: names.length, known: texts.format.allOf(names) };
}

function folded(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}
