import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { readConfig, readConfigAgain, secretValues } from '../../src/config/config.ts';
import type { Config } from '../../src/config/config.ts';
import { ConfigFaults } from '../../src/config/faults.ts';
import { environmentSchema, variables } from '../../src/config/environment.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { afterTest } from '../support/afterTest.ts';

type Env = Record<string, string | undefined>;

const appId = '11111111-2222-3333-4444-555555555555';
const tenantId = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const hash = (digit: string) => digit.repeat(64);

/** A valid production set-up. */
const production: Env = {
  PUBLIC_URL: 'https://ringdown.contoso.example',
  MicrosoftAppId: appId,
  MicrosoftAppPassword: 'the-password',
  MicrosoftAppTenantId: tenantId,
  ACS_CONNECTION_STRING: 'endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0LWtleQ==',
  ACS_RESOURCE_ID: '99999999-8888-7777-6666-555555555555',
};

/** A valid set-up on one machine, without any token. */
const anonymous: Env = {
  HOST: '127.0.0.1',
  PUBLIC_URL: 'http://localhost:3978',
  DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
  ACS_CONNECTION_STRING: 'endpoint=http://127.0.0.1:8585/;accesskey=c2VjcmV0LWtleQ==',
  ACS_RESOURCE_ID: '99999999-8888-7777-6666-555555555555',
};

const noFile = () => undefined;

function read(env: Env, file?: string): Config {
  return readConfig(env, () => file);
}

function faultsOf(env: Env, readFile: (path: string) => string | undefined = noFile) {
  try {
    readConfig(env, readFile);
  } catch (error) {
    assert.ok(error instanceof ConfigFaults, inspect(error));
    return error.faults;
  }
  return [];
}

const faultyNames = (env: Env) => faultsOf(env).map(({ name }) => name);

describe('configuration', () => {
  it('fills in the defaults of the contract', () => {
    const config = read(production);
    assert.equal(config.port, 3978);
    assert.equal(config.host, '0.0.0.0');
    assert.equal(config.bot.type, 'SingleTenant');
    assert.equal(config.bot.allowAnonymous, false);
    assert.deepEqual(config.bot.allowedTenants, [tenantId]);
    assert.equal(
      config.acs.callbackOpenIdUrl,
      'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
    );
    assert.equal(config.acs.callbackIssuer, 'https://acscallautomation.communication.azure.com');
    assert.equal(config.acs.callerDisplayName, 'Ringdown');
    assert.equal(config.dtmfAcknowledge, 'auto');
    assert.equal(config.ringTimeoutSeconds, 45);
    assert.equal(config.cloud.name, 'public');
    assert.deepEqual(config.graph, { url: 'https://graph.microsoft.com', token: undefined });
    assert.deepEqual(config.database, { kind: 'embedded', dataDir: './data' });
    assert.equal(config.logLevel, 'info');
    assert.equal(config.configFile, undefined);
    assert.deepEqual(config.ringdown.policies, {});
  });

  it('treats an empty variable as absent, and trims values', () => {
    const empty = Object.fromEntries(Object.keys(environmentSchema.shape).map((name) => [name, '']));
    assert.deepEqual(read({ ...empty, ...production }), read(production));
    assert.equal(
      read({ ...production, MicrosoftAppPassword: ' the-password\n' }).bot.appPassword,
      'the-password',
    );
  });

  const right: [string, Env][] = [
    ['any free port', { PORT: '0' }],
    ['the highest port', { PORT: '65535' }],
    [
      'a public address with a port and a trailing slash',
      { PUBLIC_URL: 'https://ringdown.contoso.example:8443/' },
    ],
    ['plain http on loopback', { PUBLIC_URL: 'http://[::1]:3978' }],
    [
      'a managed identity, without a password',
      { MicrosoftAppType: 'UserAssignedMSI', MicrosoftAppPassword: '' },
    ],
    ['several tenants', { ALLOWED_TENANTS: `${tenantId}, ${appId}` }],
    [
      'an endpoint instead of a key',
      { ACS_CONNECTION_STRING: '', ACS_ENDPOINT: 'https://c.communication.azure.com/' },
    ],
    [
      'other upper and lower case in the connection string',
      { ACS_CONNECTION_STRING: 'Endpoint=https://c.example;AccessKey=YQ==' },
    ],
    ['a source identity', { ACS_SOURCE_IDENTITY: `8:acs:${appId}_0000-00` }],
    ['the shortest ring', { RING_TIMEOUT_SECONDS: '5' }],
    ['the longest ring', { RING_TIMEOUT_SECONDS: '120' }],
    ['PostgreSQL', { DATABASE_URL: 'postgresql://ringdown:pw@db.example/ringdown?sslmode=require' }],
    ['a database in memory', { DATABASE_URL: 'memory:' }],
    ['two keys', { API_KEYS: `ci:${hash('a')},on-call.bot:${hash('B')},` }],
    ['a token for Graph on loopback', { GRAPH_URL: 'http://127.0.0.1:8586/', GRAPH_TOKEN: 'any' }],
    ['keys of callback tokens on loopback', { ACS_CALLBACK_OPENID_URL: 'http://localhost:1/keys' }],
    [
      "other programs' variables",
      { ACS_SERVICE_HOST: '10.0.0.1', AZURE_CLIENT_ID: 'x', HOSTNAME: 'x', PORTS: '1', microsoft: 'x' },
    ],
  ];
  for (const [what, env] of right) {
    it(`accepts ${what}`, () => assert.deepEqual(faultsOf({ ...production, ...env }), []));
  }

  const wrong: [string, Env, RegExp][] = [
    ['PORT', { PORT: '65536' }, /0 to 65535/],
    ['PORT', { PORT: '3978.5' }, /whole number/],
    ['PORT', { PORT: '0x10' }, /whole number/],
    ['HOST', { HOST: 'http://0.0.0.0' }, /without scheme/],
    ['PUBLIC_URL', { PUBLIC_URL: undefined }, /missing/],
    ['PUBLIC_URL', { PUBLIC_URL: 'ringdown.contoso.example' }, /https address/],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://ringdown.contoso.example' }, /loopback/],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://127.0.0.1.contoso.example' }, /loopback/],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://contoso.example/ringdown' }, /no path/],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://contoso.example/?a=b' }, /no query/],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://me:pw@contoso.example' }, /password/],
    ['PUBLIC_URL', { PUBLIC_URL: 'ftp://contoso.example' }, /https/],
    ['MicrosoftAppType', { MicrosoftAppType: 'MultiTenant' }, /no MultiTenant bots/],
    ['MicrosoftAppType', { MicrosoftAppType: 'SingelTenant' }, /exactly SingleTenant or UserAssignedMSI/],
    ['MicrosoftAppType', { MicrosoftAppType: 'singletenant' }, /exactly/],
    ['MicrosoftAppId', { MicrosoftAppId: '' }, /missing/],
    ['MicrosoftAppId', { MicrosoftAppId: ' ' }, /missing/],
    ['MicrosoftAppId', { MicrosoftAppId: 'my-bot' }, /GUID/],
    ['MicrosoftAppPassword', { MicrosoftAppPassword: undefined }, /SingleTenant needs it/],
    ['MicrosoftAppTenantId', { MicrosoftAppTenantId: undefined }, /missing/],
    ['MicrosoftAppTenantId', { MicrosoftAppType: 'UserAssignedMSI', MicrosoftAppTenantId: '' }, /missing/],
    ['DANGEROUSLY_ALLOW_ANONYMOUS', { DANGEROUSLY_ALLOW_ANONYMOUS: '1' }, /true, false/],
    ['DANGEROUSLY_ALLOW_ANONYMOUS', { DANGEROUSLY_ALLOW_ANONYMOUS: 'true' }, /HOST and PUBLIC_URL/],
    ['ALLOWED_TENANTS', { ALLOWED_TENANTS: 'contoso.example' }, /GUID/],
    ['ALLOWED_TENANTS', { ALLOWED_TENANTS: ',' }, /tenant ids/],
    ['ACS_CONNECTION_STRING', { ACS_CONNECTION_STRING: undefined }, /ACS_ENDPOINT/],
    [
      'ACS_CONNECTION_STRING',
      { ACS_CONNECTION_STRING: 'accesskey=YQ==;endpoint=https://c.example' },
      /order/,
    ],
    [
      'ACS_CONNECTION_STRING',
      { ACS_CONNECTION_STRING: 'endpoint=https://c.example;accesskey=' },
      /accesskey/,
    ],
    [
      'ACS_CONNECTION_STRING',
      { ACS_CONNECTION_STRING: 'endpoint=https://c.example;accesskey=not base64!' },
      /Base64/,
    ],
    [
      'ACS_CONNECTION_STRING',
      { ACS_CONNECTION_STRING: 'endpoint=http://c.example;accesskey=YQ==' },
      /loopback/,
    ],
    [
      'ACS_CONNECTION_STRING',
      { ACS_CONNECTION_STRING: 'endpoint=https://c.example/x;accesskey=YQ==' },
      /after the host/,
    ],
    ['ACS_ENDPOINT', { ACS_ENDPOINT: 'https://c.example' }, /leave one empty/],
    ['ACS_ENDPOINT', { ACS_CONNECTION_STRING: '', ACS_ENDPOINT: 'http://c.example' }, /loopback/],
    ['ACS_RESOURCE_ID', { ACS_RESOURCE_ID: '' }, /missing/],
    ['ACS_RESOURCE_ID', { ACS_RESOURCE_ID: '/subscriptions/1/communicationServices/c' }, /GUID/],
    ['ACS_CALLBACK_OPENID_URL', { ACS_CALLBACK_OPENID_URL: 'http://keys.example' }, /https/],
    ['ACS_CALLBACK_ISSUER', { ACS_CALLBACK_ISSUER: 'nobody' }, /https/],
    ['ACS_SOURCE_IDENTITY', { ACS_SOURCE_IDENTITY: '4:+15550100' }, /Communication Services user/],
    ['ACS_SOURCE_IDENTITY', { ACS_SOURCE_IDENTITY: `8:gcch-acs:${appId}` }, /begin with 8:acs:/],
    ['CALLER_DISPLAY_NAME', { CALLER_DISPLAY_NAME: 'Ring\ndown' }, /one line/],
    ['COGNITIVE_SERVICES_ENDPOINT', { COGNITIVE_SERVICES_ENDPOINT: 'contoso' }, /https/],
    ['DTMF_ACKNOWLEDGE', { DTMF_ACKNOWLEDGE: 'true' }, /auto, on, off/],
    ['RING_TIMEOUT_SECONDS', { RING_TIMEOUT_SECONDS: '4' }, /5 to 120/],
    ['RING_TIMEOUT_SECONDS', { RING_TIMEOUT_SECONDS: '121' }, /5 to 120/],
    ['RING_TIMEOUT_SECONDS', { RING_TIMEOUT_SECONDS: '30s' }, /5 to 120/],
    ['AZURE_CLOUD', { AZURE_CLOUD: 'Public' }, /public, gcc, gcch, dod/],
    ['GRAPH_URL', { GRAPH_URL: 'https://graph.microsoft.com/v1.0' }, /without the version/],
    ['GRAPH_URL', { GRAPH_URL: 'http://graph.example' }, /loopback/],
    ['GRAPH_TOKEN', { GRAPH_TOKEN: 'any' }, /loopback/],
    ['GRAPH_TOKEN', { GRAPH_URL: 'https://graph.microsoft.com', GRAPH_TOKEN: 'any' }, /loopback/],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://db.example' }, /postgres/],
    ['DATABASE_URL', { DATABASE_URL: 'postgres:ringdown' }, /postgres/],
    ['DATABASE_URL', { DATABASE_URL: 'memory' }, /memory:/],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://ringdown@db.example/ringdown?sslmode=on' }, /sslmode/],
    ['API_KEYS', { API_KEYS: 'ci:the-key-itself' }, /not the key itself/],
    ['API_KEYS', { API_KEYS: hash('a') }, /name:hash/],
    ['API_KEYS', { API_KEYS: `ci:${hash('a')},ci:${hash('b')}` }, /key 2: its name is used twice/],
    ['API_KEYS', { API_KEYS: `ci:${hash('a')},cd:${hash('A')}` }, /key 2: its hash is used twice/],
    ['API_ENTRA_AUDIENCE', { API_ENTRA_AUDIENCE: 'api://a api://b' }, /application id/],
    ['API_ENTRA_AUDIENCE', { API_ENTRA_AUDIENCE: 'ringdown' }, /application id/],
    ['TEAMS_APP_ID', { TEAMS_APP_ID: 'ringdown' }, /GUID/],
    ['CONFIG_FILE', { CONFIG_FILE: 'other.yaml' }, /does not exist/],
    ['LOG_LEVEL', { LOG_LEVEL: 'verbose' }, /trace, debug, info/],
    ['MicrosoftApptype', { MicrosoftApptype: 'SingleTenant' }, /did you mean MicrosoftAppType\?/],
    [
      'MICROSOFTAPPTENANTID',
      { MICROSOFTAPPTENANTID: tenantId, MicrosoftAppTenantId: '', MicrosoftAppType: 'x' },
      /did you mean MicrosoftAppTenantId/,
    ],
    ['ACS_CALLBACK_ISUER', { ACS_CALLBACK_ISUER: 'https://c.example' }, /did you mean ACS_CALLBACK_ISSUER\?/],
    ['DATABASE_URI', { DATABASE_URI: 'postgres://db.example/ringdown' }, /did you mean DATABASE_URL\?/],
    ['LOG_LEVEL', { '\uFEFFLOG_LEVEL': 'debug' }, /contains an invisible character/],
    ['PORT', { '\u00a0PORT': '1' }, /contains an invisible character/],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://${HOST}' }, /\$\{…\}, which is not replaced here/],
    ['MicrosoftAppPassword', { MicrosoftAppPassword: '${BOT_SECRET}' }, /which is not replaced here/],
  ];
  for (const [name, env, problem] of wrong) {
    it(`refuses ${inspect(env, { breakLength: Infinity })}`, () => {
      const fault = faultsOf({ ...production, ...env }).find((found) => found.name === name);
      assert.match(fault?.problem ?? 'no fault', problem);
      assert.notEqual(fault?.example, '');
    });
  }

  it('has a valid example for each variable', () => {
    const worded = new Set([
      'MicrosoftAppPassword',
      'EVENT_GRID_SECRET',
      'GRAPH_TOKEN',
      'ACS_CONNECTION_STRING',
    ]);
    for (const [name, rule] of Object.entries(environmentSchema.shape)) {
      const { example, default: preset } = variables.get(rule) ?? { example: '' };
      if (!worded.has(name)) assert.ok(rule.safeParse(example).success, `${name}: ${example}`);
      if (preset !== undefined) assert.ok(rule.safeParse(preset).success, `${name}: ${preset}`);
    }
  });

  it('reports all faults at once: of variables, between variables, and in the file', () => {
    const env = {
      ...production,
      PORT: 'x',
      PUBLIC_URL: '',
      MicrosoftAppId: '',
      ACS_CONNECTION_STRING: '',
      GRAPH_TOKEN: 'any',
      LOG_LEVL: 'debug',
      ACS_CALLBACK_ISUER: 'https://c.example',
    };
    const error = captured(() => readConfig(env, () => 'retentionDays: 0\n'));
    const names = error.faults.map(({ name }) => name);
    assert.deepEqual(names.toSorted(), [
      'ACS_CALLBACK_ISUER',
      'ACS_CONNECTION_STRING',
      'GRAPH_TOKEN',
      'LOG_LEVL',
      'MicrosoftAppId',
      'PORT',
      'PUBLIC_URL',
      'ringdown.yaml:1:16 retentionDays',
    ]);
    for (const { name, problem, example } of error.faults) {
      assert.ok(error.message.includes(`${name}: ${problem}, for example: ${example}`), name);
    }
  });

  describe('a password in DATABASE_URL', () => {
    const withPassword = (password: string): Record<string, string> => ({
      ...production,
      DATABASE_URL: `postgres://ringdown:${password}@db.example:5432/ringdown`,
    });

    for (const password of [
      'geh@im',
      'geh/im',
      'geh#im',
      'geh?im',
      'geh%im',
      'geh%imx',
      'geh:im/7',
      'geh im',
      // With a number in place of the port, or a bracket, these would be addresses of another host.
      '5432/geheim',
      '5432#geheim',
      '5432?geheim',
      '/geheim',
      'geh[im',
      '7%/geheim',
      'geh\\\\im',
    ]) {
      it(`with a special character is refused, and no part of it is shown: ${password}`, () => {
        const faults = faultsOf(withPassword(password));
        assert.deepEqual(
          faults.map(({ name }) => name),
          ['DATABASE_URL'],
        );
        assert.match(faults[0]?.problem ?? '', /must be encoded/);
        const { message } = new ConfigFaults(faults);
        for (const piece of ['geh', 'eim', 'db.example', password]) assert.ok(!message.includes(piece));
        const { database } = readConfig(withPassword(encodeURIComponent(password)), noFile);
        assert.ok(database.kind === 'postgres');
        assert.equal(decodeURIComponent(new URL(database.url).password), password);
      });

      it(`may be unencoded in PGPASSWORD: ${password}`, () => {
        const env = { ...production, DATABASE_URL: 'postgres://ringdown@db.example/ringdown' };
        const config = readConfig({ ...env, PGPASSWORD: password }, noFile);
        assert.ok(config.database.kind === 'postgres');
        assert.equal(decodeURIComponent(new URL(config.database.url).password), password);
        assert.ok(secretValues(config).includes(password));
      });
    }

    it('takes precedence over PGPASSWORD', () => {
      const { database } = readConfig({ ...withPassword('one'), PGPASSWORD: 'other' }, noFile);
      assert.ok(database.kind === 'postgres' && new URL(database.url).password === 'one');
    });

    it('is not needed', () => {
      for (const url of [
        'postgres://db.example/x',
        'postgres:///ringdown?host=/run/postgresql',
        'postgres://u@h',
      ]) {
        const { database } = readConfig({ ...production, DATABASE_URL: url }, noFile);
        assert.ok(database.kind === 'postgres' && database.url === url);
      }
    });
  });

  describe('DATABASE_AUTH=entra', () => {
    const byEntra = (url: string, more: Env = {}): Env => ({
      ...production,
      DATABASE_AUTH: 'entra',
      DATABASE_URL: url,
      ...more,
    });
    const address = 'postgres://ringdown-identity@db.example:5432/ringdown?sslmode=verify-full';

    it('accepts an address with the role of the identity and without a password', () => {
      assert.deepEqual(read(byEntra(address)).database, { kind: 'postgres', url: address, auth: 'entra' });
      assert.deepEqual(faultyNames(byEntra('postgres://someone@127.0.0.1/ringdown')), []);
    });

    for (const [what, env, problem] of [
      ['no address', byEntra(''), /needs a DATABASE_URL/],
      ['an embedded database', byEntra('memory:'), /needs a DATABASE_URL/],
      ['no role', byEntra('postgres://db.example/ringdown?sslmode=verify-full'), /name of the database role/],
      ['a password', byEntra(address.replace('@', ':geheim@')), /remove one of them/],
      ['PGPASSWORD', byEntra(address, { PGPASSWORD: 'geheim' }), /remove one of them/],
      [
        'a server whose certificate is not verified',
        byEntra(address.replace('verify-full', 'no-verify')),
        /verify-full/,
      ],
      ['no TLS', byEntra(address.replace(/\?.*/, '')), /verify-full/],
    ] as const) {
      it(`is refused with ${what}`, () => {
        const faults = faultsOf(env);
        assert.deepEqual(
          faults.map(({ name }) => name),
          ['DATABASE_AUTH'],
        );
        assert.match(faults[0]?.problem ?? '', problem);
        assert.ok(!(faults[0]?.problem ?? '').includes('geheim'));
      });
    }
  });

  it('ignores a similar name if the right one is set as well', () => {
    assert.deepEqual(
      faultyNames({ ...production, DATABASE_URL: 'memory:', DATABASE_URI: 'postgres://x/y' }),
      [],
    );
  });

  describe('without authentication', () => {
    it('starts only on loopback, with no id, password or tenant', () => {
      const { bot } = read(anonymous);
      assert.deepEqual(bot, {
        type: 'SingleTenant',
        appId: undefined,
        appPassword: undefined,
        tenantId: undefined,
        allowAnonymous: true,
        allowedTenants: [],
      });
    });

    const open: Env[] = [
      { HOST: '' },
      { HOST: '::' },
      { HOST: '128.0.0.1' },
      { PUBLIC_URL: 'https://ringdown.contoso.example' },
    ];
    for (const env of open) {
      it(`is refused with ${inspect(env)}`, () => {
        assert.deepEqual(faultyNames({ ...anonymous, ...env }), ['DANGEROUSLY_ALLOW_ANONYMOUS']);
      });
    }

    it('starts on every loopback name', () => {
      for (const HOST of ['localhost', '127.8.9.10', '::1'])
        assert.deepEqual(faultyNames({ ...anonymous, HOST }), []);
    });
  });

  it('takes Graph, login and identifiers from the cloud', () => {
    const identity = { ACS_SOURCE_IDENTITY: `8:gcch-acs:${appId}_1` };
    const { cloud, graph } = read({ ...production, ...identity, AZURE_CLOUD: 'gcch' });
    assert.equal(graph.url, 'https://graph.microsoft.us');
    assert.equal(cloud.loginUrl, 'https://login.microsoftonline.us');
    assert.equal(cloud.channelService, 'https://botframework.azure.us');
    assert.equal(cloud.identifierPrefixes.teamsUser, '8:gcch:');
    assert.equal(read({ ...production, AZURE_CLOUD: 'dod' }).graph.url, 'https://dod-graph.microsoft.us');
  });

  it('parses the connection string as the SDK does', () => {
    const { acs } = read(production);
    assert.equal(acs.endpoint, 'https://contoso.communication.azure.com');
    assert.deepEqual(acs.key, {
      connectionString: production['ACS_CONNECTION_STRING'],
      accessKey: 'c2VjcmV0LWtleQ==',
    });
  });

  describe('configuration file', () => {
    const paths: string[] = [];
    const remember = (source: string | undefined) => (path: string) => {
      paths.push(path);
      return source;
    };
    beforeEach(() => (paths.length = 0));

    it('is ./ringdown.yaml if it exists', () => {
      const config = readConfig(production, remember('retentionDays: 7'));
      assert.deepEqual(paths, ['./ringdown.yaml']);
      assert.equal(config.configFile, './ringdown.yaml');
      assert.equal(config.ringdown.retentionDays, 7);
    });

    it('is the one that CONFIG_FILE names', () => {
      const config = readConfig({ ...production, CONFIG_FILE: 'etc/r.yaml' }, remember('retentionDays: 7'));
      assert.deepEqual(paths, ['etc/r.yaml']);
      assert.equal(config.configFile, 'etc/r.yaml');
    });

    it('is a fault if it exists but cannot be read', () => {
      const faults = faultsOf(production, () => {
        throw Object.assign(new Error('no'), { code: 'EACCES' });
      });
      assert.match(faults[0]?.problem ?? '', /cannot be read \(EACCES\)/);
    });

    it('is refused in another encoding, by line and column', () => {
      const folder = mkdtempSync(join(tmpdir(), 'ringdown-config-'));
      afterTest(() => rmSync(folder, { recursive: true }));
      const path = join(folder, 'ringdown.yaml');
      writeFileSync(path, Buffer.from('timeZone: UTC\noperators: [Jürgen]\n', 'latin1'));
      const [fault, ...others] = captured(() => readConfig({ ...production, CONFIG_FILE: path })).faults;
      assert.deepEqual(others, []);
      assert.equal(fault?.name, `${path}:2:14`);
      assert.match(fault?.problem ?? '', /save the file as UTF-8/);
    });

    it('may not have a key that is also in API_KEYS', () => {
      const file = `apiKeys: [{name: ci, hash: ${hash('a')}, may: [read]}]`;
      const faults = (apiKeys: string) =>
        faultsOf({ ...production, API_KEYS: apiKeys }, () => file).map(({ name }) => name);
      assert.deepEqual(faults(`ci:${hash('b')}`), ['API_KEYS']);
      assert.deepEqual(faults(`other:${hash('A')}`), ['API_KEYS']);
      assert.deepEqual(faults(`other:${hash('b')}`), []);
    });
  });

  describe('reloaded', () => {
    const filled = readRingdownYaml('operators: [adele]', {});
    const again = (before: string, after: string | undefined) => () =>
      readConfigAgain(production, readRingdownYaml(before, {}), () => after);

    for (const [what, after] of [
      ['empty', ''],
      ['blank', ' \n\n'],
      ['of comments only', '# operators: [adele]\n'],
      ['an empty object', '{}'],
      ['an empty document', '---\n...\n'],
      ['null', '~'],
      ['of own keys only', 'x-base: {}'],
      ['of defaults only', 'timeZone: UTC'],
    ] as const) {
      it(`is a fault if there was content and the file is ${what}`, () => {
        const { faults } = captured(again('operators: [adele]', after));
        assert.equal(faults[0]?.name, 'ringdown.yaml');
        assert.match(faults[0]?.problem ?? '', /is empty, and had content before/);
        assert.doesNotThrow(again('', after));
      });
    }

    it('is a fault if the file is gone', () => {
      const { faults } = captured(again('operators: [adele]', undefined));
      assert.match(faults[0]?.problem ?? '', /no longer exists/);
      assert.doesNotThrow(again('', undefined));
    });

    it('is refused if it is invalid, and accepted if it is valid', () => {
      assert.match(captured(again('operators: [adele]', 'operators: adele')).message, /must be a list/);
      const { ringdown } = readConfigAgain(production, filled, () => 'operators: [alex]');
      assert.deepEqual(ringdown.operators, ['alex']);
    });
  });

  describe('secrets', () => {
    it('are all listed for the log to redact', () => {
      const env = {
        ...production,
        DATABASE_URL: 'postgres://ringdown:p%40ss@db.example/ringdown',
        EVENT_GRID_SECRET: 'grid-secret',
        GRAPH_URL: 'http://127.0.0.1:1',
        GRAPH_TOKEN: 'graph-token',
        HOOK: 'hook-secret',
      };
      const file = `
policies: {p: {steps: [{targets: [{user: adele}]}]}}
webhooks: [{url: "https://h.example", secrets: ["\${HOOK}", old-secret]}]
integrations: [{name: g, kind: grafana, hash: ${hash('a')}, policy: p, signatureSecret: grafana-secret}]
`;
      assert.deepEqual(secretValues(read(env, file)).toSorted(), [
        'c2VjcmV0LWtleQ==',
        production['ACS_CONNECTION_STRING'],
        'grafana-secret',
        'graph-token',
        'grid-secret',
        'hook-secret',
        'old-secret',
        'p%40ss',
        'p@ss',
        'postgres://ringdown:p%40ss@db.example/ringdown',
        'the-password',
      ]);
    });

    it('are in no message, whichever variable holds them', () => {
      const names = Object.keys(environmentSchema.shape);
      const secret = 'S3cr3t-Valu3';
      const shapes = [
        '%',
        '%/',
        'https://%',
        'http://%/x',
        'endpoint=%;accesskey=%',
        'endpoint=http://x;accesskey=%',
      ];
      fc.assert(
        fc.property(
          fc.subarray(names, { minLength: 1 }),
          fc.constantFrom(...shapes, 'name:%', '8:acs:%', 'postgres://u:%@[x', 'mysql://u:%@h'),
          (chosen, shape) => {
            const value = shape.replaceAll('%', secret);
            const env: Env = { ...production, ...Object.fromEntries(chosen.map((name) => [name, value])) };
            for (const fault of faultsOf(env)) {
              assert.ok(!inspect(fault).toLowerCase().includes(secret.toLowerCase()), inspect(fault));
            }
          },
        ),
      );
    });
  });
});

function captured(act: () => unknown): ConfigFaults {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigFaults) return error;
    throw error;
  }
  return assert.fail('no fault was found');
}
