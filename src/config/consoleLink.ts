import { tabLink } from './teamsLinks.ts';

/** A page of the console that shows one thing. */
export interface ConsolePage {
  kind: 'call' | 'escalation';
  id: string;
}

/** `entityId` in appPackage/manifest.json is the tab that each page opens in. */
const pages = {
  call: { path: 'calls', tab: 'history' },
  escalation: { path: 'escalations', tab: 'now' },
} as const satisfies Record<ConsolePage['kind'], { path: string; tab: string }>;

export interface ConsoleAddresses {
  publicUrl: string;
  /** Origin of links into Teams. */
  teamsUrl: string;
  /** The app's id in the tenant's catalogue, if it is known. */
  teamsAppId: string | undefined;
}

/** The link to a page of the console: to the tab for readers in Teams, else to the browser. */
export function consoleLink(
  { kind, id }: ConsolePage,
  channelId: string,
  { publicUrl, teamsUrl, teamsAppId }: ConsoleAddresses,
): string {
  const { path, tab } = pages[kind];
  const subPageId = `/${path}/${encodeURIComponent(id)}`;
  const webUrl = `${publicUrl}/console${subPageId}`;
  if (channelId !== 'msteams' || teamsAppId === undefined) return webUrl;
  return tabLink(teamsUrl, { teamsAppId, entityId: tab, subPageId, webUrl });
}

/** The link for readers of this chat channel (`msteams`, …); null if the console is off. */
export type LinkToConsole = (page: ConsolePage, channelId: string) => string | null;
