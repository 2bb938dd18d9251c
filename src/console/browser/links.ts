/** Links from outside may name any scheme. Only these are shown as links. Pure. */
export function safeHref(href: string): string | null {
  try {
    const { protocol } = new URL(href);
    return protocol === 'https:' || protocol === 'http:' ? href : null;
  } catch {
    return null;
  }
}
