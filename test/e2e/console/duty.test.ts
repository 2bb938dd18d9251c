import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { consolePerson } from '../../support/console/person.ts';
import { openEmbedded } from '../../support/databases.ts';
import { accessibilityFaults } from '../../support/e2e/accessibility.ts';
import {
  escapeFromDialog,
  NARROW,
  openConsole,
  pressInDialog,
  suitsEverybody,
} from '../../support/e2e/consolePage.ts';
import { opensWindows, WIDE } from '../../support/e2e/windows.ts';
import { until } from '../../support/until.ts';
import { startWorld, type World } from '../../support/world.ts';

const HOUR = 3_600_000;
const [megan, alex] = ['Megan Bowen', 'Alex Wilber'];

const yaml = `
timeZone: Europe/Berlin
operators: [${megan}]
rotations:
  website: {members: [Adele Vance], every: 1w, handover: 'Mon 09:00'}
  payments: {members: [Joni Sherman, Lee Gu, Nobody Atall], every: 1d, handover: 'Mon 08:00'}
policies:
  website: {steps: [{targets: [{rotation: website}]}]}
  payments: {steps: [{targets: [{rotation: payments}]}]}
`;

/** A week that is certainly in the future, and within the 90 days of a cover. */
const later = new Date(Date.now() + 21 * 24 * HOUR).toISOString().slice(0, 10);

describe('the duty calendar in a browser', () => {
  let world: World;
  const openWindow = opensWindows();

  beforeEach(async () => {
    world = await startWorld({ database: await openEmbedded(), yaml, clock: 'real' });
  });

  const open = async (path: string, as = megan): Promise<Page> =>
    await openConsole(openWindow, world, path, { as });

  const lane = (page: Page, policy: string): Locator =>
    page.getByRole('group', { name: `${policy}: choose a time` });
  const spans = (page: Page, name: RegExp): Locator => page.getByRole('button', { name });

  /** Drags over a part of a lane; 0 is the beginning of the week, 1 its end. */
  async function drag(page: Page, policy: string, from: number, to: number): Promise<void> {
    const box = await lane(page, policy).boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
  }

  it('lets two people drag over the same time: the later one wins, and both see it at once', async () => {
    const [one, other] = [await open(`/duty?day=${later}`, alex), await open(`/duty?day=${later}`)];
    await drag(one, 'website', 2 / 7 + 0.01, 4 / 7 + 0.01);
    await pressInDialog(one, 'Take over');
    await one
      .getByText(/^You are on call for website from /)
      .first()
      .waitFor();
    await spans(other, /^website: Alex Wilber covers for Adele Vance/).waitFor();
    await drag(other, 'website', 1 / 7 + 0.01, 5 / 7 + 0.01);
    await pressInDialog(other, 'Take over');
    await spans(one, /^website: Megan Bowen covers for Adele Vance/).waitFor();
    assert.equal(await spans(one, /^website: Alex Wilber/).count(), 0);

    // She ends hers, and his counts again.
    await spans(other, /^website: Megan Bowen \(you\) covers/).click();
    await other.getByRole('button', { name: 'End cover' }).click();
    await spans(one, /^website: Alex Wilber \(you\) covers for Adele Vance/).waitFor();
  });

  it('takes over by the keyboard alone', async () => {
    const page = await open(`/duty?day=${later}`);
    await lane(page, 'payments').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText(/^payments: Mon.* to Mon.* selected$/).waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowDown');
    for (const _ of [1, 2]) await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Escape');
    assert.equal(await page.getByText(/ selected$/).count(), 0);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let press = 0; press < 30; press += 1) {
      if ((await page.evaluate('document.activeElement?.textContent')) === 'Take over') break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await spans(page, /^payments: Megan Bowen \(you\) covers/)
      .first()
      .waitFor();
  });

  it('takes over by the form, which says what is wrong first', async () => {
    const page = await open('/duty');
    await page.getByRole('button', { name: 'Take over' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Policy').selectOption('website');
    await dialog.getByLabel('Until').fill('2020-01-01T08:00');
    await dialog.getByText('The end must be after the start.').waitFor();
    await dialog.getByLabel('Until').fill(`${later}T08:00`);
    await pressInDialog(page, 'Take over');
    const now = page.getByRole('listitem').filter({ hasText: 'website' });
    await now.getByText('Megan Bowen (you)').waitFor();
    await world.api('POST', '/api/v1/escalations', { policy: 'website', summary: 'red' });
    await until(() => world.emulator.calls.list().length > 0, 'somebody is called');
    assert.deepEqual(
      world.emulator.calls.list().map(({ target }) => target.displayName),
      [megan],
    );
  });

  it('shows a week on whose Sunday the clocks change, in the zone of ringdown.yaml', async () => {
    const page = await open('/duty?day=2027-03-24');
    await page.getByLabel('Time zone').selectOption('Europe/Berlin');
    await page.getByText('Times are in Europe/Berlin.').waitFor();
    const [saturday, sunday] = await Promise.all(
      ['27 Sat', '28 Sun'].map(async (name) => await page.getByText(name, { exact: true }).boundingBox()),
    );
    assert.ok(saturday && sunday);
    assert.ok(Math.abs(sunday.width / saturday.width - 23 / 24) < 0.01);
    await spans(page, /^payments: .*, Sat, Mar 27, 8:00 AM to Sun, Mar 28, 8:00 AM$/).waitFor();
    // The choice is kept in this browser.
    await page.reload();
    await page.getByText('Times are in Europe/Berlin.').waitFor();
  });

  it('marks gaps with words, and says why nobody would be called', async () => {
    const page = await open(`/duty?day=${later}`);
    await spans(page, /^payments: Nobody, /)
      .first()
      .click();
    await page
      .getByRole('dialog')
      .getByText(/Nobody Atall: nobody with that name was found/)
      .waitFor();
  });

  it('turns pages, and shows months and lists', async () => {
    const page = await open('/duty?day=2027-02-10');
    const title = page.getByRole('heading', { level: 2 });
    await title.filter({ hasText: 'February 8 – 14, 2027' }).waitFor();
    await page.getByRole('button', { name: 'Later' }).click();
    await title.filter({ hasText: 'February 15 – 21, 2027' }).waitFor();
    await page.getByRole('button', { name: 'Month', exact: true }).click();
    await title.filter({ hasText: 'February 2027' }).waitFor();
    await page.getByRole('button', { name: 'Earlier' }).click();
    await title.filter({ hasText: 'January 2027' }).waitFor();
    await page.getByRole('button', { name: 'List' }).click();
    await page.getByRole('heading', { level: 3, name: 'Friday, January 1', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Today' }).click();
    await page.getByRole('heading', { level: 3, name: /Today$/ }).waitFor();
  });

  it('is accessible in each theme, and fits narrow screens, where it is a list', async () => {
    const end = new Date(Date.now() + 5 * HOUR).toISOString();
    const from = new Date().toISOString();
    await consolePerson(world, alex).post('/duty/covers', { policy: 'website', from, until: end });
    const page = await open('/duty');
    const covers = spans(page, /Alex Wilber covers/).first();
    await covers.waitFor();
    await suitsEverybody(page, 'week');
    await suitsEverybody(page, 'form', {
      sizes: [NARROW],
      show: async () => {
        await covers.waitFor();
        await page.getByRole('button', { name: 'Take over' }).click();
        await page.getByRole('dialog').waitFor();
      },
      hide: async () => await escapeFromDialog(page),
    });
    await page.setViewportSize(WIDE);
    for (const view of ['Month', 'List']) {
      await page.getByRole('button', { name: view, exact: true }).click();
      await covers.waitFor();
      await suitsEverybody(page, view, { sizes: [WIDE] });
    }
  });

  it('gives a link to subscribe to, once, and ends it', async () => {
    const page = await open('/duty');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    const dialog = page.getByRole('dialog', { name: 'Duties in your calendar' });
    await dialog.getByText('You have no link yet.').waitFor();
    await dialog.getByRole('button', { name: 'New link' }).click();
    const address = await dialog.getByRole('group', { name: 'My duties' }).locator('pre').innerText();
    assert.equal((await fetch(address)).status, 200);
    await dialog.getByRole('group', { name: 'Rotation payments' }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await dialog.getByRole('button', { name: /^Revoke the link made/ }).click();
    await dialog.getByText('You have no link yet.').waitFor();
    assert.equal(await dialog.getByText(address).count(), 0);
    assert.equal((await fetch(address)).status, 404);
  });

  it('says what to write into ringdown.yaml if there is no rotation', async () => {
    world = await startWorld({
      database: await openEmbedded(),
      yaml: 'policies: {people: {steps: [{targets: [{user: Adele Vance}]}]}}',
      clock: 'real',
    });
    const page = await open('/duty');
    await page.getByText('No rotations yet').waitFor();
    await page.getByText('handover: Mon 09:00').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });
});
