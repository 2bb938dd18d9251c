import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TokenCredential } from '@azure/core-auth';
import pg from 'pg';
import type { Emulator } from '../../../emulator/emulator.ts';
import { settingsFor } from '../../../emulator/settings.ts';
import { systemClock, type Clock } from '../../../src/clock.ts';
import { readConfig, secretValues } from '../../../src/config/config.ts';
import { examine, type Surroundings } from '../../../src/operations/doctor/doctor.ts';
import { areas, catalogue, type Finding, type FindingName } from '../../../src/operations/doctor/findings.ts';
import { hasNoFaults, report } from '../../../src/operations/doctor/report.ts';
import { freePort } from '../../../demo/ports.ts';
import { calendarServer } from '../../support/schedules/calendarServer.ts';
import { calendar } from '../../support/schedules/calendarText.ts';
import { afterTest } from '../../support/afterTest.ts';
import { emptyPostgresUrl, onPostgres } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';

const team = '11111111-aaaa-4bbb-8ccc-000000000001';
const app = '22222222-aaaa-4bbb-8ccc-000000000002';
const other = '33333333-aaaa-4bbb-8ccc-000000000003';
const eventGridSecret = 'the-secret-of-event-grid';
const appPassword = 'the-secret-of-the-bot';
const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';

/** The set-up that the doctor checks. Each fault is planted by changing part of it. */
interface SetUp {
  env: Record<string, string>;
  yaml: string;
  surroundings: Partial<Surroundings>;
  emulator: Emulator;
  /** Of the database that Ringdown runs on. */
  databaseUrl: string;
  freshUrl: () => Promise<string>;
}

const granted = [
  'User.Read.All',
  'Presence.Read.All',
  'GroupMember.Read.All',
  'Schedule.Read.All',
  'TeamsAppInstallation.ReadWriteSelfForUser.All',
] as const;

const YAML = `
operators: [Megan Bowen]
voiceApps: {help desk: 9cdebf6a-57da-4cbb-8f8d-7a8b9cadbe09}
policies:
  payments:
    steps:
      - {targets: [{user: Adele Vance}, {managerOf: Adele Vance}, {voiceApp: help desk}]}
`;
const policy = (targets: string): string => `
operators: [Megan Bowen]
policies: {payments: {steps: [{targets: [{user: Adele Vance}, ${targets}]}]}}`;

const nobody: TokenCredential = {
  getToken: async () => {
    throw new Error('there is no identity here');
  },
};

/** An application that has these roles in Graph. */
function identityOf(emulator: Emulator, appid: string, roles: readonly string[]): TokenCredential {
  let token: Promise<string> | null = null;
  return {
    getToken: async () => {
      token ??= emulator.keys.sign({ aud: emulator.addresses.graphUrl, appid, roles }, 60_000);
      return { token: await token, expiresOnTimestamp: Date.now() + 60_000 };
    },
  };
}

/** A server of the test that replaces another one. @returns its origin */
async function standIn(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const nowhere = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;

async function query(url: string, statement: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement, values);
  } finally {
    await client.end();
  }
}

const later = (ms: number): Clock => ({ ...systemClock, now: () => Date.now() + ms });

const aadError = (code: number) => ({
  kind: 'status' as const,
  operation: 'entra.token' as const,
  status: 401,
  body: { error: 'invalid_client', error_description: `AADSTS${code}: words of Entra` },
});

interface Planted {
  plant: (setUp: SetUp) => Promise<void> | void;
  /** Other findings that follow from it. */
  also?: FindingName[];
}

/** How to cause each finding. */
const plants: Record<Exclude<FindingName, 'configurationInvalid'>, Planted> = {
  anonymousChat: {
    plant: ({ env }) => {
      env['DANGEROUSLY_ALLOW_ANONYMOUS'] = 'true';
    },
  },
  consoleOnLoopback: {
    plant: ({ env }) => {
      env['CONSOLE_CLIENT_ID'] = other;
    },
  },
  databaseUnreachable: {
    plant: async ({ env }) => {
      env['DATABASE_URL'] = `postgres://somebody@127.0.0.1:${await freePort()}/ringdown`;
    },
  },
  databaseRefused: {
    plant: ({ env, databaseUrl }) => {
      env['DATABASE_URL'] = databaseUrl.replace(/[^/]+$/, 'there_is_no_such_database');
    },
  },
  databaseTokenUnavailable: {
    plant: ({ env, databaseUrl }) => {
      env['DATABASE_URL'] = databaseUrl;
      env['DATABASE_AUTH'] = 'entra';
    },
  },
  // No older server is available: see elsewhere.test.ts.
  databaseTooOld: { plant: () => undefined },
  databaseNotWritable: {
    plant: async ({ env }) => {
      const url = await emptyPostgresUrl();
      await query(url, 'CREATE ROLE reader LOGIN');
      afterTest(async () => await query(url, 'DROP OWNED BY reader; DROP ROLE reader'));
      env['DATABASE_URL'] = url.replace('postgres@', 'reader@');
    },
  },
  databaseNotMigrated: {
    plant: async ({ env }) => {
      env['DATABASE_URL'] = await emptyPostgresUrl();
    },
  },
  databaseReadOnly: {
    plant: async ({ env, freshUrl }) => {
      const url = await freshUrl();
      const name = new URL(url).pathname.slice(1);
      await query(url, `ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
      env['DATABASE_URL'] = url;
    },
  },
  // Needs a pooler: see elsewhere.test.ts.
  databasePooled: { plant: () => undefined },
  // Concerns the embedded database: see elsewhere.test.ts.
  databaseInUse: { plant: () => undefined },
  databaseEmbedded: { plant: () => undefined },
  jobsLate: {
    plant: async ({ env, freshUrl }) => {
      const url = await freshUrl();
      await query(
        url,
        `INSERT INTO jobs (name, key, data, due_at, wanted_at) VALUES ('call.wake', 'x', '{}', now() - interval '5 min', now())`,
      );
      env['DATABASE_URL'] = url;
    },
  },
  clockWrong: {
    plant: ({ surroundings }) => {
      surroundings.clock = later(10 * 60_000);
    },
    also: ['databaseClockWrong'],
  },
  databaseClockWrong: {
    plant: ({ surroundings }) => {
      surroundings.clock = later(-3 * 60_000);
    },
    also: ['clockWrong'],
  },
  loginUnreachable: {
    plant: async ({ surroundings }) => {
      surroundings.loginUrl = await nowhere();
    },
  },
  tenantUnknown: { plant: ({ emulator }) => void emulator.faults.add(aadError(90002)) },
  botAppUnknown: { plant: ({ emulator }) => void emulator.faults.add(aadError(700016)) },
  botSecretWrong: { plant: ({ emulator }) => void emulator.faults.add(aadError(7000215)) },
  botSecretExpired: { plant: ({ emulator }) => void emulator.faults.add(aadError(7000222)) },
  botCredentialsRefused: { plant: ({ emulator }) => void emulator.faults.add(aadError(50034)) },
  botIdentityUnavailable: {
    plant: ({ env }) => {
      env['MicrosoftAppType'] = 'UserAssignedMSI';
    },
  },
  botKeysUnreachable: {
    plant: async ({ surroundings }) => {
      surroundings.botOpenIdUrl = await nowhere();
    },
  },
  entraKeysUnreachable: {
    plant: ({ env, emulator }) => {
      env['API_ENTRA_AUDIENCE'] = 'api://ringdown';
      emulator.faults.add({ kind: 'status', operation: 'entra.openId', status: 400 });
    },
  },
  acsUnreachable: {
    plant: async ({ env }) => {
      env['ACS_CONNECTION_STRING'] = `endpoint=${await nowhere()}/;accesskey=c2VjcmV0`;
    },
  },
  acsKeyRefused: {
    plant: ({ env, emulator }) => {
      env['ACS_CONNECTION_STRING'] = `endpoint=${emulator.addresses.url}/;accesskey=d3JvbmcgYWNjZXNzIGtleQ==`;
    },
  },
  acsIdentityRefused: {
    plant: ({ env, emulator }) => {
      delete env['ACS_CONNECTION_STRING'];
      env['ACS_ENDPOINT'] = emulator.addresses.url;
    },
  },
  acsUnexpected: {
    plant: ({ emulator }) => void emulator.faults.add({ kind: 'status', operation: 'getCall', status: 500 }),
  },
  identityServiceRefused: {
    plant: ({ emulator }) =>
      void emulator.faults.add({ kind: 'status', operation: 'createIdentity', status: 403 }),
  },
  resourceIdWrong: {
    plant: ({ env }) => {
      env['ACS_RESOURCE_ID'] = other;
    },
  },
  sourceIdentityOfOtherResource: {
    plant: ({ env }) => {
      env['ACS_SOURCE_IDENTITY'] = `8:acs:${other}_${app}`;
    },
  },
  sourceIdentityUnknown: {
    plant: ({ env, emulator }) => {
      const gone = emulator.identities.create();
      emulator.identities.delete(gone);
      env['ACS_SOURCE_IDENTITY'] = gone;
    },
  },
  phoneNumberMissing: {
    plant: (setUp) => {
      delete setUp.env['ACS_PHONE_NUMBER'];
      setUp.yaml += 'permissions: {phones: {countries: [DE]}}';
    },
  },
  phoneNumberNotOurs: {
    plant: ({ emulator }) => {
      emulator.phoneNumbers.clear();
    },
  },
  publicUrlUnreachable: {
    plant: async ({ env }) => {
      env['PUBLIC_URL'] = await nowhere();
    },
  },
  publicUrlCertificate: { plant: () => undefined },
  publicUrlOther: {
    plant: async ({ env }) => {
      env['PUBLIC_URL'] = await standIn((_request, response) => response.end('<h1>It works!</h1>'));
    },
  },
  notReady: {
    // The stand-in for Ringdown does not know Event Grid.
    also: ['eventGridHandshake'],
    plant: async ({ env }) => {
      env['PUBLIC_URL'] = await standIn((request, response) => {
        if (request.url === '/healthz') response.end('{"status":"alive"}');
        else if (request.url === '/readyz') {
          response.statusCode = 503;
          response.end('{"status":"not ready","checks":{"database":"away","jobs":"ok"}}');
        } else {
          response.statusCode = 401;
          response.end('{"code":"unauthorized"}');
        }
      });
    },
  },
  callbacksBlocked: {
    // The stand-in for Ringdown does not know Event Grid.
    also: ['eventGridHandshake'],
    plant: async ({ env }) => {
      env['PUBLIC_URL'] = await standIn((request, response) => {
        if (request.url === '/healthz') response.end('{"status":"alive"}');
        else if (request.url === '/readyz') response.end('{"status":"ready","checks":{}}');
        else {
          response.statusCode = 302;
          response.setHeader('location', 'https://login.contoso.example');
          response.end();
        }
      });
    },
  },
  callbackKeysUnreachable: {
    plant: async ({ env }) => {
      env['ACS_CALLBACK_OPENID_URL'] = await nowhere();
    },
  },
  // Only a bug of Ringdown causes it: see ownCallback.test.ts.
  callbackRefused: { plant: () => undefined },
  callbackIssuerDiffers: {
    plant: ({ env }) => {
      env['ACS_CALLBACK_ISSUER'] = 'https://acscallautomation.communication.azure.us';
    },
  },
  graphTokenUnavailable: {
    plant: ({ env }) => {
      delete env['GRAPH_TOKEN'];
    },
  },
  graphUnreachable: {
    plant: async ({ env }) => {
      env['GRAPH_URL'] = await nowhere();
    },
  },
  graphTokenRefused: {
    plant: ({ env }) => {
      env['GRAPH_TOKEN'] = 'an old token';
    },
  },
  usersUnreadable: { plant: ({ emulator }) => void emulator.graph.permissions.delete('User.Read.All') },
  usersBasicOnly: {
    plant: ({ emulator }) => {
      emulator.graph.permissions.delete('User.Read.All');
      emulator.graph.permissions.add('User.ReadBasic.All');
    },
  },
  groupsUnreadable: {
    plant: (setUp) => {
      const group = setUp.emulator.graph.addGroup({ displayName: 'On call', members: ['Adele Vance'] });
      setUp.emulator.graph.permissions.delete('GroupMember.Read.All');
      setUp.yaml = policy(`{group: ${group.id}}`);
    },
  },
  shiftsUnreadable: {
    plant: (setUp) => {
      setUp.emulator.graph.permissions.delete('Schedule.Read.All');
      setUp.yaml = policy(`{shifts: ${team}, fallback: {user: Megan Bowen}}`);
    },
  },
  shiftsNotInCloud: {
    plant: (setUp) => {
      setUp.env['AZURE_CLOUD'] = 'gcch';
      setUp.yaml = policy(`{shifts: ${team}, fallback: {user: Megan Bowen}}`);
    },
    also: ['nobodyOnShift'],
  },
  presenceUnreadable: {
    plant: ({ emulator }) => void emulator.graph.permissions.delete('Presence.Read.All'),
  },
  appsNotInstallable: {
    plant: ({ env, emulator }) => {
      env['TEAMS_APP_ID'] = app;
      emulator.graph.permissions.delete('TeamsAppInstallation.ReadWriteSelfForUser.All');
    },
  },
  appOfConsole: {
    plant: (setUp) => {
      const { GRAPH_TOKEN: _, ...env } = setUp.env;
      setUp.env = { ...env, TEAMS_APP_ID: app, CONSOLE_CLIENT_ID: other };
      const both = identityOf(setUp.emulator, app, granted);
      setUp.surroundings = { azure: both, botIdentity: both };
    },
    also: ['consoleOnLoopback'],
  },
  appsUnknown: {
    plant: ({ emulator }) =>
      void emulator.graph.permissions.delete('TeamsAppInstallation.ReadWriteSelfForUser.All'),
  },
  speechNotConfigured: {
    plant: ({ env }) => {
      delete env['COGNITIVE_SERVICES_ENDPOINT'];
    },
  },
  speechUnreachable: {
    plant: async ({ env }) => {
      env['COGNITIVE_SERVICES_ENDPOINT'] = await nowhere();
    },
  },
  speechEndpointShared: {
    plant: ({ env }) => {
      env['COGNITIVE_SERVICES_ENDPOINT'] = 'https://westeurope.api.cognitive.microsoft.com/';
    },
  },
  eventGridHandshake: {
    plant: ({ env }) => {
      env['EVENT_GRID_SECRET'] = 'another secret than that of the running Ringdown';
    },
  },
  webhookUnresolvable: {
    plant: (setUp) => {
      setUp.yaml += 'webhooks: [{url: "https://hooks.invalid/x", secrets: [a-secret-of-webhooks]}]';
    },
  },
  webhookAddressPrivate: {
    plant: (setUp) => {
      setUp.yaml += 'webhooks: [{url: "https://10.1.2.3/x", secrets: [a-secret-of-webhooks]}]';
    },
  },
  calendarUnreachable: {
    plant: async (setUp) => {
      setUp.yaml += `rotations: {web: {ical: "${await nowhere()}/a-secret-of-calendars", allowPrivate: true}}`;
    },
  },
  calendarUnreadable: {
    plant: async (setUp) => {
      const { url } = await calendarServer('<title>Sign in</title>');
      setUp.yaml += `rotations: {web: {ical: "${url}", allowPrivate: true}}`;
    },
  },
  calendarEventsUnread: {
    plant: async (setUp) => {
      const { url } = await calendarServer(calendar(['DTSTART:never'], ['DTSTART:20260324T080000Z']));
      setUp.yaml += `rotations: {web: {ical: "${url}", allowPrivate: true}}`;
    },
  },
  policyTargetUnknown: {
    plant: (setUp) => {
      setUp.yaml = policy('{user: Nobody Atall}');
    },
  },
  policyTargetAmbiguous: {
    plant: (setUp) => {
      setUp.yaml = policy('{user: Chris Green}');
    },
  },
  policyMobileMissing: {
    plant: (setUp) => {
      // Irvin has no Teams Phone licence, but a mobile; Megan has no mobile.
      setUp.yaml = `${policy('{user: Irvin Sayers}, {user: Megan Bowen}').replace('steps:', 'ways: [teams, mobile], steps:')}\npermissions: {phones: {countries: [DE]}}\n`;
    },
  },
  policyTargetNotCallable: {
    plant: (setUp) => {
      setUp.yaml = policy('{user: Irvin Sayers}');
    },
  },
  policyTargetWithoutApp: {
    plant: (setUp) => {
      setUp.yaml = policy('{user: Lynne Robbins}');
    },
  },
  appToBeInstalled: {
    plant: (setUp) => {
      setUp.env['TEAMS_APP_ID'] = app;
      setUp.yaml = policy('{user: Lynne Robbins}');
    },
  },
  policyGroupEmpty: {
    plant: (setUp) => {
      setUp.yaml = policy(`{group: ${other}}`);
    },
  },
  policyManagerMissing: {
    plant: (setUp) => {
      setUp.yaml = policy('{managerOf: Megan Bowen}');
    },
  },
  nobodyOnShift: {
    plant: (setUp) => {
      setUp.emulator.graph.teams.add(team);
      setUp.yaml = policy(`{shifts: ${team}, fallback: {user: Megan Bowen}}`);
    },
  },
  policyReachesNobody: {
    plant: (setUp) => {
      setUp.yaml =
        'operators: [Megan Bowen]\npolicies: {night: {steps: [{targets: [{user: Irvin Sayers}]}]}}';
    },
    also: ['policyTargetNotCallable'],
  },
  voiceAppIsPerson: {
    plant: (setUp) => {
      setUp.yaml = policy(`{voiceApp: ${adele}}`);
    },
  },
  operatorUnknown: {
    plant: (setUp) => {
      setUp.yaml = YAML.replace('[Megan Bowen]', '[Somebody Else]');
    },
  },
  noOperators: {
    plant: (setUp) => {
      setUp.yaml = YAML.replace('operators: [Megan Bowen]', '');
    },
  },
  permissionUnknown: {
    plant: (setUp) => {
      setUp.yaml += `permissions: {callers: [{group: ${other}}]}`;
    },
  },
};

/** These are tested in elsewhere.test.ts and ownCallback.test.ts. */
const elsewhere: FindingName[] = [
  'databaseTooOld',
  'databasePooled',
  'databaseInUse',
  'databaseEmbedded',
  'publicUrlCertificate',
  'callbackRefused',
];

describe('the doctor', function () {
  onPostgres((open, freshUrl) => {
    let world: World;
    let databaseUrl: string;
    let setUp: SetUp;

    beforeEach(async () => {
      databaseUrl = await freshUrl();
      world = await startWorld({
        database: await open(databaseUrl),
        clock: 'real',
        env: { EVENT_GRID_SECRET: eventGridSecret },
      });
      reset();
    });

    /** Repairs everything. */
    function reset(): void {
      const { emulator } = world;
      emulator.faults.clear();
      emulator.graph.permissions.clear();
      for (const permission of granted) emulator.graph.permissions.add(permission);
      setUp = {
        emulator,
        databaseUrl,
        freshUrl,
        yaml: YAML,
        surroundings: {},
        env: {
          PUBLIC_URL: world.url,
          HOST: '127.0.0.1',
          MicrosoftAppId: app,
          MicrosoftAppPassword: appPassword,
          ...settingsFor(emulator.addresses),
          DATABASE_URL: databaseUrl,
          CONFIG_FILE: 'ringdown.yaml',
          EVENT_GRID_SECRET: eventGridSecret,
        },
      };
    }

    async function examined(): Promise<Finding[]> {
      const { env, yaml, surroundings, emulator } = setUp;
      const config = readConfig(env, () => yaml);
      const findings = await examine(config, {
        clock: systemClock,
        azure: nobody,
        botIdentity: nobody,
        loginUrl: emulator.addresses.entraUrl,
        botOpenIdUrl: emulator.addresses.botFrameworkOpenIdUrl,
        ...surroundings,
      });
      const text = report(findings).join('\n');
      for (const secret of secretValues(config)) assert.ok(!text.includes(secret), 'a secret was printed');
      return findings;
    }

    const names = (findings: Finding[]): string[] => findings.flatMap(({ name }) => name ?? []).toSorted();

    it('finds no fault if everything is right, and calls nobody', async () => {
      const findings = await examined();
      assert.deepEqual(names(findings), []);
      assert.ok(hasNoFaults(findings));
      assert.equal(report(findings).at(-1), 'No faults found.');
      assert.ok(report(findings).some((line) => line.includes('Event Grid’s handshake succeeds.')));
      assert.equal(setUp.emulator.calls.list().length, 0);
      assert.equal(setUp.emulator.identities.list().length, 0, 'the identity that it made is gone');
    });

    for (const area of areas) {
      const here = Object.entries(plants).filter(
        ([name]) => catalogue[name as FindingName].area === area && !elsewhere.some((one) => one === name),
      );
      if (here.length === 0) continue;
      it(`names the faults of ${area}, and how to fix them: ${here.map(([name]) => name).join(', ')}`, async () => {
        for (const [name, { plant, also = [] }] of here) {
          reset();
          await plant(setUp);
          const findings = await examined();
          assert.deepEqual(names(findings), [name, ...also].toSorted(), `planted: ${name}`);
          const finding = findings.find((one) => one.name === name);
          assert.ok(finding?.fix, name);
          const { level } = catalogue[name as FindingName];
          const isNote = (one: FindingName): boolean => catalogue[one].level === 'note';
          assert.deepEqual([finding.area, finding.level], [area, level]);
          assert.equal(hasNoFaults(findings), [name as FindingName, ...also].every(isNote), name);
        }
      });
    }

    it('accepts the resource id in capitals, and sends itself a callback as proof', async () => {
      setUp.env['ACS_RESOURCE_ID'] = setUp.emulator.addresses.resourceId.toUpperCase();
      const findings = await examined();
      assert.deepEqual(names(findings), []);
      assert.ok(
        findings.some(({ what }) => what === 'A callback with a token for this resource is accepted.'),
      );
    });

    it('distinguishes the identity for Graph from the bot’s, which installs the Teams app', async () => {
      const { emulator, env } = setUp;
      const { GRAPH_TOKEN: _, ...rest } = env;
      setUp.env = { ...rest, TEAMS_APP_ID: app };
      const identity = (appid: string, roles: readonly string[]): TokenCredential =>
        identityOf(emulator, appid, roles);
      emulator.graph.manifestApplication = app;
      afterTest(() => {
        emulator.graph.manifestApplication = null;
      });
      const [apps = ''] = granted.filter((name) => name.startsWith('TeamsApp'));

      setUp.surroundings = { azure: identity(other, granted), botIdentity: identity(app, []) };
      const lacking = await examined();
      assert.deepEqual(names(lacking), ['appsNotInstallable']);
      const finding = lacking.find(({ name }) => name === 'appsNotInstallable');
      assert.match(
        finding?.what ?? '',
        new RegExp(`${app}.* lacks ${apps}.*identity of this machine has it`),
      );
      assert.match(finding?.fix ?? '', new RegExp(`grant-graph-permissions.sh.*az ad sp show --id ${app}`));

      const reading = granted.filter((name) => name !== apps);
      setUp.surroundings = { azure: identity(other, reading), botIdentity: identity(app, [apps]) };
      assert.deepEqual(names(await examined()), []);

      // A permission to install every app does for a manifest that names the console too.
      setUp.env['CONSOLE_CLIENT_ID'] = other;
      const every = [...granted, 'TeamsAppInstallation.ReadWriteForUser.All'];
      setUp.surroundings = { azure: identity(app, every), botIdentity: identity(app, every) };
      assert.deepEqual(names(await examined()), ['consoleOnLoopback']);
    });

    it('shows the right resource id, ready to copy', async () => {
      setUp.env['ACS_RESOURCE_ID'] = other;
      const wrong = (await examined()).find(({ name }) => name === 'resourceIdWrong');
      assert.match(wrong?.fix ?? '', new RegExp(`^ACS_RESOURCE_ID=${setUp.emulator.addresses.resourceId} `));
    });
  });
});
