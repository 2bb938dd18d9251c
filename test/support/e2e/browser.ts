import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

/** Ignored by git. */
const screenshots = fileURLToPath(new URL('../../e2e/screenshots/', import.meta.url));

/** Far longer than anything takes, even on a busy machine. */
export const PATIENCE_MS = 20_000;

/** Chromium prepares suggestions for the address bar of each window, which takes a second of CPU time. */
const addressBar = ['AimEnabled', 'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

/**
 * It reaches only this machine: a test must not depend on the network, and the demo works without it.
 *
 * @param more command-line switches
 * @param disabled features of Chromium to disable
 */
export async function openBrowser(
  more: readonly string[] = [],
  disabled: readonly string[] = [],
): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${[...addressBar, ...disabled].join()}`,
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      ...more,
    ],
  });
}

/** The first request of a process builds the console's pages, which may take longer than the patience of a test. */
export async function buildConsole({ url }: { url: string }): Promise<void> {
  await (await fetch(`${url}/console`)).text();
}

/** What the pages show, after a failed test. */
export async function keepScreenshots(pages: Record<string, Page>, title: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  const name = title.replace(/[^\w]+/g, '-').slice(0, 80);
  for (const [which, page] of Object.entries(pages)) {
    if (!page.isClosed()) await page.screenshot({ path: `${screenshots}${name}-${which}.png` });
  }
}
