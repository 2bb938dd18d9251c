import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import * as z from 'zod';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const found = z.array(z.string());

/**
 * Looks at a page as it stands now with axe-core (WCAG 2.0 to 2.2, A and AA).
 *
 * @returns what is wrong, a line for each rule: its name and the elements; empty if nothing is
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // By the debugger, not by a script element: the page's content security policy need not let it in.
  await page.evaluate(source);
  return found.parse(await page.evaluate(run));
}

const run = `axe
  .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')),
  )`;
