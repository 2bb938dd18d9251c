import { createHash, randomBytes } from 'node:crypto';

/*
 * `npm run key -- <name>`: makes a key for the API, or for an integration, and prints it once with what belongs into the
 * configuration. The key itself is kept nowhere.
 */

/** As API_KEYS and ringdown.yaml both take it. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const BYTES = 32;

const [name = '', ...more] = process.argv.slice(2);
if (more.length > 0 || !NAME.test(name)) {
  console.error('npm run key -- <name>   (letters, digits, dot, dash and underscore, at most 64)');
  process.exit(1);
}

const key = `rd_${randomBytes(BYTES).toString('base64url')}`;
const hash = createHash('sha256').update(key).digest('hex');

console.log(`The key of ${name}. It is shown this once:

  ${key}

Its hash:

  ${hash}

One of these lines makes it valid.

In ringdown.yaml under apiKeys, with the rights that it needs (read again on SIGHUP):
  - {name: ${name}, hash: ${hash}, may: [place, read, acknowledge]}

In ringdown.yaml under integrations, for alerts of one kind and one policy:
  - {name: ${name}, kind: alertmanager, hash: ${hash}, policy: <policy>}

In the environment, for a key that may do everything (several are separated by commas):
  API_KEYS=${name}:${hash}`);
