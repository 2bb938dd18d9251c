/*
 * Links that open something in Teams. `teamsUrl` is the cloud's.
 * Source: https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-links
 */

/**
 * Opens a chat with a person.
 *
 * @param message fills in the text box; null leaves it empty
 */
export function chatLink(teamsUrl: string, userPrincipalName: string, message: string | null = null): string {
  return link(`${teamsUrl}/l/chat/0/0`, {
    users: userPrincipalName,
    ...(message === null ? {} : { message }),
  });
}

/** Calls a person. */
export function callLink(teamsUrl: string, userPrincipalName: string): string {
  return link(`${teamsUrl}/l/call/0/0`, { users: userPrincipalName });
}

export interface Tab {
  /** The app's id in the tenant's catalogue. */
  teamsAppId: string;
  /** `entityId` of the tab in the app's manifest. */
  entityId: string;
  /** What the tab reads as `page.subPageId` of its context. */
  subPageId: string;
  /** Opened by clients that do not show tabs. */
  webUrl: string;
}

/** Opens a personal tab of an app. */
export function tabLink(teamsUrl: string, { teamsAppId, entityId, subPageId, webUrl }: Tab): string {
  return link(`${teamsUrl}/l/entity/${encodeURIComponent(teamsAppId)}/${encodeURIComponent(entityId)}`, {
    webUrl,
    context: JSON.stringify({ subEntityId: subPageId }),
  });
}

/** Encodes apostrophes and brackets too: clients find links within text. Teams does not read `+` as a space. */
function link(address: string, query: Readonly<Record<string, string>>): string {
  return `${address}?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`;
}
