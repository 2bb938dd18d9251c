import assert from 'node:assert/strict';
import type { Browser, Page, ViewportSize } from 'playwright-core';
import type { World } from '../world.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole, PATIENCE_MS } from './browser.ts';

export const WIDE: ViewportSize = { width: 1280, height: 900 };
export const NARROW: ViewportSize = { width: 320, height: 800 };
const looks = ['light', 'dark', 'contrast'] as const;

interface Options {
  /** Who reads. Default: Megan Bowen. */
  as?: string;
  viewport?: ViewportSize;
  /** Default: that of the machine. */
  timezoneId?: string;
}

/** Opens a page of the console, in a window of its own, as somebody who has signed in. @param path below /console */
export async function openConsole(
  browser: Browser,
  { url, emulator }: World,
  path: string,
  { as = 'Megan Bowen', viewport = WIDE, ...more }: Options = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', locale: 'en-US', ...more });
  context.setDefaultTimeout(PATIENCE_MS);
  const { id } = emulator.people.get(as);
  await context.addInitScript(`sessionStorage.setItem('ringdown.person', '${id}')`);
  await buildConsole({ url });
  const page = await context.newPage();
  await page.goto(`${url}/console${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

/** Chooses this look in the menu of the person, which does not load the page again. */
async function wear(page: Page, look: (typeof looks)[number]): Promise<void> {
  await page.getByRole('banner').getByRole('button').last().click();
  await page.getByRole('menuitemradio', { name: titles[look], exact: true }).click();
  await page.locator(`[data-look=${look}]`).waitFor();
  if (await page.getByRole('menu').isVisible()) await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'hidden' });
  // Else it stays over what is under the menu.
  await page.mouse.move(0, 0);
}

const titles = { light: 'Light', dark: 'Dark', contrast: 'High contrast' };

/** Repeats a check in each look, without another load. */
export async function inEachLook(page: Page, check: (look: string) => Promise<void>): Promise<void> {
  for (const look of looks) {
    await wear(page, look);
    await check(look);
  }
}

/** Checks that everybody can use the page in each look, on narrow and on wide screens. */
export async function suitsEverybody(page: Page, name: string): Promise<void> {
  await inEachLook(page, async (look) => {
    for (const size of [NARROW, WIDE]) {
      await page.setViewportSize(size);
      await fits(page, `${name}: ${look}, ${size.width} px`);
    }
  });
}

/** Checks the page as it is shown now. */
export async function fits(page: Page, what: string): Promise<void> {
  assert.deepEqual(await accessibilityFaults(page), [], what);
  assert.equal(await overflows(page), false, what);
}

/** Whether the page is wider than its window. */
export async function overflows(page: Page): Promise<boolean> {
  return (
    (await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')) ===
    true
  );
}
