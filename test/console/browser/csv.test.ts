import assert from 'node:assert/strict';
import { csvOf } from '../../../src/console/browser/csv.ts';

describe('a table as CSV', () => {
  const cases: [name: string, cell: string | number, written: string][] = [
    ['a word as it is', 'Adele', 'Adele'],
    ['a number as it is, also a negative one', -3, '-3'],
    ['a comma in quotes', 'Vance, Adele', '"Vance, Adele"'],
    ['a semicolon in quotes, which some spreadsheets split at', 'a;b', '"a;b"'],
    ['quotes doubled', 'the "web" team', '"the ""web"" team"'],
    ['a line break in quotes', 'two\nlines', '"two\nlines"'],
    ['spaces at the ends in quotes', ' a ', '" a "'],
    ['nothing as nothing', '', ''],
    ['a formula as text', '=HYPERLINK("https://evil.example")', `"'=HYPERLINK(""https://evil.example"")"`],
    ['a formula after spaces as text', '  =1+1', `"'  =1+1"`],
    ['a plus as text', '+1 425 555 0100', `"'+1 425 555 0100"`],
    ['a minus as text', '-2+3', `"'-2+3"`],
    ['an at sign as text', '@SUM(A1)', `"'@SUM(A1)"`],
    ['a full-width equals sign as text', '＝1+1', `"'＝1+1"`],
    ['a tab before a formula as text', '\t=1', `"'\t=1"`],
  ];
  for (const [name, cell, written] of cases) {
    it(`has ${name}`, () => {
      assert.equal(csvOf(['name'], [[cell]]), `\uFEFFname\r\n${written}\r\n`);
    });
  }
});
