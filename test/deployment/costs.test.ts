import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { objectOf, textOf } from './armTemplate.ts';
import { pairs, readJson } from './templates.ts';

const text = readFileSync(new URL('../../docs/costs.md', import.meta.url), 'utf8');
/** Rows of all tables that have this heading as their second column, without the headings. */
const rowsWith = (heading: string): string[][] =>
  text
    .split('\n\n')
    .filter((block) => block.split('|')[2]?.trim() === heading)
    .flatMap((block) => block.trim().split('\n').slice(2))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** Of +, -, × and /, with brackets. */
function reckon(expression: string): number {
  const words = expression.match(/[\d.]+|[()+×/-]/g) ?? [];
  assert.equal(words.join(''), expression.replaceAll(' ', ''), 'nothing but arithmetic');
  let at = 0;
  const factor = (): number => {
    const word = words[at++];
    if (word !== '(') return Number(word);
    const value = sum();
    at += 1;
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (words[at] === '×' || words[at] === '/')
      value = words[at++] === '×' ? value * factor() : value / factor();
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (words[at] === '+' || words[at] === '-')
      value = words[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const value = sum();
  assert.equal(at, words.length, expression);
  return value;
}

const defaultOf = (kind: string, parameter: string): string => {
  const pair = pairs.find((one) => one.kind === kind);
  assert.ok(pair);
  const parameters = objectOf(readJson(pair.templatePath).parameters, 'parameters');
  const value = objectOf(parameters[parameter], parameter).defaultValue;
  return typeof value === 'number' ? String(value) : textOf(value, parameter);
};

describe('costs.md', () => {
  const prices = rowsWith('price');

  it('each price has a source with its date, or is to be looked up at a page with a link', () => {
    assert.ok(prices.length > 15);
    let dated = false;
    for (const [what = '', price = '', source = ''] of prices) {
      if (source.startsWith('the same')) {
        assert.ok(dated, what);
        continue;
      }
      dated = /dated \d{4}-\d\d-\d\d/.test(source);
      if (/\blook up\b/.test(price)) assert.match(source, /\]\(https:\/\/[\w.]*microsoft\.com\//, what);
      else assert.ok(dated || source === '–', what);
    }
  });

  it('each letter stands for a price that is to be looked up, and is used', () => {
    const letters = prices.flatMap(([, price = '']) => /^\*\*([A-Z])\*\*, look up/.exec(price)?.[1] ?? []);
    const used = new Set(
      [...text.matchAll(/(?<!^\|[^|]*\|\s*)\*\*([A-Z])\*\*(?!, look up)/gm)].map(([, letter]) => letter),
    );
    assert.deepEqual(used, new Set(letters));
  });

  it('the arithmetic is right', () => {
    const rows = rowsWith('calculation');
    assert.ok(rows.length > 15);
    for (const [what = '', reckoning = '', result = ''] of rows) {
      if (result.startsWith('people')) continue;
      const [, said = ''] = /^([\d.]+)/.exec(result) ?? [];
      const digits = said.split('.')[1]?.length ?? 0;
      assert.equal(reckon(reckoning).toFixed(digits), said, what);
    }
  });

  it('the sizes are those that the templates have by default', () => {
    const named = (what: RegExp): string =>
      rowsWith('calculation').find(([row = '']) => what.test(row))?.[0] ?? assert.fail(String(what));
    const plan = `${defaultOf('BotApp', 'instances')} instances of \`${defaultOf('BotApp', 'appServicePlanSku')}\``;
    assert.ok(named(/^App Service/).includes(plan));
    assert.ok(named(/^PostgreSQL/).includes(`\`${defaultOf('BotApp', 'databaseSku')}\``));
    assert.ok(named(/storage/).includes(`${defaultOf('BotApp', 'databaseStorageGB')} GB`));
    assert.ok(text.includes(`two replicas of ${defaultOf('ContainerApps', 'cpu')} processors`));
    assert.equal(defaultOf('ContainerApps', 'minReplicas'), '2');
  });
});
