import { app, authentication } from '@microsoft/teams-js';
import { loadSignIn } from './signIn.ts';
import { signInEntra } from './signInEntra.ts';

/** The window in which somebody in Teams agrees: leads to the login page, and after the return tells Teams. */
export async function giveConsent(): Promise<void> {
  const how = await loadSignIn();
  if (how.mode !== 'entra') return;
  const signedIn = await signInEntra(how);
  if (signedIn.state === 'out') return await signedIn.start?.();
  await app.initialize();
  authentication.notifySuccess();
}
