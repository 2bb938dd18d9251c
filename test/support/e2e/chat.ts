import type { Locator, Page } from 'playwright-core';

/** Its first page brings much script, and whatever else runs may have just been started; milliseconds. */
const FIRST_LOAD_MS = 120_000;

/** Microsoft's Agents Playground, as its user sees it. */
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
    // As if pasted; with each stroke of a key the whole chat is drawn anew.
    await this.page.keyboard.insertText(text);
    await this.page.getByRole('button', { name: 'Send Message' }).click();
  }

  /** Opens one of the chats in the list at the side. */
  async goTo(chat: string): Promise<void> {
    await this.page.getByRole('treeitem', { name: chat }).click();
    await this.page.getByRole('textbox').waitFor();
  }

  /** Types "@" and picks whom the Playground offers. */
  async mention(name: string): Promise<void> {
    await this.page.getByRole('textbox').click();
    await this.page.keyboard.type(`@${name.slice(0, 4)}`);
    await this.page.getByRole('menuitem', { name }).click();
  }

  /** The class is that of Microsoft's renderer of Adaptive Cards. */
  get cards(): Locator {
    return this.page.locator('.ac-adaptiveCard');
  }

  /** The newest card that names somebody. */
  cardOf(name: string): Locator {
    return this.cards.filter({ hasText: name }).last();
  }

  /** Waits until a card says something. */
  async reads(card: Locator, words: string): Promise<void> {
    await card.getByText(words, { exact: true }).waitFor();
  }

  async press(card: Locator, button: string | RegExp): Promise<void> {
    await card.getByRole('button', { name: button }).click();
  }
}
