import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Assets } from '../browserCode/assets.ts';
import type { Cloud } from '../config/clouds.ts';
import { contentSecurityPolicy } from './contentSecurityPolicy.ts';
import { consolePage, type ConsoleTexts } from './page.ts';
import { RingdownError } from '../errors.ts';
import { catalogueOf } from '../texts/catalogue.ts';
import { languageOf } from '../texts/texts.ts';
import { BASE, filled, type Catalogue } from '../texts/textsIn.ts';
import { acceptedLanguage } from '../http/acceptedLanguage.ts';
import { openToAll, type Reply, type RequestHead, type Route } from '../http/route.ts';
import { acceptsGzip, assetReply } from '../http/assetReply.ts';

const pack = promisify(gzip);
/** The name has a hash of the content: another content has another name. */
const FOREVER = { 'Cache-Control': 'public, max-age=31536000, immutable' };

/**
 * The console's HTML, scripts and texts. They are open to everybody and hold nothing secret: what people see comes from
 * /console/api.
 *
 * @param cloud where people sign in; null if they only choose who they are
 * @param language for readers whose browser asks for none that has texts
 */
export function consolePages({
  assets,
  cloud,
  language,
}: {
  assets: Assets;
  cloud: Cloud | null;
  language: () => string | undefined;
}): Route[] {
  const html = async (head: RequestHead): Promise<Reply> => {
    if (/^(api|assets|texts)(\/|$)/.test(head.params['*'] ?? '')) throw new RingdownError('not_found');
    const nonce = randomBytes(16).toString('base64');
    const texts = consoleTexts(acceptedLanguage(head.headers) ?? language() ?? BASE);
    const body = consolePage(texts, await assets.scripts('main'), nonce);
    const packs = acceptsGzip(head.headers);
    return {
      status: 200,
      body: packs ? await pack(body) : body,
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': contentSecurityPolicy(nonce, cloud),
        'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), clipboard-write=(self)',
        'X-Robots-Tag': 'noindex, nofollow',
        Vary: 'Accept-Encoding, Accept-Language',
        ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
      },
    };
  };
  return [
    {
      method: 'GET',
      path: '/console/assets/:name',
      body: 'none',
      admit: openToAll(async (head) => await assetReply(head, assets.find, FOREVER)),
    },
    {
      method: 'GET',
      path: '/console/texts/:language',
      body: 'none',
      admit: openToAll(async ({ params }) => ({
        status: 200,
        body: consoleTexts(params['language'] ?? BASE),
      })),
    },
    ...['/console', '/console/*'].map((path): Route => ({
      method: 'GET',
      path,
      body: 'none',
      admit: openToAll(html),
    })),
  ];
}

function consoleTexts(locale: string): ConsoleTexts {
  const language = languageOf(locale);
  if (language === undefined) return consoleTexts(BASE);
  return { locale, texts: filled(groupsOf(BASE), groupsOf(language)) };
}

/** What the console's pages say. Their escalations have the words of the cards. */
function groupsOf(language: string): Catalogue {
  const { console, cards } = catalogueOf(language);
  return { ...groupIn(console), card: groupIn(groupIn(cards)['escalation']) };
}

function groupIn(part: Catalogue[string] | undefined): Catalogue {
  return typeof part === 'object' ? part : {};
}
