import type { Page } from 'playwright-core';
import * as z from 'zod';

/*
 * The Playground shows cards as Teams does in its light theme, on wide screens. Here the same renderer gets the colours
 * of Teams' dark theme (Microsoft's host configuration for it, samples/HostConfig/microsoft-teams-dark.json), and cards
 * the width that they have on a phone.
 */

/** What a card has on a phone of 360 px, beside the avatar and the paddings of the message. */
export const PHONE_CARD_PX = 288;

const hostConfig = z.looseObject({ containerStyles: z.record(z.string(), z.looseObject({})) });

const dark = {
  default: { default: '#ffffffff', subtle: '#bfffffff' },
  dark: { default: '#ff201f1f', subtle: '#ff2d2c2c' },
  light: { default: '#ffffffff', subtle: '#bfffffff' },
  accent: { default: '#ffa6a7dc', subtle: '#ff8b8cc7' },
  good: { default: '#ff92c353', subtle: '#e592c353' },
  warning: { default: '#fff8d22a', subtle: '#e5f8d22a' },
  attention: { default: '#ffd74654', subtle: '#e5d74654' },
};
/** On the pale grounds of the other styles. */
const onPale = { ...dark, default: dark.dark };
const darkStyles = {
  default: { foregroundColors: dark, backgroundColor: '#ff2d2c2c' },
  emphasis: { foregroundColors: dark, backgroundColor: '#ff292828' },
  accent: { foregroundColors: onPale, backgroundColor: '#C7DEF9' },
  good: { foregroundColors: onPale, backgroundColor: '#CCFFCC' },
  attention: { foregroundColors: onPale, backgroundColor: '#FFC5B2' },
  warning: { foregroundColors: onPale, backgroundColor: '#FFE2B2' },
};

/** From the next time that the page is opened on. */
export async function inDark(page: Page): Promise<void> {
  await page.route(/\/static\/js\/main\.[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: withDarkCards(await response.text()) });
  });
}

function withDarkCards(script: string): string {
  const light = /JSON\.parse\('(\{"choiceSetInputValueSeparator".*?\})'\)/s.exec(script);
  if (!light?.[1]) throw new Error('The Playground no longer has the look of its cards where it was.');
  const read = hostConfig.parse(JSON.parse(light[1].replaceAll("\\'", "'")));
  const changed = JSON.stringify({ ...read, containerStyles: darkStyles });
  return script.replace(light[0], () => `(${changed})`);
}

/** What surrounds a card in Teams' dark theme, and cards as narrow as on a phone while the root has that class. */
export async function addStyles(page: Page, isDark: boolean): Promise<void> {
  const around = '.fai-OutputCard { background: #1f1f1f !important; }';
  await page.addStyleTag({
    content: `.phone .ac-adaptiveCard { width: ${PHONE_CARD_PX}px; } ${isDark ? around : ''}`,
  });
}

/** Cards as narrow as on a phone, or as wide as on a desk. */
export async function narrow(page: Page, on: boolean): Promise<void> {
  await page.evaluate(`document.documentElement.classList.toggle('phone', ${on})`);
}
