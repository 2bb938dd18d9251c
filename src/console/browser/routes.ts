/** The console's pages and their addresses below /console. Pure. */

export const pages = {
  now: '/',
  duty: '/duty',
  history: '/history',
  charts: '/charts',
  policies: '/policies',
  health: '/health',
  call: '/calls/:id',
  escalation: '/escalations/:id',
  policy: '/policies/:id',
} as const;

export type PageName = keyof typeof pages;
/** Pages that the navigation lists, in its order. */
export const listed = ['now', 'duty', 'history', 'charts', 'policies', 'health'] as const;
export type ListedPage = (typeof listed)[number];

/** The page that the navigation marks while this path is open. */
export function listedPageOf(path: string): ListedPage | null {
  const [first = ''] = path.split('/').filter(Boolean);
  switch (first) {
    case '':
    case 'escalations':
      return 'now';
    case 'calls':
      return 'history';
    default:
      return listed.find((page) => page === first) ?? null;
  }
}

/** The address of one call, escalation or policy. */
export function pathTo(page: 'call' | 'escalation' | 'policy', id: string): string {
  return pages[page].replace(':id', encodeURIComponent(id));
}

/**
 * The path that a deep link of Teams names: "escalations/123" is `/escalations/123`.
 *
 * @returns null if it is not the path of a page
 */
export function pathOfDeepLink(subPageId: string | undefined): string | null {
  if (subPageId === undefined || !/^[\w/%.~-]{1,300}$/.test(subPageId)) return null;
  const parts = subPageId.split('/').filter(Boolean);
  const path = `/${parts.join('/')}`;
  const isPage = Object.values(pages).some((pattern) => {
    const wanted = pattern.split('/').filter(Boolean);
    return (
      wanted.length === parts.length &&
      wanted.every((part, index) => part.startsWith(':') || part === parts[index])
    );
  });
  return isPage ? path : null;
}
