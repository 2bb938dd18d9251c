import { RingdownError } from '../errors.ts';

/**
 * Waits until the service's events are stored.
 *
 * @throws RingdownError unavailable if storing fails for any reason, so that the service retries
 */
export async function stored<T>(taking: Promise<T>): Promise<T> {
  try {
    return await taking;
  } catch (cause) {
    if (cause instanceof RingdownError) throw cause;
    throw new RingdownError('unavailable', { cause });
  }
}
