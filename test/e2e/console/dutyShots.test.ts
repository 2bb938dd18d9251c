import { mkdirSync } from 'node:fs';
import { openEmbedded } from '../../support/databases.ts';
import { openBrowser } from '../../support/e2e/browser.ts';
import { looks, NARROW, openConsole, WIDE } from '../../support/e2e/consolePage.ts';
import { startWorld } from '../../support/world.ts';
import { consolePerson } from '../../support/console/person.ts';

const DIR = '/tmp/h/console-shots/duty/';
const team = '22222222-2222-4222-8222-222222222222';
it('shots', async function () {
  this.timeout(500_000);
  mkdirSync(DIR, { recursive: true });
  const yaml = `
timeZone: Europe/Berlin
rotations:
  website: {members: [adele@contoso.example, alex@contoso.example], every: 1w, handover: 'Mon 09:00'}
  payments-day: {members: [Joni Sherman, Lee Gu, Nobody Atall], every: 1d, handover: 'Mon 08:00'}
  nights: {members: [Megan Bowen, Nestor Wilke], every: 12h, handover: 'Mon 08:00'}
policies:
  payments:
    steps:
      - {targets: [{rotation: payments-day}]}
      - {targets: [{rotation: nights}, {user: Debra Berger}]}
  website:
    steps:
      - {targets: [{rotation: website}]}
  help desk:
    steps:
      - {targets: [{shifts: ${team}}]}
`;
  const world = await startWorld({ database: await openEmbedded(), yaml, clock: 'real' });
  const now = Date.now();
  const H = 3_600_000;
  for (let day = -10; day < 30; day += 1) {
    const start = Math.floor(now / (24 * H)) * 24 * H + day * 24 * H;
    if (day % 7 < 5)
      world.emulator.graph.addShift({ teamId: team, person: day % 2 ? 'Adele Vance' : 'Debra Berger', start: start + 7 * H, end: start + 16 * H });
  }
  const megan = consolePerson(world, 'Megan Bowen');
  const at = (hours: number) => new Date(Math.floor(now / H) * H + hours * H).toISOString();
  console.log(await megan.post('/duty/covers', { policy: 'website', from: at(20), until: at(50) }));
  console.log(await consolePerson(world, 'Alex Wilber').post('/duty/covers', { policy: 'payments', from: at(-1), until: at(30) }));
  console.log(JSON.stringify(await megan.get(`/duty?from=${at(0)}&to=${at(24)}`)).slice(0, 1500));
  const browser = await openBrowser();
  try {
    const only = process.env['SHOT'];
    for (const look of looks)
      for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
        for (const [name, path] of Object.entries({ week: '/duty', month: '/duty?period=month', list: '/duty?as=list' })) {
          if (size === 'narrow' && name !== 'week') continue;
          if (only && !`${name}-${look}-${size}`.match(only)) continue;
          const page = await openConsole(browser, world, path, { look, viewport });
          page.on('console', (m) => console.log(m.text().slice(0, 300)));
          await page.waitForTimeout(1200);
          await page.screenshot({ path: `${DIR}${name}-${look}-${size}.png`, fullPage: true });
          await page.context().close();
        }
      }
    const page = await openConsole(browser, world, '/duty');
    page.on('console', (m) => console.log(m.text().slice(0, 300)));
    await page.getByRole('button', { name: 'Take over' }).first().click();
    await page.waitForTimeout(600);
    await page.screenshot({ path: `${DIR}form.png` });
    await page.keyboard.press('Escape');
    await page.waitForTimeout(300);
    const cover = page.locator('[data-kind=cover]').last();
    await cover.click();
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${DIR}span.png` });
    await page.keyboard.press('Escape');
    await page.waitForTimeout(300);
    const lane = page.getByRole('group', { name: /website: choose/ });
    const box = (await lane.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 25, { steps: 5 });
    await page.screenshot({ path: `${DIR}drag.png` });
    await page.mouse.up();
  } finally {
    await browser.close();
  }
});
