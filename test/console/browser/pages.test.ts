import assert from 'node:assert/strict';
import { safeHref } from '../../../src/console/browser/links.ts';
import { listedPageOf, pathOfDeepLink, pathTo } from '../../../src/console/browser/routes.ts';
import { clockTime, duration, relativeTime, stopwatch } from '../../../src/console/browser/times.ts';

describe('addresses of the console', () => {
  it('belong to a page of the navigation', () => {
    const marked = ['/', '/duty', '/escalations/1', '/calls/1', '/policies/payments', '/nothing'].map(
      listedPageOf,
    );
    assert.deepEqual(marked, ['now', 'duty', 'now', 'history', 'policies', null]);
  });

  it('contain ids in encoded form', () => {
    assert.equal(pathTo('policy', 'a/b c'), '/policies/a%2Fb%20c');
  });

  for (const [link, path] of [
    ['escalations/e1', '/escalations/e1'],
    ['/calls/c-1', '/calls/c-1'],
    ['duty', '/duty'],
    ['', null],
    ['escalations', null],
    ['//evil.example', null],
    ['javascript:alert(1)', null],
    [undefined, null],
  ] as const) {
    it(`of the deep link ${link} are ${path}`, () => assert.equal(pathOfDeepLink(link), path));
  }
});

describe('links from outside', () => {
  for (const [href, shown] of [
    ['https://grafana.contoso.example/d', true],
    ['http://10.0.0.1/', true],
    ['javascript:alert(1)', false],
    ['JAVASCRIPT:alert(1)', false],
    ['data:text/html,<script>', false],
    ['//no-scheme.example', false],
    ['', false],
  ] as const) {
    it(`such as ${href} are ${shown ? '' : 'not '}links`, () =>
      assert.equal(safeHref(href), shown ? href : null));
  }
});

describe('times of the console', () => {
  const now = Date.parse('2026-03-03T12:00:00Z');

  it('are relative, and less than a minute is now', () => {
    const ago = [5, 59, 60, 7_300, 90_000, -130].map((seconds) =>
      relativeTime(now - seconds * 1000, now, 'en'),
    );
    assert.deepEqual(ago, ['now', 'now', '1 minute ago', '2 hours ago', 'yesterday', 'in 2 minutes']);
    assert.equal(relativeTime(now - 120_000, now, 'de'), 'vor 2 Minuten');
  });

  it('have the day only if it is not today', () => {
    assert.match(clockTime(now, now, 'en-GB'), /^\d\d:\d\d$/);
    assert.match(clockTime(now - 3 * 86_400_000, now, 'en-GB'), /^28\/02\/2026, \d\d:\d\d$/);
  });

  it('count like a stopwatch', () => {
    assert.deepEqual([0, 5.9, 65, 3_723, -4].map(stopwatch), ['0:00', '0:05', '1:05', '1:02:03', '0:00']);
  });

  it('have at most two units as a duration', () => {
    assert.deepEqual(
      [0, 59, 60, 125, 7_200, 90_061].map((seconds) => duration(seconds, 'en')),
      ['0 sec', '59 sec', '1 min', '2 min 5 sec', '2 hr', '1 day 1 hr'],
    );
  });
});
