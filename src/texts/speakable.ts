import { guid } from '../config/guids.ts';

/**
 * Prepares a text for reading out. A voice would spell a URL for a minute, so only its host is kept; the card has the
 * rest. Ids mean nothing to a listener and are removed, and a resource id is reduced to its name.
 *
 * @param line a text on one line
 * @returns the line itself if nothing would remain
 */
export function speakable(line: string): string {
  const said = line
    // The label of Markdown and Slack links.
    .replace(/!?\[([^\]]*)\]\(\s*<?[a-z][a-z0-9+.-]*:[^)]*\)/gi, '$1')
    .replace(/<[a-z][a-z0-9+.-]*:\/\/[^|>\s]*\|([^>]*)>/gi, '$1')
    .replace(ADDRESS, hostOf)
    .replace(/(?<![\w/.])\/subscriptions(?:\/[^\s/"'<>,;)\]]+)+\/?/gi, (id) => lastPart(id))
    .replace(ID, '')
    .replace(/\*\*|`/g, '')
    // Brackets and quotes that are empty now.
    .replace(/\(\s*\)|\[\s*\]|<\s*>|(["'])\s*\1/g, '')
    .replace(/\s+([,.;:!?)])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return /[\p{L}\p{N}]/u.test(said) ? said : line;
}

/** A URL with a scheme, or a host of several labels with a path or a query. */
const ADDRESS =
  /(?<![\w.+-])(?:[a-z][a-z0-9+.-]*:\/\/[^\s<>"]+|(?:[a-z0-9-]+\.){2,}[a-z]{2,}(?::\d+)?[/?][^\s<>"]*)/gi;

const ID = new RegExp(String.raw`\b${guid}\b|\b[0-9a-f]{32,}\b`, 'gi');

/** Reduces a URL to its host. Punctuation at its end belongs to the sentence and stays. */
function hostOf(address: string): string {
  const [end = ''] = /[.,;:!?…'”’»]*$/.exec(address) ?? [];
  const bare = address.slice(0, address.length - end.length);
  // A bracket that was not opened in the URL belongs to the sentence.
  const close = /[)\]}]+$/.exec(bare)?.[0] ?? '';
  const isOwn = close !== '' && /[([{]/.test(bare);
  const inner = isOwn ? bare : bare.slice(0, bare.length - close.length);
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(inner)?.[1] ?? '';
  return `${host.replace(/[[\]]/g, '')}${isOwn ? '' : close}${end}`;
}

function lastPart(id: string): string {
  return id.split('/').findLast((part) => part !== '') ?? '';
}
