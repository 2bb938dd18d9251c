import { use, useEffect, useRef, useState } from 'react';
import { ConnectionContext } from './connection.ts';
import { useData, type Loaded } from './live.ts';

/**
 * Data that is loaded again every so often while the page is visible. What was shown stays while it loads, and if that
 * fails.
 *
 * @param path below /console/api
 * @param everyMs milliseconds
 */
export function usePolled<Data>(path: string, everyMs: number): Loaded<Data> & { reload: () => void } {
  const connection = use(ConnectionContext);
  const { reload, ...loaded } = useData<Data>(path);
  const last = useRef<Loaded<Data>>(null);
  const [me] = useState({});
  if (loaded.state === 'shown') last.current = loaded;
  const isLost = loaded.state === 'failed' && last.current !== null;
  useEffect(() => {
    connection.note(me, isLost);
    return () => connection.note(me, false);
  }, [connection, me, isLost]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, everyMs);
    return () => clearInterval(timer);
  });
  return { ...(loaded.state === 'missing' ? loaded : (last.current ?? loaded)), reload };
}
