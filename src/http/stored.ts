import { RingdownError } from '../errors.ts';

/**
 * Waits until what a service has sent is stored.
 *
 * @throws RingdownError unavailable, whatever kept it from being stored: the service shall send it again
 */
export async function stored<T>(taking: Promise<T>): Promise<T> {
  try {
    return await taking;
  } catch (cause) {
    if (cause instanceof RingdownError) throw cause;
    throw new RingdownError('unavailable', { cause });
  }
}
