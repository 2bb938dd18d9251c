import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFaults } from '../../src/config/faults.ts';
import { loadDotEnv } from '../../src/config/dotEnv.ts';
import { afterTest } from '../support/afterTest.ts';

const text = 'PORT=3979\r\nCALLER_DISPLAY_NAME="Jürgens Wecker" # spoken\nexport LOG_LEVEL=debug\n';

/** Writes a file with these bytes. @returns its path */
function written(bytes: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-env-'));
  afterTest(() => rmSync(folder, { recursive: true }));
  const path = join(folder, '.env');
  writeFileSync(path, bytes);
  return path;
}

function faultOf(path: string): string {
  try {
    loadDotEnv({}, path);
  } catch (error) {
    assert.ok(error instanceof ConfigFaults);
    return error.message;
  }
  return '';
}

describe('.env', () => {
  for (const [what, bytes] of [
    ['in plain UTF-8', Buffer.from(text)],
    ['with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['in UTF-16 with a byte order mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ] as const) {
    it(`is read ${what}`, () => {
      const env = {};
      loadDotEnv(env, written(bytes));
      assert.deepEqual(env, {
        PORT: '3979',
        CALLER_DISPLAY_NAME: 'Jürgens Wecker',
        LOG_LEVEL: 'debug',
      });
    });
  }

  it('keeps variables that are already set, empty or not', () => {
    const env = { PORT: '1', LOG_LEVEL: '' };
    loadDotEnv(env, written(Buffer.from('PORT=2\nLOG_LEVEL=debug\nHOST=::1')));
    assert.deepEqual(env, { PORT: '1', LOG_LEVEL: '', HOST: '::1' });
  });

  it('may be absent', () => {
    const env = {};
    loadDotEnv(env, join(tmpdir(), 'there-is-no-such-folder', '.env'));
    assert.deepEqual(env, {});
  });

  it('is refused in another encoding, by line and column, without its text', () => {
    const fault = faultOf(written(Buffer.from('PORT=1\nEVENT_GRID_SECRET=Schlüssel\n', 'latin1')));
    assert.match(fault, /\.env:2:23: is not UTF-8 .*: save the file as UTF-8/);
    assert.ok(!fault.includes('Schl'), fault);
    assert.match(faultOf(written(Buffer.from('PORT=1\n', 'utf16le'))), /\.env:1:2: .*save the file as UTF-8/);
  });

  it('is refused if it cannot be read', () => {
    assert.match(faultOf(tmpdir()), /cannot be read \(EISDIR\)/);
  });
});
