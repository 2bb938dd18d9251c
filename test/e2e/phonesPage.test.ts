import assert from 'node:assert/strict';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import type { Page } from 'playwright-core';
import { createEmulator } from '../../emulator/emulator.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import { builtInPeople } from '../../emulator/people/builtIn.ts';
import { freePort } from '../../demo/ports.ts';
import { accessibilityFaults, evaluateOn } from '../support/e2e/accessibility.ts';
import { keepScreenshots } from '../support/e2e/browser.ts';
import { PhonesPage } from '../support/e2e/phonesPage.ts';
import { opensWindows } from '../support/e2e/windows.ts';

/** Only a few people, so that there is little to draw: those who are called, and one without a script. */
const people = builtInPeople.filter(({ displayName }) =>
  ['Adele Vance', 'Alex Wilber', 'Megan Bowen', 'Lee Gu', "Siân O'Connor-Łukasz"].includes(displayName),
);
const hostile = `<img src=x onerror="document.title='broken'"> O'Hara & <b>Söhne</b>`;

describe('the phones page', () => {
  let page: Page;
  let phones: PhonesPage;
  let port: number;
  let emulator: Emulator;

  before(async () => {
    port = await freePort();
  });
  const open = opensWindows();

  beforeEach(async () => {
    emulator = createEmulator({ port, people, timings: { failureMs: 200, perCharacterMs: 5 } });
    await emulator.start();
    page = await open();
    phones = new PhonesPage(page);
    await phones.open(emulator.addresses.phonesUrl);
  });

  afterEach(async () => await emulator.stop());

  /** Calls a person like a program with the ACS SDK. Nobody receives the events. */
  async function call(name: string, displayName = 'Ringdown'): Promise<void> {
    const { connectionString, url } = emulator.addresses;
    const retryOptions = { maxRetries: 0 };
    const options = { allowInsecureConnection: true, retryOptions };
    const identity = new CommunicationIdentityClient(connectionString, options);
    const sourceIdentity = await identity.createUser();
    const client = new CallAutomationClient(connectionString, { ...options, sourceIdentity });
    await client.createCall(
      {
        targetParticipant: { microsoftTeamsUserId: emulator.people.get(name).id },
        sourceDisplayName: displayName,
      },
      `${url}/nowhere`,
    );
  }

  /** Waits until the emulator has applied what `act` sets. */
  async function taken(act: Promise<unknown>): Promise<void> {
    await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), act]);
  }

  it('answers, presses a key and hangs up with the keyboard only', async () => {
    emulator.people.script('Adele Vance', { byHand: true });
    const adele = phones.phone('Adele Vance');
    await call('Adele Vance');
    await phones.rings(adele);
    assert.match(await page.title(), /Adele Vance/);

    await page.getByRole('button', { name: 'Go to phone' }).focus();
    await page.keyboard.press('Enter');
    assert.match(await focused(page), /^Answer/);
    await page.keyboard.press('Enter');
    const keypad = adele.getByRole('button', { name: 'Keypad' });
    await keypad.waitFor();
    // Now the phone itself has the focus: its buttons come next, and a second Enter does not end the call.
    assert.match(await focused(page), /^Adele Vance/);
    await keypad.focus();
    await page.keyboard.press('Enter');
    await adele.getByRole('button', { name: 'five' }).press('Enter');
    await adele.getByText('pressed 5').waitFor();
    await page.keyboard.press('*');
    await adele.getByText('pressed 5 ✱').waitFor();
    await adele.getByRole('button', { name: 'Hang up' }).press('Enter');
    await adele.getByText('Call ended').waitFor();
    assert.deepEqual(emulator.phone('Adele Vance').rings()[0]?.tones, ['five', 'asterisk']);
  });

  it('sets a person’s behaviour', async () => {
    const alex = phones.phone('Alex Wilber');
    // Each delay differs from the previous one, because typing the same value again is no change.
    for (const { behaviour, delay, code } of [
      { behaviour: 'Declines', delay: '0.5', code: '487/10024' },
      { behaviour: 'Does not answer', delay: '1', code: '487/10004' },
      { behaviour: 'Is busy', delay: '0.5', code: '486/560486' },
      { behaviour: 'Is not reachable', delay: '0', code: '480/10078' },
      { behaviour: 'May not be called', delay: '0.5', code: '403/10124' },
      { behaviour: 'Answers, hangs up', delay: '0', code: '200/0' },
    ]) {
      await taken(alex.getByRole('combobox', { name: 'When called' }).selectOption({ label: behaviour }));
      const after = alex.getByRole('spinbutton');
      await after.fill(delay);
      await taken(after.press('Enter'));
      await call('Alex Wilber');
      await phones.call('Alex Wilber').getByText(code).waitFor();
      await alex.getByText(code).waitFor();
    }
  });

  it('applies a delay to the chosen behaviour, even before the emulator confirms it', async () => {
    const alex = phones.phone('Alex Wilber');
    const behaves = alex.getByRole('combobox', { name: 'When called' });
    await taken(behaves.selectOption({ label: 'Declines' }));
    const held = Promise.withResolvers<void>();
    await page.route(/phones\/state/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await taken(behaves.selectOption({ label: 'Answers, hangs up' }));
    const delay = alex.getByRole('spinbutton');
    await delay.fill('0.5');
    await taken(delay.press('Enter'));
    held.resolve();
    await call('Alex Wilber');
    await phones.call('Alex Wilber').getByText('200/0').waitFor();
  });

  it('updates other open pages', async () => {
    const other = new PhonesPage(await open());
    await other.open(emulator.addresses.phonesUrl);
    await phones.phone('Lee Gu').getByRole('combobox').selectOption({ label: 'Declines' });
    await other.page
      .getByRole('article', { name: 'Lee Gu' })
      .locator('select:has(option:checked:text("Declines"))')
      .waitFor();
  });

  it('shows names and callers as text, whatever they contain', async () => {
    emulator.people.add({ displayName: hostile, script: { byHand: true } });
    const phone = phones.phone(hostile);
    await call(hostile, hostile);
    await phones.rings(phone);
    await phone.getByRole('paragraph').getByText(hostile, { exact: true }).waitFor();
    assert.equal(await page.locator('article img, article b').count(), 0);
    assert.notEqual(await page.title(), 'broken');
  });

  it('finds people among many', async () => {
    for (let number = 1; number <= 80; number += 1) emulator.people.add({ displayName: `Person ${number}` });
    await page.getByText(/more people: find them by name/).waitFor();
    await page.getByRole('searchbox').fill('sian');
    await phones.phone('Person 1').first().waitFor({ state: 'detached' });
    assert.deepEqual(await page.getByRole('article').count(), 1);
    await phones.phone("Siân O'Connor-Łukasz").waitFor();
    await page.getByRole('searchbox').fill('nobody at all');
    await page.getByText('Nobody has a name like that.').waitFor();
  });

  it('recovers by itself after the emulator was unavailable', async () => {
    await emulator.stop();
    await page.getByText('Trying again').waitFor();
    emulator = createEmulator({ port, people: [...people, { displayName: 'New Person' }] });
    await emulator.start();
    await page.getByText('Live', { exact: true }).waitFor();
    await phones.phone('New Person').waitFor();
  });

  it('needs no horizontal scrolling at any width', async () => {
    emulator.people.script('Adele Vance', { byHand: true });
    await call('Adele Vance', `A caller with a very long name ${'x'.repeat(60)}`);
    await phones.rings(phones.phone('Adele Vance'));
    for (const width of [320, 768, 1440]) {
      await page.setViewportSize({ width, height: 700 });
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    }
  });

  it('is accessible according to axe-core while phones ring and talk', async () => {
    emulator.people.script('Adele Vance', { byHand: true });
    emulator.people.script('Megan Bowen', { answers: { afterMs: 0 } });
    await call('Adele Vance');
    await call('Megan Bowen');
    await phones.rings(phones.phone('Adele Vance'));
    await phones.phone('Megan Bowen').getByRole('button', { name: 'Hang up' }).waitFor();
    for (const look of ['light', 'dark', 'high contrast'] as const) {
      await page.emulateMedia({
        colorScheme: look === 'light' ? 'light' : 'dark',
        forcedColors: look === 'high contrast' ? 'active' : 'none',
      });
      if (look !== 'high contrast') assert.deepEqual(await page.evaluate(tooFaint), [], look);
      // Colours are the same at every width.
      for (const width of look === 'light' ? [320, 1280] : [1280]) {
        await page.setViewportSize({ width, height: 800 });
        assert.deepEqual(await accessibilityFaults(page), [], `${look}, ${width} px wide`);
        if (process.env['LOOKS']) await keepScreenshots({ page }, `phones ${look} ${width}`);
      }
    }
    // An outline also marks the ringing phone, for modes without backgrounds.
    const line = await evaluateOn(
      phones.phone('Adele Vance'),
      '(phone) => getComputedStyle(phone).outlineStyle',
    );
    assert.equal(line, 'solid');

    // Check that axe-core's findings are reported.
    await page.evaluate("document.body.append(document.createElement('img'))");
    assert.match((await accessibilityFaults(page)).join(), /^image-alt: /);
  });
});

/** The name of the focused element, from its label or text. */
async function focused(page: Page): Promise<string> {
  return String(
    await page.evaluate(
      `(() => {
        const it = document.activeElement;
        const label = it.getAttribute('aria-labelledby');
        return it.getAttribute('aria-label') ?? (label ? document.getElementById(label).textContent : it.textContent);
      })()`,
    ),
  );
}

/** Every text whose contrast with its background is below WCAG AA: 4.5, or 3 for large text. */
const tooFaint = `(() => {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(channels(getComputedStyle(at).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('.unseen, option, svg, noscript')) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const color = channels(style.color);
    const text = over({ ...color, a: color.a * Number(style.opacity) }, ground);
    const [low, high] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(element.className + ' "' + element.textContent.trim() + '" ' + ratio.toFixed(2));
  }
  return [...new Set(faint)];
})()`;
