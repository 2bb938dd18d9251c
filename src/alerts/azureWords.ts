/** Turns what Azure Monitor sends into words that can be spoken. Pure. */

import { isGuid } from '../config/guids.ts';

/** Somebody called at night remembers no more than this. */
const MOST_SPOKEN = 3;
const LONGEST_SPOKEN = 80;

/** The name at the end of a resource id; any other text unchanged. */
export function lastPart(id: string): string {
  const text = id.trim();
  return text.startsWith('/') ? (text.split('/').findLast((part) => part !== '') ?? '') : text;
}

/** `rule: what (where, where)`, without repetitions and without parts that mean nothing when spoken. */
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

/** Whether a text contains these words as whole words: `vm-12` does not contain `vm-1`. */
function says(text: string, words: string): boolean {
  const [all, part] = [text.toLowerCase(), words.trim().toLowerCase()];
  for (let at = all.indexOf(part); at >= 0; at = all.indexOf(part, at + 1)) {
    const around = `${all.slice(0, at).slice(-1)} ${all.slice(at + part.length).slice(0, 1)}`;
    if (part === '' || !/[\p{L}\p{N}_-]/u.test(around)) return true;
  }
  return false;
}

function isSpeakable(text: string): boolean {
  return text !== '' && text !== '*' && text.length <= LONGEST_SPOKEN && !isGuid(text.replace(/[{}]/g, ''));
}

/** Dimensions whose value needs no name beside it. */
const NAMES_A_THING = /^(_?resource(id|name)?|computer|host(name)?|instance|node|vm(name)?|device|pod)$/i;

/** A dimension in spoken words; empty if it means nothing. */
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

/** `Microsoft.Compute/virtualMachines/restart/action` becomes `virtualMachines restart`. */
export function operationWords(operation: string): string {
  const [, ...parts] = operation.split('/');
  return parts.filter((part) => part !== 'action').join(' ');
}
