import type * as Teams from '@microsoft/teams-js';

/** What shows the pages: Teams, or a browser. */
export interface Host {
  teams: typeof Teams | null;
  /** `default`, `dark`, `contrast` or `glass`; null in a browser. */
  theme: string | null;
  /** The path below /console that a deep link names. */
  deepLink: string | undefined;
}

const BROWSER: Host = { teams: null, theme: null, deepLink: undefined };
/** A page that stands in a frame of something else waits so long for Teams. */
const PATIENCE_MS = 5_000;

/** Teams shows tabs in a frame, and in its own web view on phones. teams-js is loaded only then. */
export async function findHost(): Promise<Host> {
  const mayBeTeams = window.parent !== window || 'nativeInterface' in window;
  if (!mayBeTeams) return BROWSER;
  const teams = await import('@microsoft/teams-js');
  try {
    await within(PATIENCE_MS, teams.app.initialize());
    const { app, page } = await teams.app.getContext();
    teams.app.notifyAppLoaded();
    void teams.app.notifySuccess();
    return { teams, theme: app.theme, deepLink: page.subPageId };
  } catch {
    return BROWSER;
  }
}

async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  return await Promise.race([
    promise,
    new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('no answer')), ms)),
  ]);
}
