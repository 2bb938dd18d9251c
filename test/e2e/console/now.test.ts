import assert from 'node:assert/strict';
import { accessibilityFaults } from '../../support/e2e/accessibility.ts';
import { ConsolePage, consoleProcess, consoleWorld, escalate } from '../../support/e2e/console.ts';
import { escapeFromDialog, suitsEverybody } from '../../support/e2e/consolePage.ts';
import { opensWindows, WIDE } from '../../support/e2e/windows.ts';
import { until } from '../../support/until.ts';
import type { World } from '../../support/world.ts';

const SUMMARY = 'Checkout errors over 5 %';

describe('the console in a browser', function () {
  this.timeout(300_000);
  const openWindow = opensWindows();
  const opened: ConsolePage[] = [];

  afterEach(() => {
    const complaints = opened.splice(0).flatMap((one) => one.complaints);
    assert.deepEqual(complaints, []);
  });

  async function open(...[world, person, options]: Open): Promise<ConsolePage> {
    const page = await ConsolePage.open(openWindow, world, person, options);
    opened.push(page);
    return page;
  }
  type Open = Parameters<typeof ConsolePage.open> extends [unknown, ...infer Rest] ? Rest : never;

  const rings = async (world: Pick<World, 'emulator'>, whom: string): Promise<void> =>
    await until(() => world.emulator.phone(whom).incoming() !== null, `the phone of ${whom} rings`);

  it('shows an escalation climb, and acknowledges it', async () => {
    const world = await consoleWorld();
    const console = await open(world, 'Megan Bowen');
    await console.reads('All quiet');
    await escalate(world, SUMMARY);
    await console.page.getByRole('heading', { level: 3, name: SUMMARY }).waitFor();
    await console.step.getByText('Adele Vance').waitFor();
    await rings(world, 'Adele Vance');
    await console.page.getByText('Adele Vance is being called.').waitFor({ state: 'attached' });
    assert.ok(world.emulator.phone('Adele Vance').decline());
    await console.step.getByText('Megan Bowen').waitFor();
    await console.button('Acknowledge').click();
    await console.reads(/^Acknowledged/);
    await console.button('Acknowledge').waitFor({ state: 'detached' });
    await until(() => world.emulator.phone('Megan Bowen').incoming() === null, 'no phone rings');

    await console.link(SUMMARY).click();
    await console.title(SUMMARY).waitFor();
    assert.equal(await console.page.title(), `${SUMMARY} · Ringdown`);
    await console.page.getByRole('cell', { name: 'Debra Berger' }).getByRole('link').click();
    await console.title('Call to Debra Berger').waitFor();
    await console.reads('Call connection id');
    await console.page.goBack();
    await console.title(SUMMARY).waitFor();
  });

  it('tells the second of two people who acknowledges that the first has it', async () => {
    const world = await consoleWorld();
    await escalate(world, SUMMARY);
    await rings(world, 'Adele Vance');
    const megan = await open(world, 'Megan Bowen');
    const adele = await open(world, 'Adele Vance');
    const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
    await adele.page.route('**/act', async (route) => {
      await isDone;
      await route.continue();
    });
    await adele.button('Acknowledge').click();
    await megan.button('Acknowledge').click();
    await megan.button('Acknowledge').waitFor({ state: 'detached' });
    done();
    await adele.reads(/Megan Bowen (already )?has/);
    await adele.button('Acknowledge').waitFor({ state: 'detached' });
  });

  it('shows nothing of others to somebody without rights', async () => {
    const world = await consoleWorld();
    const id = await escalate(world, SUMMARY);
    await rings(world, 'Adele Vance');
    const joni = await open(world, 'Joni Sherman');
    await joni.reads('All quiet');
    assert.equal(await joni.page.getByText('Adele Vance').count(), 0);
    await joni.goTo(`/escalations/${id}`);
    await joni.title('Not found').waitFor();
  });

  it('works with the keyboard only, and asks before it resolves', async () => {
    const world = await consoleWorld();
    await escalate(world, SUMMARY);
    await rings(world, 'Adele Vance');
    const { page, button, title } = bound(await open(world, 'Megan Bowen'));
    const press = async (key: string): Promise<void> => await page.keyboard.press(key);
    const focused = async (): Promise<string> =>
      String(await page.evaluate('document.activeElement.textContent'));
    const tabTo = async (text: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        await press('Tab');
        if ((await focused()) === text) return;
      }
      assert.fail(`Tab does not reach ${text}`);
    };
    await button('Acknowledge').waitFor();
    await tabTo('Skip to content');
    await press('Enter');
    await tabTo('Acknowledge');
    await press('Enter');
    await button('Acknowledge').waitFor({ state: 'detached' });
    await tabTo('Resolve');
    await press('Enter');
    const dialog = page.getByRole('alertdialog');
    await escapeFromDialog(page);
    // The focus returns to the button.
    await button('Resolve').and(page.locator(':focus')).waitFor();
    await press('Enter');
    await dialog.getByRole('button', { name: 'Resolve' }).waitFor();
    await tabTo('Resolve');
    await press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('All quiet').waitFor();
    await page.getByRole('link', { name: 'Duty', exact: true }).focus();
    await press('Enter');
    // The heading of the new page has the focus.
    await title('Duty').and(page.locator(':focus')).waitFor();
  });

  it('says that the connection is lost, and shows what has changed when it is back', async () => {
    const world = await consoleWorld();
    const { page, goTo } = bound(await open(world, 'Megan Bowen'));
    let isFirst = true;
    await page.route(/\/console\/api\/stream/, async (route) => {
      const view = { paused: null, escalations: [], calls: [], recent: [] };
      await (isFirst ? route.fulfill({ body: `${JSON.stringify({ view })}\n` }) : route.abort());
      isFirst = false;
    });
    await goTo('');
    await page.getByText('The connection was lost. Reconnecting …').waitFor();
    await page.context().setOffline(true);
    await page.getByText('You are offline. This page shows the last known state.').waitFor();
    assert.equal(await page.getByText('All quiet').count(), 1, 'the last view stays');
    await escalate(world, SUMMARY);
    await page.unroute(/\/console\/api\/stream/);
    await page.context().setOffline(false);
    await page.getByRole('heading', { level: 3, name: SUMMARY }).waitFor();
    await page.getByText(/The connection was lost|You are offline/).waitFor({ state: 'detached' });
  });

  it('shows what happened while Ringdown was down, without a reload', async () => {
    const { emulator, bot } = await consoleProcess();
    await escalate(bot, SUMMARY);
    await rings({ emulator }, 'Adele Vance');
    const { page, step } = bound(await open(bot, 'Megan Bowen'));
    await step.getByText('Adele Vance').waitFor();
    await page.evaluate('window.isSame = true');
    await bot.stop();
    await page.getByText('The connection was lost. Reconnecting …').waitFor();
    const starting = bot.start();
    // Nobody listens yet. The emulator's next attempts come at longer and longer intervals.
    assert.ok(emulator.phone('Adele Vance').decline());
    await starting;
    await step.getByText('Megan Bowen').waitFor();
    await page.getByText(/The connection was lost|You are offline/).waitFor({ state: 'detached' });
    await escalate(bot, 'Another');
    await page.getByRole('heading', { level: 3, name: 'Another' }).waitFor();
    assert.equal(await page.evaluate('window.isSame'), true, 'the page has not been loaded again');
  });

  it('shows names, summaries and links as text, whatever they contain', async () => {
    const html = '<img src=x onerror="window.hacked=1">';
    const world = await consoleWorld({ 'Adele Vance': `Adele ${html}` });
    const id = await escalate(world, `Down ${html}`, {
      links: [{ text: html, href: 'https://contoso.example/' }],
    });
    await rings(world, `Adele ${html}`);
    const console = await open(world, 'Megan Bowen');
    await console.step.getByText(`Adele ${html}`).waitFor();
    await console.goTo(`/escalations/${id}`);
    await console.title(`Down ${html}`).waitFor();
    assert.equal(await console.link(html).getAttribute('rel'), 'noopener noreferrer');
    assert.equal(await console.page.evaluate('window.hacked'), undefined);
    assert.equal(await console.page.locator('main img').count(), 0);
  });

  it('is accessible on every page in each look', async () => {
    const world = await consoleWorld();
    const id = await escalate(world, SUMMARY, { details: 'More', severity: 'warning' });
    await rings(world, 'Adele Vance');
    const { page, goTo, link, title, step } = bound(await open(world, 'Megan Bowen'));
    const checkLooks = async (name: string): Promise<void> =>
      await suitsEverybody(page, name, { sizes: [WIDE] });
    await step.waitFor();
    await checkLooks('Now');
    await goTo(`/escalations/${id}`);
    await title(SUMMARY).waitFor();
    // The last look was kept.
    await page.locator('[data-look=contrast]').waitFor();
    await checkLooks('an escalation');
    await link('Debra Berger').first().click();
    await title('Call to Debra Berger').waitFor();
    await checkLooks('a call');
    await goTo('/nothing');
    await title('Not found').waitFor();
    await checkLooks('a page that does not exist');
  });

  it('fits 320 pixels, with a menu for its pages', async () => {
    const world = await consoleWorld();
    const id = await escalate(world, 'A summary with a veryveryveryveryveryveryveryveryverylongword');
    await rings(world, 'Adele Vance');
    const { page, goTo, step, title, button } = bound(
      await open(world, 'Megan Bowen', { viewport: { width: 320, height: 640 } }),
    );
    const width = async (): Promise<unknown> => await page.evaluate('document.documentElement.scrollWidth');
    await step.waitFor();
    assert.equal(await width(), 320);
    assert.deepEqual(await accessibilityFaults(page), []);
    await goTo(`/escalations/${id}`);
    await step.waitFor();
    assert.equal(await width(), 320);
    await button('Pages').click();
    await page.getByRole('menuitem', { name: 'Health' }).click();
    await title('Health').waitFor();
  });
});

/** The page's parts, without `this`. */
function bound(console: ConsolePage) {
  return {
    page: console.page,
    step: console.step,
    button: (name: string) => console.button(name),
    link: (name: string) => console.link(name),
    title: (text: string) => console.title(text),
    goTo: async (path: string) => await console.goTo(path),
  };
}
