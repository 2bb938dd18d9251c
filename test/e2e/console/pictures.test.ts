import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql as raw } from 'kysely';
import type { Page } from 'playwright-core';
import { builtInPeople } from '../../../emulator/people/builtIn.ts';
import type { PersonInput } from '../../../emulator/people/person.ts';
import type { Sql } from '../../../src/database/schema.ts';
import { addManyCalls } from '../../support/console/manyCalls.ts';
import { alex } from '../../support/console/reading.ts';
import { openEmbedded, pollingOften } from '../../support/databases.ts';
import { openConsole, overflows } from '../../support/e2e/consolePage.ts';
import { opensWindows } from '../../support/e2e/windows.ts';
import { API_KEY, startWorld, type World } from '../../support/world.ts';

/** `README_PICTURES=1 npm run test:e2e pictures` takes the pictures of docs/console.md. Other runs skip it. */
const isWanted = process.env['README_PICTURES'] !== undefined;
const pictures = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const yaml = readFileSync(new URL('../../../demo/ringdown.yaml', import.meta.url), 'utf8');
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const env = {
  API_KEYS: `grafana:${hashOf(API_KEY)}`,
  DEMO_PAGERDUTY_HASH: hashOf('pagerduty'),
  DEMO_GRAFANA_HASH: hashOf('grafana'),
  DEMO_GRAFANA_SECRET: 'signs what Grafana sends',
  DEMO_LANGUAGE: 'en',
};
/** Megan's phone waits, so that her step can be seen. */
const people = builtInPeople.map((person): PersonInput =>
  person.displayName === 'Megan Bowen' ? { ...person, script: { byHand: true } } : person,
);
const callees = [
  'Joni Sherman',
  'Alex Wilber',
  'Diego Siciliani',
  'Adele Vance',
  'Nestor Wilke',
  'Debra Berger',
];
const callers = ['Megan Bowen', 'Miriam Graham'];
const policies = ['payments', 'website', 'network'];
const summaries = [
  'Checkout errors over 5 %',
  'Disk of db-2 is nearly full',
  'Packet loss on the Frankfurt uplink',
  'Search answers slowly',
  'The certificate of the shop ends in 3 days',
];

(isWanted ? describe : describe.skip)('the console of the demo with 12 weeks of calls', function () {
  this.timeout(300_000);
  const openWindow = opensWindows();

  it('shows each page', async () => {
    const database = pollingOften(await openEmbedded());
    await addHistory(database.sql);
    const world = await startWorld({ database, clock: 'real', yaml, env, emulator: { people } });
    const open = async (path: string, words: string): Promise<Page> => {
      const page = await openConsole(openWindow, world, path, { timezoneId: 'Europe/Berlin' });
      await page.getByText(words).first().waitFor();
      return page;
    };

    const now = await open('/', 'All quiet');
    await world.api('POST', '/api/v1/escalations', {
      policy: 'payments',
      summary: 'Checkout errors over 5 %',
      details: 'POST /checkout answers 502 since 14:05.',
      links: [{ text: 'Runbook', href: 'https://wiki.contoso.example/checkout' }],
    });
    await now.locator('[aria-current=step]').getByText('Megan Bowen').waitFor({ timeout: 60_000 });
    await now.getByRole('button', { name: "Can't take it" }).waitFor();
    await take(now, 'now');
    await now.getByRole('link', { name: 'Checkout errors over 5 %' }).click();
    await now.getByRole('heading', { level: 1, name: 'Checkout errors over 5 %' }).waitFor();
    await now.getByRole('button', { name: 'Acknowledge' }).click();
    await now.getByText('Megan Bowen: cancelled').waitFor();
    await now.getByText('You have acknowledged').waitFor({ state: 'hidden' });
    await take(now, 'escalation');

    await coverTomorrow(world);
    await take(await open('/duty', 'On call now'), 'duty');
    await take(await open('/history', 'Debra Berger'), 'history');
    const policy = await open('/policies/network', 'Nobody is left to call');
    await policy.getByLabel('Severity of the alert').selectOption('warning');
    await policy.getByText('Skipped', { exact: true }).waitFor();
    await take(policy, 'policies');
    await take(await open('/charts', 'Download CSV'), 'charts');
    const health = await open('/health', 'Not checked yet');
    await health.getByRole('button', { name: 'Check now' }).click();
    await health
      .getByText(/checks? passed/)
      .first()
      .waitFor({ timeout: 120_000 });
    await take(health, 'health');
  });
});

/** Alex covers the policy "network" from 7:00 to 19:00 UTC tomorrow. */
async function coverTomorrow({ url }: World): Promise<void> {
  const today = Date.parse(new Date().toISOString().slice(0, 10));
  const hour = (hours: number): string => new Date(today + hours * 3_600_000).toISOString();
  const { status } = await fetch(`${url}/console/api/duty/covers`, {
    method: 'POST',
    headers: { authorization: `Bearer as:${alex}`, 'content-type': 'application/json' },
    body: JSON.stringify({ policy: 'network', from: hour(31), until: hour(43) }),
  });
  assert.equal(status, 200);
}

/** Calls of the demo's people, over 12 weeks until an hour ago. */
async function addHistory(sql: Sql): Promise<void> {
  const until = new Date(Date.now() - 3_600_000).toISOString();
  await addManyCalls(sql, { calls: 260, until, days: 79, people: callees.length + 1 });
  const nth = raw`right(id, 4)::integer`;
  const pick = (list: readonly string[]) => raw`(${list}::text[])[1 + ${nth} % ${list.length}::integer]`;
  const acknowledged = raw`created_at + make_interval(secs => 40 + (${nth} * 53) % 97 * (1 + ${nth} % 3))`;
  await raw`UPDATE escalations SET policy = ${pick(policies)},
    alert = jsonb_set(alert::jsonb, '{summary}', to_jsonb(${pick(summaries)})),
    ladder = jsonb_set(ladder::jsonb, '{acknowledgedBy,at}',
      to_jsonb(to_char((${acknowledged}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
    WHERE status = 'resolved'`.execute(sql);
  for (const [index, callee] of callees.entries()) {
    const made = `Given${index + 1} Family${index + 1}`;
    const caller = callers[index % callers.length] ?? callee;
    await raw`UPDATE calls SET target = replace(target::text, ${made}, ${callee})::json,
      requested_by = replace(requested_by::text, ${made}, ${caller})::json`.execute(sql);
  }
}

async function take(page: Page, name: string): Promise<void> {
  assert.equal(await overflows(page), false);
  mkdirSync(pictures, { recursive: true });
  const path = `${pictures}console-${name}.png`;
  const height: unknown = await page.evaluate('document.documentElement.scrollHeight');
  await page.setViewportSize({ width: 1280, height: Math.min(Number(height), 1080) });
  await page.screenshot({ path });
  const { size } = statSync(path);
  assert.ok(size < 200_000, `${name} has ${size} bytes`);
}
