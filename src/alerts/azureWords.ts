/** How what Azure Monitor tells becomes words that can be read out. */

import { guid } from '../config/guids.ts';

const GUID = new RegExp(String.raw`^\{?${guid}\}?$`, 'i');
/** More than that nobody remembers who is called at night. */
const MOST_SPOKEN = 3;
const LONGEST_SPOKEN = 80;

/** Of a resource's id its name; anything else as it is. */
export function lastPart(id: string): string {
  const text = id.trim();
  return text.startsWith('/') ? (text.split('/').findLast((part) => part !== '') ?? '') : text;
}

/** `rule: what (where, where)`, of which nothing is said twice, and nothing that means nothing when it is heard. */
export function sentence({
  rule,
  what,
  where,
}: {
  rule: string;
  what: string;
  where: readonly string[];
}): string {
  const head = (says(what, rule) ? [what] : [rule, what]).filter((part) => part.trim() !== '').join(': ');
  const places = [...new Set(where.map(lastPart))].filter(
    (place) => isSpeakable(place) && !says(head, place),
  );
  const named = places.slice(0, MOST_SPOKEN).join(', ');
  if (head === '') return named;
  return named === '' ? head : `${head} (${named})`;
}

/** Whether these words stand in a text, not only as a part of others: `vm-1` is not in `vm-12`. */
function says(text: string, words: string): boolean {
  const [all, part] = [text.toLowerCase(), words.trim().toLowerCase()];
  for (let at = all.indexOf(part); at >= 0; at = all.indexOf(part, at + 1)) {
    const around = `${all.slice(0, at).slice(-1)} ${all.slice(at + part.length).slice(0, 1)}`;
    if (part === '' || !/[\p{L}\p{N}_-]/u.test(around)) return true;
  }
  return false;
}

function isSpeakable(text: string): boolean {
  return text !== '' && text !== '*' && text.length <= LONGEST_SPOKEN && !GUID.test(text);
}

/** Dimensions whose value says enough without their name. */
const NAMES_A_THING = /^(_?resource(id|name)?|computer|host(name)?|instance|node|vm(name)?|device|pod)$/i;

/** A dimension as it is said beside the alert; empty if it says nothing. */
export function dimensionWords({ name, value }: { name: string; value: string }): string {
  const thing = lastPart(value);
  if (!isSpeakable(thing)) return '';
  return NAMES_A_THING.test(name) ? thing : `${name} ${thing}`;
}

/** Service Health writes its news in HTML. */
export function withoutHtml(text: string): string {
  return text
    .replace(/<(?:br|\/p|\/li|\/tr|\/div|\/h\d)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[ \t]+/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
    .trim();
}

/** `Microsoft.Compute/virtualMachines/restart/action`: what was done to what. */
export function operationWords(operation: string): string {
  const [, ...parts] = operation.split('/');
  return parts.filter((part) => part !== 'action').join(' ');
}
