import { isIPv4 } from 'node:net';

/**
 * Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1 (with or without brackets). Takes a host as in
 * `URL.hostname` or a setting. Does not query DNS: a name that merely resolves to loopback today does not count.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === 'localhost' || name === '::1' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'))
  );
}
