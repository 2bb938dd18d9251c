import type { authentication } from '@microsoft/teams-js';
import { CONSENT } from './addresses.ts';
import { SignInNeeded } from './api.ts';
import type { SignedIn } from './signIn.ts';

/** What Teams answers until somebody has agreed that the app may know who they are. */
const NO_CONSENT = /consent|interaction|invalid_grant|resourceRequiresConsent/i;

/** Signs in with the account that Teams runs under. Teams caches the token and renews it. */
export async function signInTeams(teams: typeof authentication): Promise<SignedIn> {
  const token = async (): Promise<string> => {
    try {
      return await teams.getAuthToken();
    } catch (error) {
      if (NO_CONSENT.test(String(error instanceof Error ? error.message : error))) throw new SignInNeeded();
      throw error;
    }
  };
  /** A window in which the person agrees. Afterwards Teams gives a token. */
  const start = async (): Promise<void> => {
    await teams.authenticate({ url: location.origin + CONSENT, width: 600, height: 640 });
  };
  try {
    await token();
    return { state: 'in', account: { token }, signOut: null };
  } catch (error) {
    if (error instanceof SignInNeeded) return { state: 'out', start };
    throw error;
  }
}
