import type { Browser, Page, ViewportSize } from 'playwright-core';
import type { World } from '../world.ts';
import { buildConsole, PATIENCE_MS } from './browser.ts';

const WIDE: ViewportSize = { width: 1280, height: 900 };
export const NARROW: ViewportSize = { width: 320, height: 800 };
export const looks = ['light', 'dark', 'contrast'] as const;

interface Options {
  /** Who reads. Default: Megan Bowen. */
  as?: string;
  look?: (typeof looks)[number];
  viewport?: ViewportSize;
  /** Default: that of the machine. */
  timezoneId?: string;
}

/** Opens a page of the console, in a window of its own, as somebody who has signed in. @param path below /console */
export async function openConsole(
  browser: Browser,
  { url, emulator }: World,
  path: string,
  { as = 'Megan Bowen', look = 'light', viewport = WIDE, ...more }: Options = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', locale: 'en-US', ...more });
  context.setDefaultTimeout(PATIENCE_MS);
  const { id } = emulator.people.get(as);
  await context.addInitScript(
    `sessionStorage.setItem('ringdown.person', '${id}'); localStorage.setItem('ringdown.appearance', '${look}');`,
  );
  await buildConsole({ url });
  const page = await context.newPage();
  await page.goto(`${url}/console${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

/** Whether the page is wider than its window. */
export async function overflows(page: Page): Promise<boolean> {
  return (
    (await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')) ===
    true
  );
}
