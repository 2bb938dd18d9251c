import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { createAssets } from '../../src/browserCode/assets.ts';
import { contentSecurityPolicy } from '../../src/talk/contentSecurityPolicy.ts';

describe('the script of the browser page', () => {
  it('is built from the installed calling SDK, with its notices and without the stand-in', async function () {
    const { find: asset } = createAssets('azure');
    const page = await asset('page.js');
    assert.ok(page);
    const script = page.body.toString();
    assert.ok(script.length > 1_000_000, `${script.length} characters`);
    assert.ok(!script.includes('/calling/clientCalls'), 'nothing of the emulator');
    assert.ok(
      !/\beval\(|new Function\(/.test(script.replace(/"(?:[^"\\\n]|\\.)*"/g, '')),
      'the policy lets no eval run',
    );
    assert.equal(gunzipSync(page.packed).length, page.body.length);
    assert.equal(await asset('page.js'), page, 'it is made once');
  });

  it('of the stand-in contains nothing of the calling SDK', async () => {
    const page = await createAssets('standIn').find('page.js');
    assert.ok(page && page.body.length < 50_000);
    assert.match(page.body.toString(), /\/calling\/clientCalls/);
  });

  it('and its styles are the only files', async () => {
    const { find: asset } = createAssets('standIn');
    assert.match((await asset('page.css'))?.type ?? '', /^text\/css/);
    for (const name of ['page.ts', '../page.css', 'constructor', '']) assert.equal(await asset(name), null);
  });
});

describe('the policy of the browser page', () => {
  it('allows Microsoft’s hosts over TLS, or only the emulator', () => {
    const real = contentSecurityPolicy(null, 'public');
    assert.match(
      real,
      /connect-src 'self' https:\/\/\*\.communication\.azure\.com wss:\/\/\*\.communication\.azure\.com/,
    );
    assert.doesNotMatch(real, /unsafe| http:| ws:|microsoft\.us/);
    assert.match(contentSecurityPolicy(null, 'gcch'), /https:\/\/\*\.microsoft\.us/);
    const demo = contentSecurityPolicy('http://127.0.0.1:5000', 'public');
    assert.match(demo, /connect-src 'self' http:\/\/127\.0\.0\.1:5000;/);
  });
});
