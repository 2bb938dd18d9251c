import { mkdirSync } from 'node:fs';
import { openEmbedded } from '../../support/databases.ts';
import { openBrowser } from '../../support/e2e/browser.ts';
import { looks, NARROW, openConsole, WIDE } from '../../support/e2e/consolePage.ts';
import { receiver } from '../../support/webhookReceiver.ts';
import { startWorld } from '../../support/world.ts';
import { consolePerson } from '../../support/console/person.ts';

const DIR = '/tmp/h/console-shots/health/';
it('shots', async function () {
  this.timeout(300_000);
  mkdirSync(DIR, { recursive: true });
  const hook = await receiver();
  const yaml = `
timeZone: Europe/Berlin
operators: [Megan Bowen]
quietHours: {from: "00:00", to: "23:59", except: [critical]}
heartbeats: [{name: nightly-backup, every: 26h, policy: payments}, {name: cron, every: 2s, policy: payments}]
integrations: [{name: probes, kind: pagerduty, hash: '${'0123456789abcdef'.repeat(4)}', policy: payments}, {name: grafana, kind: grafana, hash: '${'1123456789abcdef'.repeat(4)}', policy: website}]
webhooks: [{url: "${hook.url}", secrets: [s], allowPrivate: true}, {url: "https://hooks.contoso.example/x", secrets: [s], events: [acknowledged, exhausted]}]
rotations: {website: {members: [adele@contoso.example, alex@contoso.example], every: 1w, handover: 'Mon 09:00'}}
policies:
  payments:
    steps:
      - {targets: [{user: Debra Berger}], ringTimeoutSeconds: 30, tries: 2}
      - {targets: [{user: Nestor Wilke}, {user: Lee Gu}, {user: Nobody Atall}], mode: parallel, pauseSeconds: 60}
      - {targets: [{user: Adele Vance}, {user: Joni Sherman}]}
    repeat: 2
    stepOver: [inACall]
    acknowledgeTimeout: 1h
  website:
    steps:
      - {targets: [{rotation: website}], ringTimeoutSeconds: 30, tries: 2}
      - {targets: [{managerOf: adele@contoso.example}, {user: joni@contoso.example}], mode: parallel}
`;
  const world = await startWorld({ database: await openEmbedded(), yaml, clock: 'real' });
  world.emulator.people.change('Lee Gu', {
    presence: { availability: 'DoNotDisturb', activity: 'Presenting' },
  });
  world.emulator.people.change('Nestor Wilke', { presence: { availability: 'Busy', activity: 'InACall' } });
  await world.api('POST', '/api/v1/heartbeats/nightly-backup');
  hook.answer.status = 500;
  await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'It burns' });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  hook.answer.status = 204;
  await world.api('POST', '/api/v1/escalations', { policy: 'website', summary: 'Slow' });
  await consolePerson(world, 'Megan Bowen').post('/health/check');
  const browser = await openBrowser();
  try {
    for (const look of looks)
      for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
        for (const path of ['/policies', '/policies/payments', '/health']) {
          const page = await openConsole(browser, world, path, { look, viewport });
          await page.waitForTimeout(700);
          if (path === '/policies/payments' && look === 'dark') {
            await page.getByLabel('Severity of the alert').selectOption('Warning');
            await page.waitForTimeout(500);
          }
          if (path === '/health') for (const one of await page.locator('summary').all()) await one.click();
          await page.waitForTimeout(300);
          await page.screenshot({
            path: `${DIR}${path.slice(1).replace('/', '-')}-${look}-${size}.png`,
            fullPage: true,
          });
          await page.context().close();
        }
      }
    const page = await openConsole(browser, world, '/health');
    await page.getByRole('button', { name: 'Pause all calls' }).click();
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${DIR}pause.png` });
  } finally {
    await browser.close();
  }
});
