import type { Config } from '../../config/config.ts';
import { NO_TOKEN } from '../../database/entraPassword.ts';
import type { DatabaseState } from '../../database/inspect.ts';
import { isLoopbackHost } from '../../config/loopback.ts';
import { found, passed, type Finding } from './findings.ts';
import { lookUp } from '../../config/lookUp.ts';

/** The PostgreSQL project no longer updates older versions. */
const OLDEST_SERVER = 13;

/** SQLSTATEs of a server that is reachable but refuses us. */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'this user may not connect, or not without TLS (sslmode=verify-full)',
  '3D000': 'the database does not exist',
  '42501': 'this user lacks the permission',
  ENOENT: 'a file named in DATABASE_URL does not exist (sslrootcert, sslcert or sslkey)',
  ...Object.fromEntries(
    // Node's codes. Source: "TLS: X509 certificate error codes".
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code) => [code, 'its certificate is not trusted without sslrootcert=<file> in DATABASE_URL']),
  ),
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for a different host than the one in DATABASE_URL',
};

const readOnlyWords: Record<'standby' | 'setting', readonly [what: string, fix: string]> = {
  standby: [
    'The server is a standby and accepts no writes: every request is answered with 503, and nobody is called.',
    'DATABASE_URL=postgres://…@<the address of the primary>:5432/…   or promote this server',
  ],
  setting: [
    'The server accepts no writes (default_transaction_read_only is on): every request is answered with 503, and nobody is called.',
    'Check its free disk space, then: ALTER DATABASE <database> RESET default_transaction_read_only;   or the same in its parameters, or for the user',
  ],
};

const isByEntra = ({ database }: Config): boolean =>
  database.kind === 'postgres' && database.auth === 'entra';

export function checkDatabase(config: Config, state: DatabaseState): Finding[] {
  const findings: Finding[] = [];
  if (config.database.kind !== 'postgres' && !isLoopbackHost(new URL(config.publicUrl).hostname)) {
    findings.push(
      found(
        'databaseEmbedded',
        'The embedded database serves only one process, and may lose data in a power cut.',
        'DATABASE_URL=postgres://…   (docs/deploy.md)',
      ),
    );
  }
  switch (state.kind) {
    case 'unreachable':
      return [
        ...findings,
        found(
          'databaseUnreachable',
          `The database does not answer (${state.code}).`,
          `psql "$DATABASE_URL" -c 'select 1'   must work on this machine: check host, port, firewall and TLS of DATABASE_URL`,
        ),
      ];
    case 'refused':
      if (state.code === NO_TOKEN) {
        return [
          ...findings,
          found(
            'databaseTokenUnavailable',
            'Ringdown’s identity gets no Entra token for the database (DATABASE_AUTH=entra).',
            'AZURE_CLIENT_ID=<client id of the managed identity>   and assign the identity to this machine or site',
          ),
        ];
      }
      if (isByEntra(config) && state.code.startsWith('28')) {
        return [
          ...findings,
          found(
            'databaseRefused',
            `The database server does not know Ringdown’s identity (${state.code}).`,
            'deploymentTemplates/scripts/finish.sh   creates its role; the user in DATABASE_URL must be that role',
          ),
        ];
      }
      return [
        ...findings,
        found(
          'databaseRefused',
          `The database server refuses us: ${lookUp(refusals, state.code) ?? 'for another reason'} (${state.code}).`,
          'DATABASE_URL=postgres://<user>:<password>@<host>:5432/<database>   as the server knows them',
        ),
      ];
    case 'inUse':
      return [
        ...findings,
        found(
          'databaseInUse',
          'A running Ringdown holds the embedded database, so its content was not checked.',
          'To check it, stop Ringdown and run the doctor again',
        ),
      ];
    case 'new':
      return [...findings, passed('database', 'The embedded database is created at the first start.')];
    case 'there':
  }
  if (state.serverVersion < OLDEST_SERVER) {
    findings.push(
      found(
        'databaseTooOld',
        `The server is PostgreSQL ${state.serverVersion}; Ringdown needs ${OLDEST_SERVER} or later.`,
        'Upgrade the server (az postgres flexible-server upgrade --version 17)',
      ),
    );
  }
  if (state.pooled) {
    findings.push(
      found(
        'databasePooled',
        'A pooler in front of the server does not pass on time limits: statements that take too long keep running, and keep their locks.',
        `ALTER ROLE <user> SET statement_timeout = '10s';   and two more settings (docs/database.md)`,
      ),
    );
  }
  if (state.readOnly !== null) {
    findings.push(found('databaseReadOnly', ...readOnlyWords[state.readOnly]));
  }
  if (state.version < state.wanted) {
    findings.push(
      state.mayCreate
        ? found(
            'databaseNotMigrated',
            state.version === 0
              ? 'The database has no tables yet.'
              : `The tables are at version ${state.version}, this code needs ${state.wanted}.`,
            'npm start   (each start upgrades the tables)',
          )
        : found(
            'databaseNotWritable',
            `The tables are at version ${state.version} of ${state.wanted}, and this user may not create tables.`,
            'GRANT CREATE ON DATABASE <database> TO <user>; GRANT CREATE, USAGE ON SCHEMA public TO <user>;',
          ),
    );
  }
  if (state.late.jobs > 0) {
    findings.push(
      found(
        'jobsLate',
        `${state.late.jobs} jobs are overdue by more than a minute, the oldest by ${state.late.oldestSeconds} s: calls and deadlines are stalled.`,
        'Start Ringdown, or find out why it is not ready: curl $PUBLIC_URL/readyz',
      ),
    );
  }
  if (findings.every(({ level }) => level !== 'fault')) {
    findings.push(
      passed(
        'database',
        `PostgreSQL ${state.serverVersion} answers; its tables are at version ${state.version}.`,
      ),
    );
  }
  return findings;
}
