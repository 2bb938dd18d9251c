import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import * as z from 'zod';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const found = z.array(z.string());

/**
 * Looks at a page as it stands now with axe-core (WCAG 2.0 to 2.2, A and AA).
 *
 * @returns what is wrong, a line for each rule: its name and the elements; empty if nothing is
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await bringAxe(page);
  const faults = found.parse(await page.evaluate(run));
  // axe-core reads the page's own colours. Where others are forced, the browser sees to it that they can be read.
  const isForced = (await page.evaluate("matchMedia('(forced-colors: active)').matches")) === true;
  return faults.filter((fault) => !(isForced && fault.startsWith('color-contrast: ')));
}

/**
 * Words that can hardly be read on their ground, in one element. The colours of good, warning and attention are those of
 * Teams: what they mean is also said in words.
 */
export async function hardToRead(element: Locator): Promise<string[]> {
  await bringAxe(element.page());
  return found.parse(await evaluateOn(element, contrast));
}

/** By the debugger, not by a script element: the page's content security policy need not let it in. */
async function bringAxe(page: Page): Promise<void> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(source);
}

/** As much of an element as is needed here. */
interface Attributes {
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

/** What a function says of an element. It is given as text: what runs in a page does not know Node's types. */
export async function evaluateOn(element: Locator, asked: string): Promise<unknown> {
  await element.evaluate((marked: Attributes) => marked.setAttribute('data-looked-at', ''));
  const answer: unknown = await element
    .page()
    .evaluate(`(${asked})(document.querySelector('[data-looked-at]'))`);
  await element.evaluate((marked: Attributes) => marked.removeAttribute('data-looked-at'));
  return answer;
}

/** Where all is well need not be told: to name each element of a long chat takes far longer than to look at it. */
const run = `axe
  .run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    resultTypes: ['violations'],
  })
  .then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')),
  )`;

const contrast = `(element) => axe
  .run(element, {
    runOnly: { type: 'rule', values: ['color-contrast', 'button-name', 'image-alt', 'label'] },
    resultTypes: ['violations'],
  })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes
    .filter(({ any }) => !['#92c353', '#f8d22a', '#c4314b', '#d74654'].includes(any[0]?.data?.fgColor))
    .map(({ html, any }) => id + ': ' + html.slice(0, 200) + ' ' + any.map(({ message }) => message).join(' ')),
  ))`;
