import { readFileSync } from 'node:fs';
import { json, text } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import { phonesView } from './view.ts';
import type { PhonesSource } from './view.ts';

/** No external sources, no inline code, no frames: names and messages stay text, whatever they contain. */
const protection = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const files = {
  '/phones': ['index.html', 'text/html; charset=utf-8'],
  '/phones/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/phones/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/phones/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** The page with everybody's phone. It reads here; its buttons use the control API. */
export function phonesPageRoutes(emulator: PhonesSource): Route[] {
  const reading = (path: string, handle: Route['handle']): Route => ({
    method: 'GET',
    path,
    operation: 'control',
    handle,
  });
  return [
    ...Object.entries(files).map(([path, [name, type]]) => reading(path, () => page(name, type))),
    reading('/phones/state', (request) =>
      json(200, phonesView(emulator, request.url.searchParams.get('find') ?? ''), protection),
    ),
  ];
}

function page(name: string, type: string): Answer {
  const answer = text(200, readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8'), type);
  return { ...answer, headers: { ...answer.headers, ...protection } };
}
