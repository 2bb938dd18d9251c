import assert from 'node:assert/strict';
import type { Page, ViewportSize } from 'playwright-core';
import type { World } from '../world.ts';
import { accessibilityFaults } from './accessibility.ts';
import { buildConsole } from './browser.ts';
import { WIDE, type opensWindows } from './windows.ts';

export const NARROW: ViewportSize = { width: 320, height: 800 };
const looks = ['light', 'dark', 'contrast'] as const;
type Look = (typeof looks)[number];

interface Options {
  /** Who reads. Default: Megan Bowen. */
  as?: string;
  /** Default: that of the machine. */
  timezoneId?: string;
}

/** Opens a page of the console, in a window of its own, as somebody who has signed in. @param path below /console */
export async function openConsole(
  open: ReturnType<typeof opensWindows>,
  { url, emulator }: World,
  path: string,
  { as = 'Megan Bowen', ...more }: Options = {},
): Promise<Page> {
  const { id } = emulator.people.get(as);
  const page = await open({ ...more, script: `sessionStorage.setItem('ringdown.person', '${id}')` });
  await buildConsole({ url });
  await page.goto(`${url}/console${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

/** Chooses this look in the menu of the person, which does not load the page again. */
async function wear(page: Page, look: Look): Promise<void> {
  if ((await page.locator(`[data-look=${look}]`).count()) > 0) return;
  await page.getByRole('banner').getByRole('button').last().click();
  await page.getByRole('menuitemradio', { name: titles[look], exact: true }).click();
  await page.locator(`[data-look=${look}]`).waitFor();
  if (await page.getByRole('menu').isVisible()) await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'hidden' });
  // Else it stays over what is under the menu.
  await page.mouse.move(0, 0);
}

const titles = { light: 'Light', dark: 'Dark', contrast: 'High contrast' };

/**
 * Checks that everybody can use what the page shows, in each look, on these screens. `show` is called before each
 * check, `hide` after it. The looks differ in colours only, so the rules about anything else are checked in the first.
 */
export async function suitsEverybody(
  page: Page,
  name: string,
  { sizes = [NARROW, WIDE], show = nothing, hide = nothing }: Shown = {},
): Promise<void> {
  for (const look of looks) {
    await wear(page, look);
    for (const size of sizes) {
      await page.setViewportSize(size);
      await show();
      const what = `${name}: ${look}, ${size.width} px`;
      const faults = await accessibilityFaults(page, look === looks[0] ? 'everything' : 'colours');
      assert.deepEqual(faults, [], what);
      assert.equal(await overflows(page), false, what);
      await hide();
    }
  }
}

const nothing = async (): Promise<void> => undefined;

interface Shown {
  sizes?: readonly ViewportSize[];
  /** Shows what is to be checked. */
  show?: () => Promise<unknown>;
  hide?: () => Promise<unknown>;
}

/** Whether the page is wider than its window. */
export async function overflows(page: Page): Promise<boolean> {
  return (
    (await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')) ===
    true
  );
}

/**
 * Presses a button of the open dialog, and waits until the dialog is gone. While it fades out its buttons are still in
 * the page, and it still covers what is behind it.
 */
export async function pressInDialog(page: Page, button: string): Promise<void> {
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Closes the open dialog with the keyboard, and waits until it is gone. */
export async function escapeFromDialog(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
}
