import type { TokenCredential } from '@azure/core-auth';
import type { Config } from '../../config/config.ts';
import { ask, jsonOf } from './ask.ts';
import { timeIn, type TimeHeard } from './clockCheck.ts';
import { found, passed, type Finding, type FindingName } from './findings.ts';
import { lookUp } from '../../config/lookUp.ts';

export interface BotParts {
  config: Config;
  now: () => number;
  /** Root of Entra's login, without a trailing slash. */
  loginUrl: string;
  /** The OpenID document that names the Bot Framework's keys. */
  botOpenIdUrl: string;
  /** The managed identity of the bot (UserAssignedMSI). */
  botIdentity: TokenCredential | null;
}

/** Entra's error codes. Source: "Microsoft Entra authentication and authorization error codes". */
const refusals: Readonly<Record<string, FindingName>> = {
  '7000215': 'botSecretWrong',
  '7000222': 'botSecretExpired',
  '700016': 'botAppUnknown',
  '90002': 'tenantUnknown',
  '900023': 'tenantUnknown',
};

const RESET =
  'az ad app credential reset --id "$MicrosoftAppId" --append --years 1 --query password --output tsv';

const fixes: Partial<Record<FindingName, string>> = {
  botSecretWrong: `MicrosoftAppPassword=<the value, not the id, of a client secret>   (${RESET})`,
  botSecretExpired: `MicrosoftAppPassword=<a new client secret>   (${RESET})`,
  botAppUnknown:
    'MicrosoftAppId=<application (client) id>   and MicrosoftAppTenantId=<the tenant it is registered in>',
  tenantUnknown: 'MicrosoftAppTenantId=<directory (tenant) id>   (az account show --query tenantId)',
};

/** Checks the bot's own token, and the keys that verify the tokens of others. */
export async function checkBot(parts: BotParts): Promise<{ findings: Finding[]; times: TimeHeard[] }> {
  const { config } = parts;
  if (config.bot.allowAnonymous) {
    const finding = found(
      'anonymousChat',
      'Chat messages are accepted without a token. Use this on one machine only. The bot uses no token of its own.',
      'DANGEROUSLY_ALLOW_ANONYMOUS=false',
    );
    return { findings: [finding], times: [] };
  }
  const [token, keys, entra] = await Promise.all([
    config.bot.type === 'SingleTenant' ? tokenBySecret(parts) : tokenByIdentity(parts),
    botKeys(parts),
    entraKeys(parts),
  ]);
  return {
    findings: [...token.findings, ...keys.findings, ...entra.findings],
    times: [...token.times, ...keys.times, ...entra.times],
  };
}

interface Checked {
  findings: Finding[];
  times: TimeHeard[];
}

async function tokenBySecret({ config, now, loginUrl }: BotParts): Promise<Checked> {
  const { appId = '', appPassword = '', tenantId = '' } = config.bot;
  const asked = await ask(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, now, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: appPassword,
      scope: `${config.cloud.botScope}/.default`,
    }),
  });
  if (asked.kind !== 'answered') return { findings: [noLogin(loginUrl, asked.why)], times: [] };
  const times = timeIn('Entra', asked);
  if (asked.status === 200) return { findings: [passed('bot', 'Entra issues a token for the bot.')], times };
  const code = /AADSTS(\d+)/.exec(asked.text)?.[1] ?? String(asked.status);
  const name = lookUp(refusals, code) ?? 'botCredentialsRefused';
  const what = `Entra refuses the bot a token (${asked.status}, AADSTS${code}).`;
  const fix =
    fixes[name] ??
    `Look up AADSTS${code}; MicrosoftAppId, MicrosoftAppPassword and MicrosoftAppTenantId must belong together`;
  return { findings: [found(name, what, fix)], times };
}

async function tokenByIdentity({ config, botIdentity }: BotParts): Promise<Checked> {
  try {
    await botIdentity?.getToken(`${config.cloud.botScope}/.default`);
    return { findings: [passed('bot', 'The managed identity gets a token for the bot.')], times: [] };
  } catch (error) {
    const kind = error instanceof Error ? error.name : 'unknown';
    const finding = found(
      'botIdentityUnavailable',
      `The managed identity ${config.bot.appId} gets no token here (${kind}).`,
      'az webapp identity assign --resource-group <group> --name <site> --identities <resource id of the identity>',
    );
    return { findings: [finding], times: [] };
  }
}

async function botKeys({ now, botOpenIdUrl }: BotParts): Promise<Checked> {
  const asked = await ask(botOpenIdUrl, now);
  const keys = asked.kind === 'answered' && asked.status === 200 ? keysAddress(jsonOf(asked)) : null;
  const times = asked.kind === 'answered' ? timeIn('the Bot Framework', asked) : [];
  if (keys !== null)
    return { findings: [passed('bot', 'The keys that verify chat messages can be fetched.')], times };
  const why = asked.kind === 'answered' ? `it answers ${asked.status}` : asked.why;
  const finding = found(
    'botKeysUnreachable',
    `The keys of the Bot Framework cannot be fetched: ${why}. No chat message is accepted.`,
    `curl -s ${botOpenIdUrl}   must work on this machine: allow it in the firewall or proxy`,
  );
  return { findings: [finding], times };
}

async function entraKeys({ config, now, loginUrl }: BotParts): Promise<Checked> {
  const { apiEntraAudience, consoleClientId, bot } = config;
  if (apiEntraAudience === undefined && consoleClientId === undefined) return { findings: [], times: [] };
  const url = `${loginUrl}/${bot.tenantId ?? ''}/v2.0/.well-known/openid-configuration`;
  const asked = await ask(url, now);
  if (asked.kind === 'answered' && asked.status === 200 && keysAddress(jsonOf(asked)) !== null) {
    return {
      findings: [passed('bot', 'The keys that verify Entra tokens can be fetched.')],
      times: timeIn('Entra', asked),
    };
  }
  const why = asked.kind === 'answered' ? `it answers ${asked.status}` : asked.why;
  const finding = found(
    'entraKeysUnreachable',
    `The keys of Entra tokens cannot be fetched: ${why}. The API and the console accept no Entra token.`,
    `curl -s ${url}   must work on this machine; is MicrosoftAppTenantId right?`,
  );
  return { findings: [finding], times: [] };
}

function noLogin(loginUrl: string, why: string): Finding {
  return found(
    'loginUnreachable',
    `${loginUrl} does not answer: ${why}.`,
    `curl -s ${loginUrl}   must work on this machine: allow it in the firewall or proxy`,
  );
}

/** The `jwks_uri` of an OpenID document. */
export function keysAddress(document: unknown): string | null {
  if (typeof document !== 'object' || document === null || !('jwks_uri' in document)) return null;
  return typeof document.jwks_uri === 'string' ? document.jwks_uri : null;
}
