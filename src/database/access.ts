import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { entraPassword } from './entraPassword.ts';
import type { DatabaseConfig } from './open.ts';

/**
 * How to reach the configured database.
 *
 * @param azure the identity that Ringdown runs as; asked only with DATABASE_AUTH=entra
 */
export function databaseAccess(
  { database, dataDir, cloud }: Pick<Config, 'database' | 'dataDir' | 'cloud'>,
  azure: TokenCredential | null,
  clock: Clock,
): DatabaseConfig {
  if (database.kind !== 'postgres') return { url: database.kind === 'memory' ? 'memory:' : null, dataDir };
  const { url, auth } = database;
  if (auth === 'password' || azure === null) return { url, dataDir };
  return { url, dataDir, password: entraPassword(azure, cloud.databaseScope, clock) };
}
