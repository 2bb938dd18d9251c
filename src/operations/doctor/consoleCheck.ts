import type { Config } from '../../config/config.ts';
import { found, type Finding } from './findings.ts';

/** Checks what the settings alone say about the console. Only Graph knows the rest of its registration. */
export function checkConsole(
  { consoleClientId }: Pick<Config, 'consoleClientId'>,
  publicUrl: string,
): Finding[] {
  if (consoleClientId === undefined || publicUrl.startsWith('https:')) return [];
  const finding = found(
    'consoleOnLoopback',
    `PUBLIC_URL is ${publicUrl}: the console opens only in a browser on this machine. Teams shows https pages only.`,
    'PUBLIC_URL=https://<host>   as people reach Ringdown',
  );
  return [finding];
}
