import type { Assets } from '../browserCode/assets.ts';
import { RingdownError } from '../errors.ts';
import type { Reply, RequestHead } from './route.ts';

/**
 * Answers with the file that `:name` names, gzipped if the browser accepts that.
 *
 * @throws RingdownError not_found
 */
export async function assetReply(
  { params, headers }: RequestHead,
  find: Assets['find'],
  more: Reply['headers'] = {},
): Promise<Reply> {
  const found = await find(params['name'] ?? '');
  if (!found) throw new RingdownError('not_found');
  const packs = acceptsGzip(headers);
  return {
    status: 200,
    body: packs ? found.packed : found.body,
    headers: {
      'Content-Type': found.type,
      Vary: 'Accept-Encoding',
      ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
      ...more,
    },
  };
}

export function acceptsGzip(headers: RequestHead['headers']): boolean {
  return /\bgzip\b/.test(headers['accept-encoding'] ?? '');
}
