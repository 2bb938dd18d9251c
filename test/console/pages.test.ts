import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { createAssets } from '../../src/browserCode/assets.ts';
import { clouds } from '../../src/config/clouds.ts';
import { contentSecurityPolicy } from '../../src/console/contentSecurityPolicy.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld } from '../support/world.ts';

/** All scripts that a first visit loads, gzipped. */
const LIMIT = 350 * 1024;

describe('the console’s pages', function () {
  this.timeout(240_000);

  it('have a policy without anything inline, and a nonce that is new each time', async () => {
    const { url } = await startWorld({ database: await openEmbedded() });
    const nonces = new Set<string>();
    for (const path of ['/console', '/console/duty', '/console/calls/1']) {
      const page = await fetch(url + path, { headers: { 'accept-language': 'de-AT' } });
      const html = await page.text();
      const policy = page.headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      nonces.add(nonce);
      assert.equal(page.status, 200);
      assert.equal(page.headers.get('cache-control'), 'no-store');
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.match(html, /<html lang="de-AT">/);
      assert.match(html, /"now":"Jetzt"/);
      assert.doesNotMatch(
        html.replace(/<script type="application\/json"[^]*?<\/script>/, ''),
        /<script(?! type="module" src)/,
      );
      assert.ok(html.includes(`nonce="${nonce}"`));
    }
    assert.equal(nonces.size, 3);
  });

  it('load scripts that browsers keep, below the limit for a first visit', async () => {
    const { url } = await startWorld({ database: await openEmbedded() });
    const html = await (await fetch(`${url}/console`)).text();
    const scripts = [...html.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? '',
    );
    assert.ok(scripts.length > 1 && /\/main-\w+\.js$/.test(scripts.at(-1) ?? ''), scripts.join());
    let bytes = 0;
    for (const path of scripts) {
      const script = await fetch(url + path, { headers: { 'accept-encoding': 'identity' } });
      assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      const name = path.split('/').at(-1) ?? '';
      const { packed, body } = (await createAssets('console').find(name)) ?? assert.fail(name);
      assert.equal(await script.text(), body.toString());
      assert.deepEqual(gunzipSync(packed), body);
      bytes += packed.length;
    }
    const { packed: page } = (await createAssets('console').find(await fileOf('now'))) ?? assert.fail();
    assert.ok(bytes + page.length < LIMIT, `${bytes + page.length} bytes`);
  });

  it('exist only below /console, and not in place of the API or of missing files', async () => {
    const { url } = await startWorld({ database: await openEmbedded() });
    for (const path of ['/console/api', '/console/api/nothing', '/console/assets/nothing.js', '/consoles']) {
      const answer = await fetch(url + path);
      assert.equal(answer.status, 404, path);
      assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
    }
  });

  it('may be shown in a frame only by Teams of the cloud, and ask only its login host for tokens', () => {
    const policy = contentSecurityPolicy('n', clouds.gcch);
    assert.match(
      policy,
      /frame-ancestors 'self' https:\/\/gov\.teams\.microsoft\.us https:\/\/\*\.gov\.teams\.microsoft\.us$/,
    );
    assert.match(policy, /connect-src 'self' https:\/\/login\.microsoftonline\.us;/);
    assert.match(
      contentSecurityPolicy('n', clouds.public),
      /frame-ancestors 'self' https:\/\/teams\.microsoft\.com /,
    );
    assert.doesNotMatch(policy, /unsafe|'\*'| \*/);
  });
});

async function fileOf(page: string): Promise<string> {
  const { find, scripts } = createAssets('console');
  for (const name of await scripts('main')) {
    const text = (await find(name))?.body.toString() ?? '';
    const found = new RegExp(`\\./(${page}-\\w+\\.js)`).exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return assert.fail(`no script of the page ${page}`);
}
