import assert from 'node:assert/strict';
import { openEmbedded } from '../../support/databases.ts';
import { openConsole, pressInDialog, suitsEverybody } from '../../support/e2e/consolePage.ts';
import { opensWindows } from '../../support/e2e/windows.ts';
import { receiver } from '../../support/webhookReceiver.ts';
import { startWorld, type World } from '../../support/world.ts';

const hash = '0123456789abcdef'.repeat(4);
const yaml = (hook: string): string => `
operators: [Megan Bowen]
permissions: {console: {readers: [{user: Lee Gu}]}}
heartbeats: [{name: nightly-backup, every: 26h, policy: payments}]
integrations: [{name: probes, kind: pagerduty, hash: '${hash}', policy: payments}]
webhooks: [{url: "${hook}", secrets: [s], events: [started], allowPrivate: true}]
policies:
  payments: {steps: [{targets: [{user: Debra Berger}, {user: Nobody Atall}]}]}
`;

describe('the health in a browser', () => {
  const open = opensWindows();

  async function start(file: string): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file, clock: 'real' });
  }

  it('says what does not work and what to do, when an operator asks', async () => {
    const { url } = await receiver();
    const page = await openConsole(open, await start(yaml(url)), '/health');
    await page.getByText('Not checked yet').waitFor();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('1 fault', { exact: true }).waitFor();
    await page.getByText(/“Nobody Atall” cannot be found/).waitFor();
    await page.getByText('{user: <user principal name or object id>}').waitFor();
    await page.getByText(/checks passed/).click();
    await page.getByText('Call Automation accepts our credentials.').waitFor();
  });

  it('pauses all calls after a question, and resumes them', async () => {
    const { url } = await receiver();
    const world = await start(yaml(url));
    const page = await openConsole(open, world, '/health');
    const isPaused = async (): Promise<unknown> =>
      ((await world.api('GET', '/api/v1/pause')).body as { paused: boolean }).paused;
    const calls = page.getByRole('main');
    await calls.getByRole('button', { name: 'Pause all calls' }).click();
    const question = page.getByRole('alertdialog', { name: 'Pause all calls?' });
    await question.getByText('not even for critical alerts').waitFor();
    await pressInDialog(page, 'Cancel');
    assert.equal(await isPaused(), false);
    await calls.getByRole('button', { name: 'Pause all calls' }).click();
    await pressInDialog(page, 'Pause all calls');
    await page.getByText('All calls are paused.').waitFor();
    assert.equal(await isPaused(), true);
    await calls.getByRole('button', { name: 'Resume calls' }).click();
    await pressInDialog(page, 'Resume calls');
    await page.getByText('Calls are placed.').waitFor();
    assert.equal(await isPaused(), false);
  });

  it('sends a delivery again', async () => {
    const { url, heard } = await receiver();
    const world = await start(yaml(url));
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'It burns' });
    await world.settle();
    const page = await openConsole(open, world, '/health');
    await page.getByText('Last deliveries').click();
    await page.getByRole('button', { name: 'Send again: started' }).click();
    await page.getByText('It is sent again.').first().waitFor();
    await page.getByText('2 attempts').waitFor();
    assert.equal(heard.length, 2);
    assert.equal(heard[0]?.body, heard[1]?.body);
  });

  it('has no buttons for readers who do not operate, and no page for others', async () => {
    const { url } = await receiver();
    const world = await start(yaml(url));
    const page = await openConsole(open, world, '/health', { as: 'Lee Gu' });
    await page.getByText('Calls are placed.').waitFor();
    assert.deepEqual(await page.getByRole('button', { name: /Pause|Check|Send/ }).all(), []);
    const other = await openConsole(open, world, '/health', { as: 'Alex Wilber' });
    await other.getByText('You may not see this page').waitFor();
  });

  it('says what to write where there is nothing yet', async () => {
    const page = await openConsole(open, await start('operators: [Megan Bowen]'), '/health');
    for (const text of ['heartbeats:', 'webhooks:', 'integrations:'])
      await page.locator('pre').filter({ hasText: text }).waitFor();
  });

  it('is readable for everybody in all themes, also on a narrow screen', async () => {
    const { url } = await receiver();
    const world = await start(yaml(url));
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'It burns' });
    await world.settle();
    const page = await openConsole(open, world, '/health');
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Nobody Atall').first().waitFor();
    // The button is grey until the check is over.
    await page.getByRole('button', { name: 'Check now' }).waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await suitsEverybody(page, 'health');
  });
});
