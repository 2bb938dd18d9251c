import assert from 'node:assert/strict';
import { Bot } from '../../demo/bot.ts';
import { welcome } from '../../demo/interactive.ts';

describe('the welcome of the demo', () => {
  it('says where the chat, the phones and the console are', () => {
    const addresses = { connectorUrl: '', phonesUrl: 'http://127.0.0.1:2' };
    const emulator = addresses as unknown as ConstructorParameters<typeof Bot>[0]['emulator'];
    const bot = new Bot({ emulator, port: 3978, database: 'memory' });
    const text = welcome({ chatUrl: 'http://127.0.0.1:1', phonesUrl: addresses.phonesUrl, bot });
    for (const address of ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'http://127.0.0.1:3978/console']) {
      assert.ok(text.includes(`${address} `), address);
    }
  });
});
