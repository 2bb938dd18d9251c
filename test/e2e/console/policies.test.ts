import assert from 'node:assert/strict';
import { openEmbedded } from '../../support/databases.ts';
import { openConsole, suitsEverybody } from '../../support/e2e/consolePage.ts';
import { opensWindows, WIDE } from '../../support/e2e/windows.ts';
import { startWorld, type World } from '../../support/world.ts';

const yaml = `
timeZone: Europe/Berlin
operators: [Megan Bowen]
policies:
  payments:
    steps:
      - {targets: [{user: Debra Berger}], ringTimeoutSeconds: 30, tries: 2}
      - {targets: [{user: Nestor Wilke}, {user: Nobody Atall}], mode: parallel, pauseSeconds: 60}
      - {targets: [{user: Adele Vance}]}
    repeat: 2
    stepOver: [inACall]
    acknowledgeTimeout: 1h
`;

describe('the policies in a browser', () => {
  const open = opensWindows();

  async function start(file = yaml): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file, clock: 'real' });
  }

  it('lead from the list to whom an alert would call now, and when', async () => {
    const world = await start();
    const page = await openConsole(open, world, '/policies');
    const row = page.getByRole('row', { name: /payments/ });
    await row.getByText('Debra Berger').waitFor();
    await row.getByRole('link', { name: 'payments' }).click();
    await page.getByRole('heading', { level: 1, name: 'payments' }).waitFor();
    const first = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Step 1' }) });
    await first.getByText('Called after 0:00 and 0:30').waitFor();
    const second = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Step 2' }) });
    await second.getByText('Nestor Wilke').waitFor();
    await second.getByText('Not called: nobody with that name was found.').waitFor();
    await page.getByText('If nobody acknowledges, Ringdown tells Megan Bowen.').waitFor();
    assert.equal(world.emulator.calls.list().length, 0);
  });

  it('skip people by the severity that is chosen', async () => {
    const world = await start();
    world.emulator.people.change('Debra Berger', { presence: { availability: 'Busy', activity: 'InACall' } });
    const page = await openConsole(open, world, '/policies/payments');
    const row = page.getByRole('listitem').filter({ hasText: 'Debra Berger' }).last();
    await row.getByText('Called after').waitFor();
    await page.getByLabel('Severity of the alert').selectOption('Warning');
    await row.getByText('Skipped').waitFor();
    await row.getByText('Not called: is in a call.').waitFor();
  });

  it('say what to write where there is none', async () => {
    const page = await openConsole(open, await start('operators: [Megan Bowen]'), '/policies');
    await page.getByText('There are no policies yet').waitFor();
    await page.getByText('policies:').waitFor();
  });

  it('show names as text, whatever they contain', async () => {
    const world = await start(yaml.replace('Debra Berger', 'debra@contoso.example'));
    const hostile = `<img src=x onerror="document.title='broken'">`;
    world.emulator.people.change('Debra Berger', { displayName: hostile });
    const page = await openConsole(open, world, '/policies/payments');
    await page.getByText(hostile).waitFor();
    assert.notEqual(await page.title(), 'broken');
  });

  it('are readable for everybody in all themes, also on a narrow screen', async () => {
    const world = await start();
    const page = await openConsole(open, world, '/policies');
    await page.getByText('Debra Berger').first().waitFor();
    await suitsEverybody(page, 'the list');
    for (const hovered of [page.getByRole('row').last(), page.getByRole('link', { name: 'Duty' })])
      await suitsEverybody(page, 'under the mouse', {
        sizes: [WIDE],
        show: async () => await hovered.hover(),
      });
    await page.getByRole('link', { name: 'payments' }).click();
    await page.getByRole('heading', { name: 'Step 1' }).waitFor();
    await page.getByText('Debra Berger').first().waitFor();
    await suitsEverybody(page, 'a policy');
  });
});
