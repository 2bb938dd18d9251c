import type { SignIn } from '../model.ts';
import type { Account } from './api.ts';
import type { Host } from './host.ts';

/** Where somebody stands with signing in. */
export type SignedIn = {
  /** Leads to the login page or asks for consent; null in `choose` mode, where the person picks who they are. */
  start: (() => Promise<void>) | null;
} & ({ state: 'in'; account: Account; signOut: (() => Promise<void>) | null } | { state: 'out' });

/** How people sign in at this server. */
export async function loadSignIn(): Promise<SignIn> {
  const response = await fetch('/console/api/sign-in');
  if (!response.ok) throw new TypeError(`the server answered ${response.status}`);
  return (await response.json()) as SignIn;
}

const CHOSEN = 'ringdown.person';

/** The account of the person who was chosen in this tab; null if none was. */
function chosenAccount(): Account | null {
  const id = sessionStorage.getItem(CHOSEN);
  return id === null ? null : { token: async () => await Promise.resolve(`as:${id}`) };
}

/** @param id null to choose again */
export function choosePerson(id: string | null): void {
  if (id === null) sessionStorage.removeItem(CHOSEN);
  else sessionStorage.setItem(CHOSEN, id);
}

/** Signs in without asking anything of the person, if that is possible. MSAL and teams-js load only when needed. */
export async function signIn(how: SignIn, host: Host): Promise<SignedIn> {
  if (how.mode === 'choose') {
    const account = chosenAccount();
    return account ? { state: 'in', account, signOut: null, start: null } : { state: 'out', start: null };
  }
  if (host.teams !== null)
    return await (await import('./signInTeams.ts')).signInTeams(host.teams.authentication);
  return await (await import('./signInEntra.ts')).signInEntra(how);
}
