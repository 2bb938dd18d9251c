import type { Config } from '../../config/config.ts';
import { NO_TOKEN } from '../../database/entraPassword.ts';
import type { DatabaseState } from '../../database/inspect.ts';
import { isLoopbackHost } from '../../config/loopback.ts';
import { found, right, type Finding } from './findings.ts';
import { lookUp } from '../../config/lookUp.ts';

/** Older versions no longer get updates from the PostgreSQL project. */
const OLDEST_SERVER = 13;

/** SQLSTATEs of a server that is there and does not let us in. */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'this user may not come in, or not without TLS (sslmode=verify-full)',
  '3D000': 'there is no such database',
  '42501': 'this user may not',
  ENOENT: 'there is no such file as DATABASE_URL names (sslrootcert, sslcert or sslkey)',
  ...Object.fromEntries(
    // Node's codes. Source: "TLS: X509 certificate error codes".
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code) => [
      code,
      'its certificate is not to be trusted without sslrootcert=<file> in DATABASE_URL',
    ]),
  ),
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host than DATABASE_URL names',
};

const readOnlyWords: Record<'standby' | 'setting', readonly [what: string, mend: string]> = {
  standby: [
    'The server is a standby and takes no writes: every request is answered 503, nobody is called.',
    'DATABASE_URL=postgres://…@<the address that leads to the primary>:5432/…   or promote this server',
  ],
  setting: [
    'The server takes no writes (default_transaction_read_only is on): every request is answered 503, nobody is called.',
    'Look at its free disk space, then: ALTER DATABASE <database> RESET default_transaction_read_only;   or the same in its parameters, or for the user',
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
        'The embedded database serves one process, and makes nothing safe against a power cut.',
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
          `psql "$DATABASE_URL" -c 'select 1'   must work on this machine: look at host, port, firewall and TLS of DATABASE_URL`,
        ),
      ];
    case 'refused':
      if (state.code === NO_TOKEN) {
        return [
          ...findings,
          found(
            'databaseTokenUnavailable',
            'The identity that Ringdown runs as gets no Entra token for the database (DATABASE_AUTH=entra).',
            'AZURE_CLIENT_ID=<client id of the managed identity>   and the identity assigned to this machine or site',
          ),
        ];
      }
      if (isByEntra(config) && state.code.startsWith('28')) {
        return [
          ...findings,
          found(
            'databaseRefused',
            `The database server does not know the identity that Ringdown runs as (${state.code}).`,
            'deploymentTemplates/scripts/finish.sh   makes its role; the user in DATABASE_URL must be the name of that role',
          ),
        ];
      }
      return [
        ...findings,
        found(
          'databaseRefused',
          `The database server refuses us: ${lookUp(refusals, state.code) ?? 'for another reason'} (${state.code}).`,
          'DATABASE_URL=postgres://<user>:<password>@<host>:5432/<database>   with what the server knows',
        ),
      ];
    case 'inUse':
      return [
        ...findings,
        found(
          'databaseInUse',
          'A running Ringdown holds the embedded database; what is in it was not looked at.',
          'To look at it too: stop Ringdown, and run the doctor again',
        ),
      ];
    case 'new':
      return [...findings, right('database', 'The embedded database is made at the first start.')];
    case 'there':
  }
  if (state.serverVersion < OLDEST_SERVER) {
    findings.push(
      found(
        'databaseTooOld',
        `The server is PostgreSQL ${state.serverVersion}; jobs need ${OLDEST_SERVER} or later.`,
        'Upgrade the server (az postgres flexible-server upgrade --version 17)',
      ),
    );
  }
  if (state.pooled) {
    findings.push(
      found(
        'databasePooled',
        'A pooler stands before the server and passes no time limits on: what takes too long goes on there, with its locks.',
        `ALTER ROLE <user> SET statement_timeout = '10s';   and two more (docs/database.md)`,
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
              : `The tables are at version ${state.version}, this code wants ${state.wanted}.`,
            'npm start   (each start brings the tables up to date)',
          )
        : found(
            'databaseNotWritable',
            `The tables are at version ${state.version} of ${state.wanted}, and this user may not make tables.`,
            'GRANT CREATE ON DATABASE <database> TO <user>; GRANT CREATE, USAGE ON SCHEMA public TO <user>;',
          ),
    );
  }
  if (state.late.jobs > 0) {
    findings.push(
      found(
        'jobsLate',
        `${state.late.jobs} jobs are due for more than a minute, the oldest for ${state.late.oldestSeconds} s: calls and deadlines stand still.`,
        'Start Ringdown, or look at why it is not ready: curl $PUBLIC_URL/readyz',
      ),
    );
  }
  if (findings.every(({ level }) => level !== 'fault')) {
    findings.push(
      right(
        'database',
        `PostgreSQL ${state.serverVersion} answers; its tables are at version ${state.version}.`,
      ),
    );
  }
  return findings;
}
