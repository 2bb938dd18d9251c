import { InteractionRequiredAuthError, PublicClientApplication } from '@azure/msal-browser';
import type { SignIn } from '../model.ts';
import { SIGNED_IN } from './addresses.ts';
import { SignInNeeded } from './api.ts';
import type { SignedIn } from './signIn.ts';

/** Signs in by the browser's redirect to Entra. */
export async function signInEntra({
  clientId,
  authority,
  scope,
}: SignIn & { mode: 'entra' }): Promise<SignedIn> {
  const msal = new PublicClientApplication({
    auth: {
      clientId,
      authority,
      knownAuthorities: [new URL(authority).host],
      redirectUri: location.origin + SIGNED_IN,
      postLogoutRedirectUri: `${location.origin}/console`,
    },
    // A closed tab ends the session here. A new one signs in again without asking.
    cache: { cacheLocation: 'sessionStorage' },
  });
  await msal.initialize();
  const returned = await msal.handleRedirectPromise();
  const account = returned?.account ?? msal.getAllAccounts()[0];
  const scopes = [scope];
  const start = async (): Promise<void> => {
    await msal.acquireTokenRedirect({ scopes, ...(account ? { account } : {}) });
  };
  if (!account) return { state: 'out', start };
  return {
    state: 'in',
    signOut: async () => await msal.logoutRedirect({ account }),
    account: {
      token: async (renew) => {
        try {
          return (await msal.acquireTokenSilent({ scopes, account, forceRefresh: renew })).accessToken;
        } catch (error) {
          if (error instanceof InteractionRequiredAuthError) throw new SignInNeeded();
          throw error;
        }
      },
    },
  };
}
