import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { isSameIdentifier } from '../../config/guids.ts';
import type { Probed, ServiceProbe } from '../../telephony/serviceProbe.ts';
import { ask } from './ask.ts';
import { timeIn, type TimeHeard } from './clockCheck.ts';
import { found, right, skipped, type Finding } from './findings.ts';
import { checkOwnCallback } from './ownCallback.ts';

export interface CallsParts {
  config: Config;
  clock: Clock;
  probe: ServiceProbe;
  /** The identity that was made and is kept in the database. */
  storedIdentity: string | null;
}

const IMMUTABLE_ID =
  'az communication show --resource-group <group> --name <name> --query immutableResourceId --output tsv';

/** Whether Azure Communication Services lets us place calls. No call is placed. */
export async function checkCalls(parts: CallsParts): Promise<{ findings: Finding[]; times: TimeHeard[] }> {
  const { config, clock, probe } = parts;
  const { endpoint } = config.acs;
  const asked = await ask(endpoint, () => clock.now());
  if (asked.kind !== 'answered') {
    const finding = found(
      'acsUnreachable',
      `${endpoint} does not answer: ${asked.why}.`,
      `${config.acs.key ? 'ACS_CONNECTION_STRING=endpoint=https://<name>.communication.azure.com/;accesskey=<key>' : 'ACS_ENDPOINT=https://<name>.communication.azure.com'}   or let it through the firewall`,
    );
    return { findings: [finding], times: [] };
  }
  const times = timeIn('Azure Communication Services', asked);
  const [automation, identity] = await Promise.all([probe.callAutomation(), probe.identity()]);
  const refused = refusal(config, automation);
  if (refused) return { findings: [refused], times };
  const findings = [right('calls', 'Call Automation lets us in.')];
  if (identity.status !== 200 || identity.id === null) {
    findings.push(
      found(
        'identityServiceRefused',
        `Communication Identity answers ${identity.status ?? 'nothing'}: no identity can be made that calls come from.`,
        config.acs.key
          ? 'ACS_CONNECTION_STRING=…   of the same resource (az communication list-key)'
          : roleMend(),
      ),
    );
    return { findings, times };
  }
  findings.push(...(await checkResource(parts, identity.id)));
  findings.push(...(await checkSource(parts, identity.id)));
  return { findings, times };
}

function refusal(config: Config, { status }: Probed): Finding | null {
  if (status === 404) return null;
  if (status === 401 && config.acs.key) {
    return found(
      'acsKeyRefused',
      'Azure Communication Services refuses the access key (401).',
      'ACS_CONNECTION_STRING=<az communication list-key --resource-group <group> --name <name> --query primaryConnectionString --output tsv>',
    );
  }
  if ((status === 401 || status === 403 || status === null) && !config.acs.key) {
    return found(
      'acsIdentityRefused',
      status === null
        ? 'The identity that Ringdown runs as gives no token for Azure Communication Services.'
        : `Azure Communication Services refuses the identity that Ringdown runs as (${status}).`,
      roleMend(),
    );
  }
  return found(
    'acsUnexpected',
    `Call Automation answers ${status ?? 'nothing'} where 404 was expected: a call that does not exist.`,
    'Is ACS_ENDPOINT (or the endpoint in ACS_CONNECTION_STRING) that of a Communication Services resource?',
  );
}

function roleMend(): string {
  return 'az role assignment create --assignee <principal id of Ringdown’s identity> --role Contributor --scope <resource id of the Communication Services resource>';
}

/** A raw id is `8:acs:<resource>_<user>`. */
function resourceIn(rawId: string): string | null {
  return /acs:([0-9a-f-]{36})_/i.exec(rawId)?.[1] ?? null;
}

async function checkResource({ config, clock }: CallsParts, made: string): Promise<Finding[]> {
  const { acs } = config;
  const actual = resourceIn(made);
  if (actual === null) return [skipped('calls', 'What was made does not say which resource it is of.')];
  if (isSameIdentifier(actual, acs.resourceId)) {
    const own = await checkOwnCallback(config, actual, clock);
    return [right('calls', 'ACS_RESOURCE_ID is that of the resource.'), own];
  }
  return [
    found(
      'resourceIdWrong',
      `ACS_RESOURCE_ID is ${acs.resourceId}, the resource is ${actual}: every callback would be refused.`,
      `ACS_RESOURCE_ID=${actual}   (${IMMUTABLE_ID})`,
    ),
  ];
}

async function checkSource({ config, probe, storedIdentity }: CallsParts, made: string): Promise<Finding[]> {
  const source = config.acs.sourceIdentity ?? storedIdentity;
  if (source === null)
    return [right('calls', 'The identity that calls come from is made with the first call.')];
  const mend = config.acs.sourceIdentity
    ? 'ACS_SOURCE_IDENTITY=   (empty: one is made and kept in the database)'
    : "DELETE FROM settings WHERE name = 'sourceIdentity';   in Ringdown’s database, then restart it";
  if (!isSameIdentifier(resourceIn(source) ?? '', resourceIn(made) ?? '')) {
    return [
      found(
        'sourceIdentityOfOtherResource',
        'The identity that calls come from is of another resource: calls fail with 403.',
        mend,
      ),
    ];
  }
  const { status } = await probe.source(source);
  if (status === 200) return [right('calls', 'The identity that calls come from is there.')];
  return [
    found(
      'sourceIdentityUnknown',
      `The identity that calls come from is not known to the resource (${status ?? 'no answer'}).`,
      mend,
    ),
  ];
}
