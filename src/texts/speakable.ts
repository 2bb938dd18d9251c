import { guid } from '../config/guids.ts';

/**
 * What of a text can be read out. A voice reads an address character by character, for a minute: its host is said, and the
 * card keeps the rest. Ids that mean nothing when they are heard are left out, and of a resource's id its name is kept.
 *
 * @param line on one line
 * @returns the line itself if nothing of it could be read out
 */
export function speakable(line: string): string {
  const said = line
    // Links as Markdown and Slack write them: their words.
    .replace(/!?\[([^\]]*)\]\(\s*<?[a-z][a-z0-9+.-]*:[^)]*\)/gi, '$1')
    .replace(/<[a-z][a-z0-9+.-]*:\/\/[^|>\s]*\|([^>]*)>/gi, '$1')
    .replace(ADDRESS, hostOf)
    .replace(/(?<![\w/.])\/subscriptions(?:\/[^\s/"'<>,;)\]]+)+\/?/gi, (id) => lastPart(id))
    .replace(ID, '')
    .replace(/\*\*|`/g, '')
    // What stood around it says nothing alone.
    .replace(/\(\s*\)|\[\s*\]|<\s*>|(["'])\s*\1/g, '')
    .replace(/\s+([,.;:!?)])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return /[\p{L}\p{N}]/u.test(said) ? said : line;
}

/** An address with a scheme; or a host of several names with a path or a query behind it. */
const ADDRESS =
  /(?<![\w.+-])(?:[a-z][a-z0-9+.-]*:\/\/[^\s<>"]+|(?:[a-z0-9-]+\.){2,}[a-z]{2,}(?::\d+)?[/?][^\s<>"]*)/gi;

const ID = new RegExp(String.raw`\b${guid}\b|\b[0-9a-f]{32,}\b`, 'gi');

/** What ends the sentence around an address is not part of it. */
function hostOf(address: string): string {
  const [end = ''] = /[.,;:!?…'”’»]*$/.exec(address) ?? [];
  const bare = address.slice(0, address.length - end.length);
  // A bracket that was not opened within the address closes what stands around it.
  const close = /[)\]}]+$/.exec(bare)?.[0] ?? '';
  const isOwn = close !== '' && /[([{]/.test(bare);
  const inner = isOwn ? bare : bare.slice(0, bare.length - close.length);
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(inner)?.[1] ?? '';
  return `${host.replace(/[[\]]/g, '')}${isOwn ? '' : close}${end}`;
}

function lastPart(id: string): string {
  return id.split('/').findLast((part) => part !== '') ?? '';
}
