import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Phone } from '../../emulator/phones/phone.ts';
import { builtInPeople } from '../../emulator/people/builtIn.ts';
import { pageTexts } from '../../src/talk/pageTexts.ts';
import { textsFor } from '../../src/texts/texts.ts';
import { openEmbedded, pollingOften } from '../support/databases.ts';
import { nadia, talkYaml } from '../support/talk.ts';
import { until } from '../support/until.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';
import { accessibilityFaults } from '../support/e2e/accessibility.ts';
import { keepScreenshots } from '../support/e2e/browser.ts';
import { PhonesPage } from '../support/e2e/phonesPage.ts';
import { opensWindows, type WindowOptions } from '../support/e2e/windows.ts';

const words = pageTexts(textsFor('en'), 'Adele Vance');

describe('the browser page', () => {
  let world: World;
  let adele: Phone;
  const open = opensWindows();

  beforeEach(async () => {
    world = await startWorld({
      database: pollingOften(await openEmbedded()),
      clock: 'real',
      yaml: talkYaml,
      emulator: {
        people: builtInPeople.map((one) =>
          one.displayName === 'Adele Vance' ? { ...one, script: { byHand: true } } : one,
        ),
      },
    });
    adele = world.emulator.phone('Adele Vance');
  });

  /** The chat's current messages, as JSON. */
  const chat = (): string =>
    JSON.stringify(world.emulator.channel.messages().map(({ activity }) => activity));

  async function link(): Promise<string> {
    await world.emulator.channel.send({ from: nadia, text: 'call Adele Vance', channelId: 'webchat' });
    const found = (): string | undefined => /http:[^" ]*\/talk\/[\w-]{43}/.exec(chat())?.[0];
    await until(() => found() !== undefined, 'the card has a link');
    return found() ?? '';
  }

  async function goTo(address: string, options?: WindowOptions): Promise<Page> {
    const page = await open({ viewport: { width: 1000, height: 800 }, ...options });
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text());
    });
    await page.goto(address);
    assert.deepEqual(violations, []);
    return page;
  }

  const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
  const reads = async (page: Page, text: string): Promise<void> =>
    await page.getByText(text, { exact: true }).first().waitFor();

  const rings = async (): Promise<void> =>
    await until(() => adele.incoming() !== null, 'the phone of Adele Vance rings');
  const silent = async (): Promise<void> =>
    await until(() => adele.current() === null, 'the phone of Adele Vance has hung up');

  function record(): void {
    const id = adele.current()?.callConnectionId ?? '';
    assert.ok(world.emulator.captures.record(world.emulator.calls.live(id), true));
  }

  async function talk(page: Page): Promise<void> {
    await button(page, words.join).click();
    await rings();
    await reads(page, words.state.ringing);
    assert.ok(adele.answer());
    await reads(page, words.state.connected);
  }

  it('joins, talks, shows at once that it is recorded, and hangs up', async () => {
    const phones = new PhonesPage(await open());
    await phones.open(world.emulator.addresses.phonesUrl);
    const phone = phones.phone('Adele Vance');
    const page = await goTo(await link());
    assert.equal(await newestCall(world).then((call) => call?.status), 'queued', 'opening does nothing');
    await button(page, words.join).click();
    await phones.rings(phone);
    await phone.getByText('Nadia (webchat)').first().waitFor();
    await reads(page, words.state.ringing);
    await until(() => chat().includes('Calling …'), 'the card says that it is calling');
    await phones.answer(phone);
    await reads(page, words.state.connected);
    await until(() => chat().includes('Adele Vance answered.'), 'the card says that she answered');

    await phone.getByRole('button', { name: 'Record' }).click();
    await reads(page, words.banner.recording.now);
    await until(() => chat().includes('This call is being recorded.'), 'the card says that it is recorded');
    await until(() => chat().includes('Hang up if you do not agree.'), 'it is said in the chat');
    await phone.getByRole('button', { name: 'Stop recording' }).click();
    await reads(page, words.banner.recording.over);

    await button(page, words.mute).click();
    await reads(page, words.state.muted);
    assert.equal(await button(page, words.unmute).getAttribute('aria-pressed'), 'true');
    await button(page, words.unmute).click();
    await button(page, words.keypad).click();
    await button(page, 'Key 5').click();
    await button(page, 'Key #').click();
    await until(
      () => world.emulator.calls.list()[0]?.client?.pressed.join('') === '5#',
      'the keys have arrived',
    );

    await button(page, words.hangUp).click();
    await phone.getByText('Call ended').waitFor();
    await reads(page, words.ended.connected_to_caller);
    await until(async () => (await newestCall(world))?.status === 'ended', 'the call has ended');
    const call = await newestCall(world);
    assert.equal(call?.disposition, 'connected_to_caller');
    const [made] = world.emulator.calls.list();
    assert.deepEqual(
      await world.app.database.sql.selectFrom('calls').select(['server_call_id', 'correlation_id']).execute(),
      [{ server_call_id: made?.serverCallId, correlation_id: made?.correlationId }],
      'the page reports the service’s ids of its call',
    );
    assert.deepEqual(
      call?.timeline.map(({ type }) => type),
      [
        'queued',
        'talkJoined',
        'talkRings',
        'connected',
        'recordingStarted',
        'recordingEnded',
        'hangUpRequested',
        'ended',
      ],
    );
    assert.equal(world.emulator.requests.count('createCall'), 0);
  });

  it('shows that the callee declined or hung up', async () => {
    const declined = await goTo(await link());
    await button(declined, words.join).click();
    await rings();
    assert.ok(adele.decline());
    await reads(declined, words.ended.declined);

    await until(async () => (await newestCall(world))?.status === 'ended', 'the call has ended');
    const before = chat();
    await world.emulator.channel.send({ from: nadia, text: 'call Adele Vance', channelId: 'webchat' });
    const links = (): string[] => [...chat().matchAll(/http:[^" ]*\/talk\/[\w-]{43}/g)].map(([one]) => one);
    await until(() => links().some((one) => !before.includes(one)), 'there is a new link');
    const page = await goTo(links().find((one) => !before.includes(one)) ?? '');
    await talk(page);
    assert.ok(adele.hangUp());
    await reads(page, words.ended.connected_to_caller);
  });

  it('hangs up when the asker says so in the chat', async () => {
    const page = await goTo(await link());
    await talk(page);
    await world.emulator.channel.send({ from: nadia, text: 'hang up', channelId: 'webchat' });
    await silent();
    await reads(page, words.ended.connected_to_caller);
  });

  it('ends the call when the page is closed', async () => {
    const page = await goTo(await link());
    await talk(page);
    await page.goto('about:blank');
    await until(async () => (await newestCall(world))?.status === 'ended', 'the call has ended');
    await silent();
  });

  it('accepts a link once, even if it is opened again or by somebody else', async () => {
    const address = await link();
    const [page, other] = [await goTo(address), await goTo(address)];
    await talk(page);
    await button(other, words.join).click();
    await other.getByText(words.gone.used.heading).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: words.gone.used.heading }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  it('says that a link has expired', async () => {
    const address = await link();
    const { sql } = world.app.database;
    await sql
      .updateTable('talk_links')
      .set({ expires_at: new Date(0) })
      .execute();
    const page = await goTo(address);
    await page.getByRole('heading', { name: words.gone.expired.heading }).waitFor();
  });

  it('says that there is no microphone, keeps the link, and offers to join without', async () => {
    const page = await goTo(await link(), { permissions: ['microphone'], microphone: false });
    await button(page, words.join).click();
    await reads(page, words.trouble.noMicrophone);
    assert.equal((await newestCall(world))?.status, 'queued');
    assert.deepEqual(await accessibilityFaults(page), []);
    await button(page, words.joinMuted).click();
    await rings();
    assert.ok(adele.answer());
    await reads(page, words.state.muted);
  });

  it('explains that the microphone is not allowed', async () => {
    const page = await goTo(await link(), { permissions: [], microphone: false });
    await page.evaluate(
      `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') }`,
    );
    await button(page, words.join).click();
    await reads(page, words.trouble.microphoneDenied);
  });

  it('loads with the real calling SDK under its policy, and can join', async () => {
    const real = await startWorld({
      database: pollingOften(await openEmbedded()),
      clock: 'real',
      yaml: talkYaml,
      // Nothing is requested before somebody joins.
      env: { ACS_CONNECTION_STRING: 'endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0' },
    });
    await real.emulator.channel.send({ from: nadia, text: 'call Adele Vance', channelId: 'webchat' });
    const said = (): string =>
      JSON.stringify(real.emulator.channel.messages().map(({ activity }) => activity));
    const found = (): string | undefined => /http:[^" ]*\/talk\/[\w-]{43}/.exec(said())?.[0];
    await until(() => found() !== undefined, 'the card has a link');
    const page = await open();
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => {
      // Browsers request an icon; there is none.
      const isOfIcon = message.location().url.endsWith('/favicon.ico');
      if (message.type() === 'error' && !isOfIcon) wrong.push(message.text());
    });
    // The first request builds the script, which is large.
    await page.goto(found() ?? '', { timeout: 120_000 });
    await until(async () => await button(page, words.join).isEnabled(), 'the script has begun');
    assert.deepEqual(wrong, []);
    assert.equal(await page.getByText(words.standIn).count(), 0);
  });

  for (const [look, options] of [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 320, height: 568 }, locale: 'de-DE' }],
  ] as const) {
    it(`is accessible, and works with the keyboard only (${look})`, async () => {
      const page = await goTo(await link(), options);
      const texts = pageTexts(textsFor('locale' in options ? options.locale : 'en'), 'Adele Vance');
      await looksRight(page, `${look}-ready`);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), texts.join);
      await page.keyboard.press('Enter');
      await rings();
      await reads(page, texts.state.ringing);
      assert.equal(await page.evaluate('document.activeElement.textContent'), texts.hangUp);
      await looksRight(page, `${look}-ringing`);
      assert.ok(adele.answer());
      await reads(page, texts.state.connected);
      record();
      await reads(page, texts.banner.recording.now);
      await button(page, texts.keypad).focus();
      await page.keyboard.press('Enter');
      await looksRight(page, `${look}-talking`);
      assert.equal(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        true,
        'nothing is wider than the screen',
      );
      await button(page, texts.hangUp).focus();
      await page.keyboard.press('Enter');
      await reads(page, texts.ended.connected_to_caller);
      await reads(page, texts.banner.recording.was);
      await looksRight(page, `${look}-over`);
    });
  }

  /** According to axe-core; the dark theme also in high contrast colours. */
  async function looksRight(page: Page, name: string): Promise<void> {
    for (const forcedColors of name.startsWith('dark')
      ? (['active', 'none'] as const)
      : (['none'] as const)) {
      await page.emulateMedia({ forcedColors });
      assert.deepEqual(await accessibilityFaults(page), [], `${name}, forced colours ${forcedColors}`);
      await keep(page, forcedColors === 'active' ? `${name}-contrast` : name);
    }
  }

  async function keep(page: Page, name: string): Promise<void> {
    if (process.env['LOOKS']) await keepScreenshots({ page }, `talk ${name}`);
  }
});
