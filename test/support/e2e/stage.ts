import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, ViewportSize } from 'playwright-core';
import { startDemo } from '../../../demo/interactive.ts';
import type { Demo } from '../../../demo/interactive.ts';
import { freePort } from '../../../demo/ports.ts';
import { fillDataDir } from '../databases.ts';
import { PATIENCE_MS, keepScreenshots } from './browser.ts';
import { Chat } from './chat.ts';
import { PhonesPage } from './phonesPage.ts';
import { sharedBrowser } from './windows.ts';

/** Starting the stage starts four programs. */
export const STAGE_MS = 300_000;

/** The demo, with its chat and its phones in a browser. */
export interface Stage {
  demo: Demo;
  chat: Chat;
  phones: PhonesPage;
  /** Saves what both pages show. */
  keep(title: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the demo, and opens the chat and the phones page.
 *
 * @param options `language`: the language of Teams, read for each message; `dress`: applied to the chat page before
 *   it is opened; `viewport`: of both windows
 */
export async function openStage(
  options: {
    language?: () => string;
    dress?: (page: Page) => Promise<void>;
    viewport?: ViewportSize;
  } = {},
): Promise<Stage> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'ringdown-stage-'));
    opened.push(() => rm(dataDir, { recursive: true }));
    await fillDataDir(dataDir);
    const demo = await startDemo({
      ports: { bot: await freePort(), chat: await freePort(), phones: await freePort() },
      database: { dataDir },
      ...(options.language ? { language: options.language } : {}),
      onFault: (what) => assert.fail(what),
    });
    opened.push(() => demo.stop());
    const browser = await sharedBrowser();
    // Each in its own window: a page in the background draws once a second, and each click would wait for that.
    const open = async (): Promise<Page> => {
      const { viewport = { width: 1280, height: 800 } } = options;
      const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
      opened.push(() => context.close());
      context.setDefaultTimeout(PATIENCE_MS);
      return await context.newPage();
    };
    const chat = new Chat(await open());
    const phones = new PhonesPage(await open());
    await options.dress?.(chat.page);
    // One after another: the chat's script leaves little CPU for anything else.
    await chat.open(demo.chatUrl);
    await phones.open(demo.phonesUrl);
    const keep = async (title: string): Promise<void> =>
      await keepScreenshots({ chat: chat.page, phones: phones.page }, title);
    return { demo, chat, phones, keep, close };
  } catch (error) {
    await close();
    throw error;
  }
}
