import type { Cloud } from '../config/clouds.ts';

/**
 * The Content-Security-Policy of the console's pages: only our own scripts, and styles that know the nonce (Griffel
 * inserts its rules at run time). Pure.
 *
 * @param cloud where people sign in, and whose Teams may show the pages in a frame; null if nobody signs in
 */
export function contentSecurityPolicy(
  nonce: string,
  cloud: Pick<Cloud, 'loginUrl' | 'tabHosts'> | null,
): string {
  // MSAL renews a token in a frame of the login host, which then returns to our own origin.
  const login = cloud === null ? '' : ` ${cloud.loginUrl}`;
  const ancestors = cloud === null ? "'none'" : `'self' ${cloud.tabHosts.join(' ')}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    `connect-src 'self'${login}`,
    ...(cloud === null ? [] : [`frame-src 'self'${login}`]),
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
  ].join('; ');
}
