import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { isSameIdentifier } from '../../config/guids.ts';
import type { Probed, ServiceProbe } from '../../telephony/serviceProbe.ts';
import { ask } from './ask.ts';
import { timeIn, type TimeHeard } from './clockCheck.ts';
import { found, passed, skipped, type Finding } from './findings.ts';
import { checkOwnCallback } from './ownCallback.ts';

export interface CallsParts {
  config: Config;
  clock: Clock;
  probe: ServiceProbe;
  /** The identity that Ringdown created and keeps in the database. */
  storedIdentity: string | null;
}

const IMMUTABLE_ID =
  'az communication show --resource-group <group> --name <name> --query immutableResourceId --output tsv';

/** Checks access to Azure Communication Services, without placing a call. */
export async function checkCalls(parts: CallsParts): Promise<{ findings: Finding[]; times: TimeHeard[] }> {
  const { config, clock, probe } = parts;
  const { endpoint } = config.acs;
  const asked = await ask(endpoint, () => clock.now());
  if (asked.kind !== 'answered') {
    const finding = found(
      'acsUnreachable',
      `${endpoint} does not answer: ${asked.why}.`,
      `${config.acs.key ? 'ACS_CONNECTION_STRING=endpoint=https://<name>.communication.azure.com/;accesskey=<key>' : 'ACS_ENDPOINT=https://<name>.communication.azure.com'}   or allow it in the firewall`,
    );
    return { findings: [finding], times: [] };
  }
  const times = timeIn('Azure Communication Services', asked);
  const [automation, identity] = await Promise.all([probe.callAutomation(), probe.identity()]);
  const refused = refusal(config, automation);
  if (refused) return { findings: [refused], times };
  const findings = [passed('calls', 'Call Automation accepts our credentials.')];
  if (identity.status !== 200 || identity.id === null) {
    findings.push(
      found(
        'identityServiceRefused',
        `Communication Identity answers ${identity.status ?? 'nothing'}: cannot create the identity that places calls.`,
        config.acs.key
          ? 'ACS_CONNECTION_STRING=…   for the same resource (az communication list-key)'
          : roleMend(),
      ),
    );
    return { findings, times };
  }
  findings.push(...(await checkResource(parts, identity.id)));
  findings.push(...(await checkSource(parts, identity.id)));
  findings.push(...(await checkPhoneNumber(parts)));
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
        ? 'Ringdown’s identity gets no token for Azure Communication Services.'
        : `Azure Communication Services refuses Ringdown’s identity (${status}).`,
      roleMend(),
    );
  }
  return found(
    'acsUnexpected',
    `Call Automation answers ${status ?? 'nothing'} for a call that does not exist; expected 404.`,
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
  if (actual === null) return [skipped('calls', 'The id of the new identity does not name its resource.')];
  if (isSameIdentifier(actual, acs.resourceId)) {
    const own = await checkOwnCallback(config, actual, clock);
    return [passed('calls', 'ACS_RESOURCE_ID matches the resource.'), own];
  }
  return [
    found(
      'resourceIdWrong',
      `ACS_RESOURCE_ID is ${acs.resourceId}, but the resource is ${actual}: every callback would be refused.`,
      `ACS_RESOURCE_ID=${actual}   (${IMMUTABLE_ID})`,
    ),
  ];
}

async function checkSource({ config, probe, storedIdentity }: CallsParts, made: string): Promise<Finding[]> {
  const source = config.acs.sourceIdentity ?? storedIdentity;
  if (source === null)
    return [passed('calls', 'The identity that places calls is created with the first call.')];
  const fix = config.acs.sourceIdentity
    ? 'ACS_SOURCE_IDENTITY=   (empty: one is created and kept in the database)'
    : "DELETE FROM settings WHERE name = 'sourceIdentity';   in Ringdown’s database, then restart it";
  if (!isSameIdentifier(resourceIn(source) ?? '', resourceIn(made) ?? '')) {
    return [
      found(
        'sourceIdentityOfOtherResource',
        'The identity that places calls belongs to another resource: calls fail with 403.',
        fix,
      ),
    ];
  }
  const { status } = await probe.source(source);
  if (status === 200) return [passed('calls', 'The identity that places calls exists.')];
  return [
    found(
      'sourceIdentityUnknown',
      `The resource does not know the identity that places calls (${status ?? 'no answer'}).`,
      fix,
    ),
  ];
}

/** Whether calls to phone numbers can come from `ACS_PHONE_NUMBER`. */
async function checkPhoneNumber({ config, probe }: CallsParts): Promise<Finding[]> {
  const { acs, ringdown } = config;
  if (acs.phoneNumber === undefined) {
    const { countries } = ringdown.permissions.phones;
    if (countries.length === 0) return [];
    return [
      found(
        'phoneNumberMissing',
        'permissions.phones allows calls to phone numbers, but there is no number to call from: they are refused.',
        'ACS_PHONE_NUMBER=<a number of the resource>   (docs/phones.md#a-number-to-call-from)',
      ),
    ];
  }
  const { status, calls } = await probe.phoneNumber(acs.phoneNumber);
  if (status === 200 && calls !== false)
    return [passed('calls', 'ACS_PHONE_NUMBER is a number of the resource.')];
  if (status === 200 || status === 404) {
    return [
      found(
        'phoneNumberNotOurs',
        status === 404
          ? 'The resource has no number like ACS_PHONE_NUMBER: calls to phone numbers fail with 403/510403.'
          : 'Calls cannot be made from ACS_PHONE_NUMBER: it was acquired without “make calls”.',
        'az communication phonenumber list --connection-string <connection string>   shows the numbers of the resource; a number of direct routing is not among them',
      ),
    ];
  }
  return [
    skipped(
      'calls',
      `Whether the resource has ACS_PHONE_NUMBER could not be asked (${status ?? 'no answer'}).`,
    ),
  ];
}
