import type { z } from 'zod';
import { clouds } from './clouds.ts';
import type { ConfigFault } from './faults.ts';
import { environmentSchema, nearVariable, variables } from './environment.ts';
import type { Environment } from './environment.ts';
import { isLoopbackHost } from './loopback.ts';
import type { RingdownYaml } from './ringdownSchema.ts';

/* What may be wrong with the environment besides the form of single variables. */

/** An empty variable counts as absent: `.env` files and deployment templates leave them empty. */
export function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

export function fault(name: string, problem: string): ConfigFault {
  const rule: z.core.$ZodType | undefined = Object.entries(environmentSchema.shape).find(
    ([key]) => key === name,
  )?.[1];
  return { name, problem, example: (rule && variables.get(rule)?.example) ?? '' };
}

/** `${NAME}` is replaced in ringdown.yaml only: neither Node nor systemd replaces it in `.env`. */
export function unreplaced(values: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && /\$\{[A-Za-z_]\w*\}/.test(value))
    .map(([name]) => fault(name, 'contains ${…}, which is not replaced here: write the value itself'));
}

/** Unknown variables that are close to ours: a typo would otherwise be ignored silently. */
export function misspelt(env: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  return Object.keys(env).flatMap((name) => {
    // `trim` also removes a byte order mark.
    const seen = name.trim();
    const near = seen !== name && seen in environmentSchema.shape ? seen : nearVariable(name);
    if (near === undefined || given(env[name]) === undefined || given(env[near]) !== undefined) return [];
    if (near === seen) return [fault(near, 'contains an invisible character: retype the line')];
    return [{ ...fault(near, `is unknown; did you mean ${near}?`), name }];
  });
}

/**
 * Checks rules between variables. `wrong` lists the variables that already have a fault; these are absent from
 * `right`.
 */
export function conflicts(right: Partial<Environment>, wrong: ReadonlySet<string>): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const require = (name: keyof Environment, needed: boolean, problem: string) => {
    if (needed && right[name] === undefined && !wrong.has(name)) faults.push(fault(name, problem));
  };

  // With an empty id botbuilder would silently turn authentication off.
  const anonymous = right.DANGEROUSLY_ALLOW_ANONYMOUS === true;
  require('MicrosoftAppId', !anonymous, 'is missing; without it anybody could send messages');
  require('MicrosoftAppTenantId', !anonymous, 'is missing');
  require('MicrosoftAppPassword', !anonymous &&
    right.MicrosoftAppType === 'SingleTenant', 'is missing; MicrosoftAppType SingleTenant needs it');
  if (anonymous) {
    const hosts = { HOST: right.HOST, PUBLIC_URL: right.PUBLIC_URL && new URL(right.PUBLIC_URL).hostname };
    const open = Object.entries(hosts).filter(([, host]) => host !== undefined && !isLoopbackHost(host));
    if (open.length > 0) {
      const names = open.map(([name]) => name).join(' and ');
      faults.push(
        fault(
          'DANGEROUSLY_ALLOW_ANONYMOUS',
          `is refused, because ${names} can be reached from other machines: both HOST and PUBLIC_URL must be loopback`,
        ),
      );
    }
  }

  const acs = ['ACS_CONNECTION_STRING', 'ACS_ENDPOINT'] as const;
  const set = acs.filter((name) => right[name] !== undefined || wrong.has(name));
  if (set.length === 0) faults.push(fault(acs[0], 'is missing, and so is ACS_ENDPOINT: set one of them'));
  if (set.length === 2)
    faults.push(fault(acs[1], 'is set, and so is ACS_CONNECTION_STRING: leave one empty'));

  const graphHost = right.GRAPH_URL && new URL(right.GRAPH_URL).hostname;
  if (right.GRAPH_TOKEN !== undefined && !wrong.has('GRAPH_URL') && !isLoopbackHost(graphHost ?? '')) {
    faults.push(fault('GRAPH_TOKEN', 'is refused unless GRAPH_URL is on loopback'));
  }

  if (right.DATABASE_AUTH === 'entra' && !wrong.has('DATABASE_URL')) {
    const problem = entraProblem(right.DATABASE_URL, right.PGPASSWORD);
    if (problem !== undefined) faults.push(fault('DATABASE_AUTH', problem));
  }

  const prefix = right.AZURE_CLOUD && clouds[right.AZURE_CLOUD].identifierPrefixes.communicationUser;
  const identity = right.ACS_SOURCE_IDENTITY;
  if (prefix !== undefined && identity !== undefined && !identity.startsWith(prefix)) {
    faults.push(
      fault('ACS_SOURCE_IDENTITY', `must begin with ${prefix} in the cloud that AZURE_CLOUD names`),
    );
  }
  return faults;
}

/**
 * Why an address cannot be used with tokens as passwords. The token is sent to the server, so the server's identity
 * must be verified.
 */
function entraProblem(address: string | undefined, password: string | undefined): string | undefined {
  const url = address === undefined || address === 'memory:' ? undefined : new URL(address);
  if (url === undefined) return 'entra needs a DATABASE_URL of a PostgreSQL server';
  if (url.username === '') return 'entra needs the name of the database role in DATABASE_URL';
  if (url.password !== '' || password !== undefined) {
    return 'is entra, but there is also a password in DATABASE_URL or PGPASSWORD: remove one of them';
  }
  if (url.searchParams.get('sslmode') !== 'verify-full' && !isLoopbackHost(url.hostname)) {
    return 'entra needs sslmode=verify-full in DATABASE_URL; otherwise a machine in the middle could steal the token';
  }
  return undefined;
}

/** Keys of API_KEYS that are in ringdown.yaml too: it would be unclear which rights apply. */
export function duplicateKeys(right: Partial<Environment>, ringdown: RingdownYaml): ConfigFault[] {
  const names = new Set(ringdown.apiKeys.map(({ name }) => name));
  const hashes = new Set([...ringdown.apiKeys, ...ringdown.integrations].map(({ hash }) => hash));
  return (right.API_KEYS ?? []).flatMap(({ name, hash }, index) =>
    names.has(name) || hashes.has(hash)
      ? [fault('API_KEYS', `key ${index + 1}: its name or hash is also in the configuration file`)]
      : [],
  );
}
