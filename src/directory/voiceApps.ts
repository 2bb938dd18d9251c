import type { Person } from './directory.ts';
import { atomsOf, joined } from './folding.ts';

/** Names of voice applications (auto attendants, call queues) and the object ids of their resource accounts. */
export type VoiceApps = Readonly<Record<string, string>>;

/** The voice application of ringdown.yaml with this name. Spaces, hyphens, accents and case do not matter. */
export function voiceAppNamed(text: string, apps: VoiceApps): { name: string; id: string } | null {
  const names = Object.entries(apps);
  if (names.length === 0) return null;
  const wanted = keyOf(text);
  const found = names.find(([name]) => wanted !== '' && keyOf(name) === wanted);
  return found ? { name: found[0], id: found[1].toLowerCase() } : null;
}

function keyOf(name: string): string {
  return joined(atomsOf(name.replace(/^\s*the\s/iu, ''))).plain;
}

/** A voice application that ringdown.yaml names. Graph need not show it; only a call tells whether it exists. */
export function voiceApp(name: string, id: string): Person {
  return {
    id,
    displayName: name,
    givenName: null,
    surname: null,
    userPrincipalName: '',
    mail: null,
    otherAddresses: [],
    jobTitle: null,
    department: null,
    accountEnabled: null,
    userType: null,
    assignedPlans: null,
    kind: 'resourceAccount',
  };
}
