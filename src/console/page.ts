import { escapeHtml, jsonInHtml } from '../browserCode/html.ts';
import type { Catalogue } from '../texts/textsIn.ts';

/** The messages between the console's HTML and its script. The browser's code imports the types. */

/** Embedded in the page as JSON, and the answer of `GET /console/texts/{language}`. It holds nothing secret. */
export interface ConsoleTexts {
  /** BCP 47, with the reader's region. */
  locale: string;
  /** The group `console` of the language's file, and as `card` what cards of escalations say. English fills gaps. */
  texts: Catalogue;
}

/** The icon of the browser's tab: a ringing telephone's arcs. */
const ICON = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#5b5fc7"/>' +
    '<path d="M5 3.5a7 7 0 0 0 7.5 7.5M5 7a4 4 0 0 0 4 4" stroke="#fff" stroke-width="1.6" fill="none" stroke-linecap="round"/>' +
    '<circle cx="5.4" cy="10.6" r="1.5" fill="#fff"/></svg>',
);

/**
 * The HTML of every page of the console. The script does the rest.
 *
 * @param scripts below /console/assets/: the one to run is the last, and imports the others
 * @param nonce of the Content-Security-Policy, for styles that the script inserts
 */
export function consolePage(model: ConsoleTexts, scripts: readonly string[], nonce: string): string {
  const script = scripts.at(-1) ?? '';
  const preloads = scripts
    .slice(0, -1)
    .map((name) => `<link rel="modulepreload" href="/console/assets/${escapeHtml(name)}" />`);
  return `<!doctype html>
<html lang="${escapeHtml(model.locale)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex, nofollow" />
    <meta name="nonce" content="" nonce="${nonce}" />
    <title>Ringdown</title>
    <link rel="icon" href="data:image/svg+xml,${ICON}" />
    ${preloads.join('\n    ')}
    <script type="module" src="/console/assets/${escapeHtml(script)}"></script>
    <style nonce="${nonce}">body { margin: 0 }</style>
  </head>
  <body>
    <div id="root"></div>
    <noscript>Ringdown needs JavaScript.</noscript>
    <script type="application/json" id="model">${jsonInHtml(model)}</script>
  </body>
</html>
`;
}
