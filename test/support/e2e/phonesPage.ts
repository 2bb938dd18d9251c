import type { Locator, Page } from 'playwright-core';

/** The emulator's page with everybody's phone, from the user's view. */
export class PhonesPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByText('Live', { exact: true }).waitFor();
  }

  /** Namesakes differ in the text below the name. */
  phone(name: string, about?: string): Locator {
    const phones = this.page.getByRole('article', { name });
    return about === undefined ? phones : phones.filter({ hasText: about });
  }

  async rings(phone: Locator): Promise<void> {
    await phone.getByText('Incoming call').waitFor();
  }

  async answer(phone: Locator): Promise<void> {
    await phone.getByRole('button', { name: 'Answer' }).click();
  }

  async decline(phone: Locator): Promise<void> {
    await phone.getByRole('button', { name: 'Decline' }).click();
  }

  /** The newest call to a person in the list of calls. */
  call(callee: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: callee }).first();
  }
}
