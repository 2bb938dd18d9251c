import assert from 'node:assert/strict';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startDemo } from '../../../demo/interactive.ts';
import type { Demo } from '../../../demo/interactive.ts';
import { freePort } from '../../../demo/ports.ts';
import { PATIENCE_MS, keepScreenshots, localOnly, openBrowser } from './browser.ts';
import { Chat } from './chat.ts';
import { PhonesPage } from './phonesPage.ts';

/** Starting the stage starts four programs. */
export const STAGE_MS = 180_000;

/** The demo, with its chat and its phones in a browser. */
export interface Stage {
  demo: Demo;
  browser: Browser;
  chat: Chat;
  phones: PhonesPage;
  /** Keeps what both pages show. */
  keep(title: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the demo without a database on disk, and opens the chat and the phones.
 *
 * @param options `language`: what Teams is set to, asked at each message; `dress`: done on the page of the chat before it
 *   is opened; `context`: of the browser, wide unless it is said
 */
export async function openStage(
  options: {
    language?: () => string;
    dress?: (page: Page) => Promise<void>;
    context?: BrowserContextOptions;
  } = {},
): Promise<Stage> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    const demo = await startDemo({
      ports: { bot: await freePort(), chat: await freePort(), phones: await freePort() },
      database: 'memory',
      ...(options.language ? { language: options.language } : {}),
      onFault: (what) => assert.fail(what),
    });
    opened.push(() => demo.stop());
    const browser = await openBrowser();
    opened.push(() => browser.close());
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...options.context,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const chat = new Chat(await localPage(context));
    const phones = new PhonesPage(await localPage(context));
    await options.dress?.(chat.page);
    await chat.open(demo.chatUrl);
    await phones.open(demo.phonesUrl);
    const keep = async (title: string): Promise<void> =>
      await keepScreenshots({ chat: chat.page, phones: phones.page }, title);
    return { demo, browser, chat, phones, keep, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function localPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await localOnly(page);
  return page;
}
