import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import * as z from 'zod';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const found = z.array(z.string());

/** What to check: WCAG 2.0 to 2.2, A and AA, or only the rules that depend on colours. */
const checks = {
  everything: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  colours: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/**
 * Checks the current state of a page with axe-core.
 *
 * @param check `colours` suffices where only the theme differs from a state that was checked before
 * @returns the faults, one line per rule with its elements; empty if there are none
 */
export async function accessibilityFaults(
  page: Page,
  check: keyof typeof checks = 'everything',
): Promise<string[]> {
  await bringAxe(page);
  // Colours in between, such as those of a button that has just been enabled, are not those of the page.
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished))',
  );
  const faults = found.parse(await page.evaluate(`(${run})(${JSON.stringify(checks[check])})`));
  // axe-core reads the page's own colours. With forced colours, the browser ensures contrast.
  const isForced = (await page.evaluate("matchMedia('(forced-colors: active)').matches")) === true;
  return faults.filter((fault) => !(isForced && fault.startsWith('color-contrast: ')));
}

/**
 * Low contrast within one element. The colours for good, warning and attention are those of Teams; words repeat what
 * they mean.
 */
export async function hardToRead(element: Locator): Promise<string[]> {
  await bringAxe(element.page());
  return found.parse(await evaluateOn(element, contrast));
}

/** Through the debugger, not a script element, so that the page's content security policy need not allow it. */
async function bringAxe(page: Page): Promise<void> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(source);
}

/** The part of Element that is used here. */
interface Attributes {
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

/** A function to run on an element. Passed as text, because code in the page has no Node types. */
export async function evaluateOn(element: Locator, asked: string): Promise<unknown> {
  await element.evaluate((marked: Attributes) => marked.setAttribute('data-looked-at', ''));
  const answer: unknown = await element
    .page()
    .evaluate(`(${asked})(document.querySelector('[data-looked-at]'))`);
  await element.evaluate((marked: Attributes) => marked.removeAttribute('data-looked-at'));
  return answer;
}

/** Passing checks are not reported: naming each element of a long chat takes far longer than checking it. */
// Fluent's elements that pass the focus on at once are focusable and hidden on purpose.
const run = `(runOnly) => axe
  .run({ include: document, exclude: ['[data-tabster-dummy]'] }, { runOnly, resultTypes: ['violations'] })
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
