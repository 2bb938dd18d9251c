import assert from 'node:assert/strict';
import { generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import sinon from 'sinon';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { createCallbackTokens } from '../../src/telephony/callbackTokens.ts';
import type { CallbackTokenOptions } from '../../src/telephony/callbackTokens.ts';
import { recordingLog } from '../support/log.ts';

const ISSUER = 'https://acscallautomation.communication.azure.com';
const AUDIENCE = 'abcdef99-8888-7777-6666-555555555555';
const START = Date.parse('2026-11-01T12:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Pair {
  privateKey: CryptoKey;
  key: KeyObject;
  jwk: JWK;
}

async function pair(kid: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  // Microsoft's key sets do not name the algorithm of a key.
  return {
    privateKey,
    key: KeyObject.from(privateKey),
    jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' },
  };
}

/** A token that no library would produce. */
function byHand(key: KeyObject, header: object, content: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = content === 'x' ? 'eA' : part(content);
  const text = `${part({ alg: 'RS256', kid: 'one', ...header })}.${body}`;
  return `Bearer ${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

describe('callback tokens', () => {
  let first: Pair;
  let second: Pair;
  let stranger: Pair;
  before('make keys', async () => {
    [first, second, stranger] = await Promise.all([pair('one'), pair('two'), pair('one')]);
  });

  /** The service's key server: it counts requests, and the test can stop it. */
  let server: Server;
  let address = '';
  let keys: JWK[] = [];
  let down = false;
  let hangs = false;
  let fetched = 0;
  let jwksUri = '';
  beforeEach('start the key server', async () => {
    [keys, down, hangs, fetched] = [[first.jwk], false, false, 0];
    server = createServer((request, response) => {
      if (hangs) return;
      if (down) response.statusCode = 500;
      response.setHeader('Content-Type', 'application/json');
      if (request.url === '/keys') {
        fetched++;
        response.end(JSON.stringify({ keys }));
      } else {
        response.end(JSON.stringify({ issuer: ISSUER, jwks_uri: jwksUri, other: ['x'] }));
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    address = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
    jwksUri = `${address}/keys`;
  });
  afterEach('stop the key server', async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  let now = START;
  const clock: Clock = { ...systemClock, now: () => now };
  beforeEach(() => {
    now = START;
  });

  function tokens(options: Partial<CallbackTokenOptions> = {}) {
    const { log, lines } = recordingLog();
    const checks = createCallbackTokens({
      openIdUrl: `${address}/openid`,
      issuer: ISSUER,
      audience: AUDIENCE,
      clock,
      log,
      ...options,
    });
    return { check: async (authorization?: string) => await checks.check(authorization), lines };
  }

  const seconds = (offset: number) => Math.floor((now + offset) / SECOND);
  function claims(more: JWTPayload = {}): JWTPayload {
    return {
      iss: ISSUER,
      aud: AUDIENCE,
      iat: seconds(0),
      nbf: seconds(0),
      exp: seconds(5 * MINUTE),
      ...more,
    };
  }
  async function signed(by: Pair, payload = claims(), kid: string | undefined = by.jwk.kid): Promise<string> {
    const header = { alg: 'RS256', typ: 'JWT', ...(kid === undefined ? {} : { kid }) };
    return `Bearer ${await new SignJWT(payload).setProtectedHeader(header).sign(by.privateKey)}`;
  }

  it('are valid as the service issues them', async () => {
    assert.equal(await tokens().check(await signed(first)), 'valid');
  });

  it('are valid whatever the case of the resource id, in the setting and in the token', async () => {
    for (const audience of [AUDIENCE, AUDIENCE.toUpperCase()]) {
      const { check } = tokens({ audience });
      for (const aud of [AUDIENCE, AUDIENCE.toUpperCase(), ['another', AUDIENCE.toUpperCase()]]) {
        assert.equal(
          await check(await signed(first, claims({ aud }))),
          'valid',
          `${audience} ${String(aud)}`,
        );
      }
    }
  });

  describe('are invalid if', () => {
    const cases: Record<string, () => Promise<string | undefined>> = {
      'there is none': async () => undefined,
      'the header is empty': async () => '',
      'the scheme is different': async () => (await signed(first)).replace('Bearer', 'Basic'),
      'it is garbage': async () => 'Bearer garbage',
      'it is garbage in three parts': async () => 'Bearer a.b.c',
      'something follows it': async () => `${await signed(first)} more`,
      'it is signed with another key under the same key id': async () => await signed(stranger),
      'its content was changed': async () => {
        const [head = '', , signature = ''] = (await signed(first)).split('.');
        const content = Buffer.from(JSON.stringify(claims({ sub: 'x' }))).toString('base64url');
        return [head, content, signature].join('.');
      },
      'its signature was cut off': async () => (await signed(first)).replace(/[^.]*$/, ''),
      'it is not signed (alg none)': async () => `Bearer ${new UnsecuredJWT(claims()).encode()}`,
      'the public key was used as a shared secret (HS256)': async () => {
        const secret = Buffer.from(JSON.stringify(first.jwk));
        const header = { alg: 'HS256', kid: 'one' };
        return `Bearer ${await new SignJWT(claims()).setProtectedHeader(header).sign(secret)}`;
      },
      'it uses another algorithm with the right key (RS512)': async () => {
        const key = await importJWK(await exportJWK(first.privateKey), 'RS512');
        return `Bearer ${await new SignJWT(claims()).setProtectedHeader({ alg: 'RS512', kid: 'one' }).sign(key)}`;
      },
      'it names no key': async () => {
        const token = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' });
        return `Bearer ${await token.sign(first.privateKey)}`;
      },
      'it names an unknown key': async () => await signed(first, claims(), 'three'),
      'it brings its own key': async () => {
        const { jwk, privateKey } = stranger;
        const token = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'mine', jwk });
        return `Bearer ${await token.sign(privateKey)}`;
      },
      'the issuer is different': async () => await signed(first, claims({ iss: 'https://evil.example' })),
      'the issuer is missing': async () => await signed(first, { ...claims(), iss: undefined }),
      'the audience is another resource': async () => await signed(first, claims({ aud: 'another' })),
      'the audience is not a string': async () =>
        await signed(first, { ...claims(), aud: [7 as unknown as string] }),
      'the audience is missing': async () => await signed(first, { ...claims(), aud: undefined }),
      'it has expired': async () => await signed(first, claims({ exp: seconds(-61 * SECOND) })),
      'it never expires': async () => await signed(first, { ...claims(), exp: undefined }),
      'its expiry is not a number': async () => byHand(first.key, {}, { ...claims(), exp: '4000000000' }),
      'its content is not an object': async () => byHand(first.key, {}, [claims()]),
      'its content is not JSON': async () => byHand(first.key, {}, 'x'),
      'its header is not JSON': async () => (await signed(first)).replace(/(?<= )[^.]*/, 'eA'),
      'it has an extra part': async () => `${await signed(first)}.eA`,
      'it has a critical extension': async () =>
        byHand(first.key, { crit: ['http://example/x'], 'http://example/x': true }, claims()),
      'its key is too short': async () => {
        const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
        keys = [{ ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' }];
        return byHand(privateKey, {}, claims());
      },
      'its key is for another kind of signature': async () => {
        const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        keys = [{ ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' }];
        return byHand(privateKey, {}, claims());
      },
      'its key is for encryption': async () => {
        keys = [{ ...first.jwk, use: 'enc' }];
        return await signed(first);
      },
      'it is not valid yet': async () => await signed(first, claims({ nbf: seconds(61 * SECOND) })),
    };
    for (const [name, make] of Object.entries(cases)) {
      it(name, async () => {
        const { check, lines } = tokens();
        const authorization = await make();
        assert.equal(await check(authorization), 'invalid');
        const token = authorization?.split(/[ .]/)[2] ?? '';
        assert.ok(token.length < 10 || !lines.join('').includes(token), 'the log contains nothing of it');
      });
    }
  });

  it('tolerate 60 s of clock skew', async () => {
    const { check } = tokens();
    assert.equal(await check(await signed(first, claims({ exp: seconds(-59 * SECOND) }))), 'valid');
    assert.equal(await check(await signed(first, claims({ nbf: seconds(59 * SECOND) }))), 'valid');
  });

  describe('keys', () => {
    it('are fetched on first use, once for concurrent callers, and kept', async () => {
      const { check } = tokens();
      assert.equal(await check('Bearer garbage'), 'invalid');
      assert.equal(fetched, 0);
      const token = await signed(first);
      const answers = await Promise.all(Array.from({ length: 20 }, async () => await check(token)));
      assert.deepEqual(new Set(answers), new Set(['valid']));
      await check(token);
      assert.equal(fetched, 1);
    });

    it('are fetched again for an unknown key id, so a new key works at once', async () => {
      const { check } = tokens();
      await check(await signed(first));
      now += HOUR;
      keys = [first.jwk, second.jwk];
      assert.equal(await check(await signed(second)), 'valid');
      assert.equal(fetched, 2);
    });

    it('… and within a few seconds even if somebody keeps sending unknown ids', async () => {
      const { check } = tokens();
      await check(await signed(first));
      now += HOUR;
      const made = await signed(first, claims(), 'made-up');
      assert.equal(await check(made), 'invalid');
      keys = [first.jwk, second.jwk];
      const waits: number[] = [];
      now += 1;
      for (const start = now; now - start < 10 * SECOND; now += 100) {
        await check(made).catch(() => 'unavailable');
        const answer = await check(await signed(second)).catch(() => 'unavailable');
        // Not "invalid": the service will retry.
        if (answer !== 'valid') waits.push(now - start);
        assert.notEqual(answer, 'invalid');
      }
      assert.ok(Math.max(0, ...waits) < 3 * SECOND, `${Math.max(...waits)} ms`);
    });

    it('… but at most once in 3 s, however many unknown ids arrive', async () => {
      const { check } = tokens();
      const many = await Promise.all(
        Array.from({ length: 50 }, async (_, n) => await signed(first, claims(), `made-up ${n}`)),
      );
      for (const start = now; now - start < MINUTE; now += 500)
        await Promise.all(many.map(async (token) => await check(token).catch(() => 'unavailable')));
      assert.ok(fetched <= 21, `${fetched} in a minute`);
    });

    it('that cannot be fetched do not make an unknown id invalid: the key may be new', async () => {
      const { check } = tokens();
      await check(await signed(first));
      down = true;
      now += HOUR;
      await assert.rejects(check(await signed(second)), { code: 'unavailable' });
      assert.equal(await check(await signed(first)), 'valid');
      down = false;
      keys = [second.jwk];
      now += 3 * SECOND;
      assert.equal(await check(await signed(second)), 'valid');
    });

    it('that the service has withdrawn are forgotten after a day', async () => {
      const { check } = tokens();
      await check(await signed(first));
      keys = [second.jwk];
      now += 24 * HOUR - 1;
      assert.equal(await check(await signed(first)), 'valid');
      now += 1;
      assert.equal(await check(await signed(first)), 'invalid');
      assert.equal(await check(await signed(second)), 'valid');
      assert.equal(fetched, 2);
    });

    it('are kept if they cannot be fetched again', async () => {
      const { check, lines } = tokens();
      await check(await signed(first));
      down = true;
      now += 30 * HOUR;
      assert.equal(await check(await signed(first)), 'valid');
      assert.match(lines.join(''), /cannot fetch the signing keys/);
      now += MINUTE;
      keys = [];
      down = false;
      assert.equal(await check(await signed(first)), 'valid', 'an empty key set is rejected');
      assert.equal(fetched, 2);
    });

    it('that cannot be fetched at all are not the sender’s fault, and are fetched again soon', async () => {
      const { check } = tokens();
      const token = await signed(first);
      down = true;
      await assert.rejects(check(token), { code: 'unavailable' });
      down = false;
      await assert.rejects(check(token), { code: 'unavailable' });
      assert.equal(fetched, 0);
      now += 2 * SECOND;
      assert.equal(await check(token), 'valid');
    });

    for (const [name, uri] of [
      ['plain http on another host', 'http://keys.example/keys'],
      ['no address', 'keys'],
      ['a file', 'file:///etc/passwd'],
    ] as const) {
      it(`are not fetched from ${name}`, async () => {
        jwksUri = uri;
        const asked: string[] = [];
        const { check } = tokens({
          fetch: async (input, init) => {
            asked.push(String(input instanceof Request ? input.url : input));
            return await fetch(input, init);
          },
        });
        await assert.rejects(check(await signed(first)), { code: 'unavailable' });
        assert.deepEqual(asked, [`${address}/openid`]);
      });
    }

    it('are waited for 5 s at most', async () => {
      hangs = true;
      const limit = new AbortController();
      const timeout = sinon.stub(AbortSignal, 'timeout').returns(limit.signal);
      server.once('request', () => limit.abort());
      try {
        await assert.rejects(tokens().check(await signed(first)), { code: 'unavailable' });
        assert.deepEqual(timeout.args, [[5_000]]);
      } finally {
        timeout.restore();
      }
    });
  });
});
