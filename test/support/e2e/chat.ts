import type { Locator, Page } from 'playwright-core';

/** The first page loads much script, and other programs may have just started; milliseconds. */
const FIRST_LOAD_MS = 120_000;

/** Microsoft's Agents Playground, from the user's view. */
export class Chat {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url, { timeout: FIRST_LOAD_MS });
    await this.page.getByRole('textbox').waitFor({ timeout: FIRST_LOAD_MS });
  }

  async say(text: string): Promise<void> {
    // An editor, not an input: it cannot be filled.
    await this.page.getByRole('textbox').click();
    // As if pasted: each keystroke would redraw the whole chat.
    await this.page.keyboard.insertText(text);
    await this.page.getByRole('button', { name: 'Send Message' }).click();
  }

  /** Opens a chat in the side list. */
  async goTo(chat: string): Promise<void> {
    await this.page.getByRole('treeitem', { name: chat }).click();
    await this.page.getByRole('textbox').waitFor();
  }

  /** Types "@" and picks the Playground's suggestion. */
  async mention(name: string): Promise<void> {
    await this.page.getByRole('textbox').click();
    await this.page.keyboard.type(`@${name.slice(0, 4)}`);
    await this.page.getByRole('menuitem', { name }).click();
  }

  /** The class comes from Microsoft's Adaptive Cards renderer. */
  get cards(): Locator {
    return this.page.locator('.ac-adaptiveCard');
  }

  /** The newest card that names this person. */
  cardOf(name: string): Locator {
    return this.cards.filter({ hasText: name }).last();
  }

  /** Waits until a card contains a text. */
  async reads(card: Locator, words: string): Promise<void> {
    await card.getByText(words, { exact: true }).waitFor();
  }

  async press(card: Locator, button: string | RegExp): Promise<void> {
    await card.getByRole('button', { name: button }).click();
  }
}
