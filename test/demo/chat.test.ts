import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { startChat } from '../../demo/chat.ts';
import { createEmulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';

describe('the demo’s chat client', () => {
  it('takes another port when somebody else has taken its own meanwhile', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    afterTest(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    const emulator = createEmulator();
    const { connectorUrl, tenantId } = await emulator.start();
    afterTest(async () => await emulator.stop());
    const [user, ...others] = ['Megan', 'Adele', 'Alex', 'Siân', 'Debra', 'Nestor'].map((name) => {
      const found = emulator.people.list().find(({ givenName }) => givenName === name);
      assert.ok(found, name);
      return found;
    });
    assert.ok(user);

    const chat = await startChat({
      endpoint: 'http://127.0.0.1:9/api/messages',
      port,
      emulatorConnector: connectorUrl,
      tenantId,
      user,
      others,
    });
    afterTest(async () => await chat.stop());
    assert.notEqual(chat.url, `http://127.0.0.1:${port}`);
    const page = await fetch(chat.url);
    assert.match(await page.text(), /<html/i);
  });
});
