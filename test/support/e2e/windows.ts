import type { Browser, BrowserContext, BrowserContextOptions, Page, ViewportSize } from 'playwright-core';
import { atEnd } from '../atEnd.ts';
import { keepScreenshots, openBrowser, PATIENCE_MS } from './browser.ts';

export const WIDE: ViewportSize = { width: 1280, height: 900 };

export interface WindowOptions extends Pick<
  BrowserContextOptions,
  'locale' | 'timezoneId' | 'ignoreHTTPSErrors' | 'permissions' | 'colorScheme'
> {
  viewport?: ViewportSize;
  /** Runs in each page before its own scripts. */
  script?: string;
  /** Whether the machine has a microphone. It is a fake one, which pages may use without asking. Default: true. */
  microphone?: boolean;
}

interface Window {
  key: string;
  context: BrowserContext;
  page: Page;
  /** Undoes what the test has set up. */
  undo: () => Promise<void>;
}

/** A fake microphone that pages may use without asking. */
const fakeMicrophone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** Without it, a page of the Internet may show one of this machine in a frame, as Teams does. */
const loopbackChecks = ['LocalNetworkAccessChecks'];

const browsers = new Map<boolean, Promise<Browser>>();
/** Windows that no test uses. */
const idle: Window[] = [];

atEnd(async () => {
  for (const browser of browsers.values()) await (await browser).close();
});

/** The browser of this process, started when first needed. */
export async function sharedBrowser(microphone = true): Promise<Browser> {
  const known = await browsers.get(microphone);
  if (known?.isConnected()) return known;
  const starting = openBrowser(microphone ? fakeMicrophone : [], loopbackChecks);
  browsers.set(microphone, starting);
  return await starting;
}

/**
 * Opens windows for the tests of a suite. After each test they are put away; if it failed, what they show is saved
 * first. Later tests get them again as good as new: a page in a new window takes a second of CPU time more, because
 * the browser starts a process, and compiles the page's script again. Each window is visible, in a context of its own.
 */
export function opensWindows(): (options?: WindowOptions) => Promise<Page> {
  const used: Window[] = [];

  afterEach('put the windows away', async function () {
    const { currentTest: test } = this;
    const failed = test?.state === 'failed';
    if (failed) {
      const pages = used.flatMap(({ context }) => context.pages());
      await keepScreenshots(Object.fromEntries(pages.entries()), test.fullTitle());
    }
    for (const window of used.splice(0)) await (failed ? window.context.close() : putAway(window));
  });

  return async ({ microphone = true, viewport = WIDE, colorScheme, script, ...own } = {}) => {
    const options = { locale: 'en-US', ...own };
    const key = JSON.stringify({ microphone, ...options });
    const at = idle.findIndex((window) => window.key === key);
    const window = idle.splice(at, at < 0 ? 0 : 1)[0] ?? (await newWindow(key, microphone, options));
    used.push(window);
    const { context, page } = window;
    await page.setViewportSize(viewport);
    if (colorScheme !== undefined) await page.emulateMedia({ colorScheme });
    if (script !== undefined) {
      const added = await context.addInitScript(script);
      window.undo = async () => await added.dispose();
    }
    return page;
  };
}

async function newWindow(key: string, microphone: boolean, options: BrowserContextOptions): Promise<Window> {
  const browser = await sharedBrowser(microphone);
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE_MS);
  return { key, context, page: await context.newPage(), undo: async () => undefined };
}

/**
 * Undoes what tests do to windows. Storage belongs to an origin: each world has its own port, but a later one may get
 * the same.
 */
async function putAway(window: Window): Promise<void> {
  const { context, page } = window;
  if (page.isClosed()) return await context.close();
  await window.undo();
  window.undo = async () => undefined;
  for (const other of context.pages()) if (other !== page) await other.close();
  for (const event of ['console', 'pageerror'] as const) page.removeAllListeners(event);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.evaluate('try { localStorage.clear(); sessionStorage.clear(); } catch {}');
  await page.goto('about:blank');
  await context.setOffline(false);
  await context.clearCookies();
  await page.emulateMedia({ media: null, colorScheme: null, forcedColors: null });
  await page.mouse.move(0, 0);
  idle.push(window);
}
