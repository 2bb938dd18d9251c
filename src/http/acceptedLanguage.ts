import type { IncomingHttpHeaders } from 'node:http';
import { languageOf } from '../texts/texts.ts';

/** The first language that the browser asks for and that has texts. */
export function acceptedLanguage(headers: IncomingHttpHeaders): string | undefined {
  const wanted = (headers['accept-language'] ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = Number(/^\s*q=([\d.]+)/.exec(parameters.join(';'))?.[1] ?? 1);
      return { tag: tag.trim(), quality };
    })
    .filter(({ tag, quality }) => languageOf(tag) !== undefined && quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  return wanted[0]?.tag;
}
