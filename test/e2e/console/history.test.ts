import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { addManyCalls } from '../../support/console/manyCalls.ts';
import { alex } from '../../support/console/reading.ts';
import { openEmbedded } from '../../support/databases.ts';
import { buildConsole } from '../../support/e2e/browser.ts';
import { suitsEverybody } from '../../support/e2e/consolePage.ts';
import { opensWindows } from '../../support/e2e/windows.ts';
import { startWorld, type World } from '../../support/world.ts';

const HOSTILE = '<img src=x onerror="window.stolen=1">=1+1';

describe('History and Charts in a browser', function () {
  this.timeout(300_000);
  let world: World;
  let page: Page;
  const open = opensWindows();

  beforeEach('start Ringdown with 110 calls, and open the console as Alex, who sees all', async () => {
    const database = await openEmbedded();
    const until = new Date(Date.now() - 60_000).toISOString();
    await addManyCalls(database.sql, { calls: 110, until, days: 20, people: 20 });
    world = await startWorld({
      database,
      clock: 'real',
      yaml: 'permissions:\n  console:\n    readers:\n      - user: alex@contoso.example\n',
    });
    await buildConsole(world);
    page = await open({ script: `sessionStorage.setItem('ringdown.person', '${alex}')` });
  });

  const rows = (): ReturnType<Page['locator']> => page.locator('tbody').getByRole('row');
  const openPage = async (path: string): Promise<void> => {
    await page.goto(`${world.url}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };

  it('loads older calls by keyboard, and the focus stays', async () => {
    await openPage('/history');
    await rows().nth(49).waitFor();
    const older = page.getByRole('button', { name: 'Load older' });
    await older.focus();
    await page.keyboard.press('Enter');
    await rows().nth(99).waitFor();
    await older.and(page.locator(':focus')).waitFor();
  });

  it('keeps a search in the address, and going back returns to the one before', async () => {
    await openPage('/history');
    await page.getByRole('textbox', { name: 'Person' }).fill('given3');
    await page.keyboard.press('Enter');
    await page.waitForURL(/history\?person=given3$/);
    await page.getByRole('tab', { name: 'Escalations' }).click();
    await page.waitForURL(/show=escalations&person=given3$/);
    await page.goBack();
    await page.waitForURL(/history\?person=given3$/);
    const person = page.getByRole('textbox', { name: 'Person' });
    assert.equal(await person.inputValue(), 'given3');
  });

  it('says that nothing was found, and clears the filters', async () => {
    await openPage('/history?person=nobody');
    await page.getByText('No call matches these filters.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await rows().nth(49).waitFor();
  });

  it('says what is wrong with a code before it searches', async () => {
    await openPage('/history');
    await page.getByRole('textbox', { name: 'Code' }).fill('48O');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('Enter a number such as 480').waitFor();
    assert.match(page.url(), /history$/);
  });

  it('shows why a search failed, and tries again', async () => {
    await openPage('/history');
    await page.route('**/console/api/calls*', async (route) => await route.abort());
    await page.getByRole('textbox', { name: 'Person' }).fill('given3');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The server did not answer').waitFor();
    await page.unroute('**/console/api/calls*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows().first().waitFor();
  });

  it('shows names from outside as text', async () => {
    await world.app.idle();
    const { body } = await world.api('POST', '/api/v1/escalations', {
      summary: HOSTILE,
      steps: [{ targets: [{ user: 'alex@contoso.example' }] }],
    });
    assert.ok(body);
    await openPage('/history?show=escalations');
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    assert.equal(await page.evaluate('window.stolen'), undefined);
  });

  // Each row takes axe time, so the list of calls is a short one.
  for (const path of ['/history?person=Family15', '/history?show=escalations&policy=policy3', '/charts']) {
    it(`has no faults of accessibility in three looks, and fits 320 px: ${path}`, async () => {
      await openPage(path);
      await page.locator('[role=table], [role=img]').first().waitFor();
      await suitsEverybody(page, path);
    });
  }

  it('shows a chart as a table, and saves it as CSV', async () => {
    await openPage('/charts');
    const title = 'Calls by result';
    await page.getByRole('img', { name: /^No answer: \d+ calls, at most/ }).waitFor();
    await page.getByRole('button', { name: `${title}: show as table` }).click();
    await page.getByRole('table', { name: title }).waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: `${title}: download CSV` }).click();
    const saved = await saving;
    assert.equal(saved.suggestedFilename(), 'calls-by-result.csv');
    const text = await readFile(await saved.path(), 'utf8');
    assert.match(text, /^\uFEFFWeek,Result,Calls\r\n\d{4}-\d\d-\d\d,\w+,\d+\r\n/);
  });

  it('shows charts of another time', async () => {
    await openPage('/charts?from=2020-01-01&to=2020-02-01');
    await page.getByText('Nothing in this period').first().waitFor();
    assert.equal(await page.getByText('Nothing in this period').count(), 3);
  });
});
