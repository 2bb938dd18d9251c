import { createHash, randomBytes } from 'node:crypto';

/*
 * `npm run key -- <name>`: creates a key for the API or for an integration, and prints it once, with the lines for
 * the configuration. The key itself is not stored anywhere.
 */

/** The names that API_KEYS and ringdown.yaml accept. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const BYTES = 32;

const [name = '', ...more] = process.argv.slice(2);
if (more.length > 0 || !NAME.test(name)) {
  console.error('npm run key -- <name>   (at most 64 letters, digits, dots, dashes and underscores)');
  process.exit(1);
}

const key = `rd_${randomBytes(BYTES).toString('base64url')}`;
const hash = createHash('sha256').update(key).digest('hex');

console.log(`The key ${name}. It is shown only once:

  ${key}

Its hash:

  ${hash}

Add one of these lines to make it valid.

In ringdown.yaml under apiKeys, with the rights that it needs (reloaded on SIGHUP):
  - {name: ${name}, hash: ${hash}, may: [place, read, acknowledge]}

In ringdown.yaml under integrations, for alerts of one format and one policy:
  - {name: ${name}, kind: alertmanager, hash: ${hash}, policy: <policy>}

In the environment, for a key with all rights (separate several with commas):
  API_KEYS=${name}:${hash}`);
