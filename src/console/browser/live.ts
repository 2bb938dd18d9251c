import { use, useEffect, useState } from 'react';
import { Refusal, SignInNeeded, useApi, type View } from './api.ts';
import { ConnectionContext } from './connection.ts';
import { follow } from './follow.ts';

/** What a page has of its data. */
export type Loaded<Data> =
  | { state: 'loading' }
  | { state: 'shown'; data: Data }
  /** It does not exist, or the reader may not see it. */
  | { state: 'missing' }
  | { state: 'failed'; fault: unknown };

/** A hidden tab keeps its connection for this long. */
const HIDDEN_MS = 5 * 60_000;

/**
 * A view of the server, kept up to date while the page is visible. After a lost connection it reconnects by itself, and
 * the last view stays.
 */
export function useLive<Data>(view: View, id?: string): Loaded<Data> {
  const api = useApi();
  const connection = use(ConnectionContext);
  const visible = useVisible();
  const [loaded, setLoaded] = useState<{ key: string; value: Loaded<Data> }>();
  const key = `${view} ${id ?? ''}`;
  useEffect(() => {
    if (!visible) return;
    const ending = new AbortController();
    const me = {};
    const set = (value: Loaded<Data>): void => setLoaded({ key, value });
    void follow(
      {
        open: async (renew, signal) => await api.stream(view, id, renew, signal),
        show: (data) => {
          connection.note(me, false);
          set({ state: 'shown', data: data as Data });
        },
        lost: () => connection.note(me, true),
        ended: (fault) => {
          connection.note(me, false);
          set(
            fault instanceof Refusal && fault.status === 404
              ? { state: 'missing' }
              : { state: 'failed', fault },
          );
        },
        isFinal: (fault) =>
          fault instanceof SignInNeeded ||
          (fault instanceof Refusal && fault.status < 500 && fault.status !== 429 && fault.status !== 408),
        pause,
        chance: Math.random,
      },
      ending.signal,
    );
    return () => {
      ending.abort();
      connection.note(me, false);
    };
  }, [api, connection, view, id, key, visible]);
  return loaded?.key === key ? loaded.value : { state: 'loading' };
}

/** Data that is loaded once, and again after `reload`. A path of null loads nothing. */
export function useData<Data>(path: string | null): Loaded<Data> & { reload: () => void } {
  const api = useApi();
  const [turn, setTurn] = useState(0);
  const [loaded, setLoaded] = useState<{ path: string; value: Loaded<Data> }>();
  useEffect(() => {
    if (path === null) return;
    const ending = new AbortController();
    api.get<Data>(path, ending.signal).then(
      (data) => setLoaded({ path, value: { state: 'shown', data } }),
      (fault: unknown) => {
        if (ending.signal.aborted) return;
        const missing = fault instanceof Refusal && fault.status === 404;
        setLoaded({ path, value: missing ? { state: 'missing' } : { state: 'failed', fault } });
      },
    );
    return () => ending.abort();
  }, [api, path, turn]);
  const value: Loaded<Data> = path !== null && loaded?.path === path ? loaded.value : { state: 'loading' };
  return { ...value, reload: () => setTurn(turn + 1) };
}

/** Whether the page is visible, or was until a few minutes ago. */
function useVisible(): boolean {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setVisible(true);
      else timer = setTimeout(() => setVisible(false), HIDDEN_MS);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return visible;
}

/** Ends early when the network is back or the page becomes visible. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener('online', end);
      document.removeEventListener('visibilitychange', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    document.addEventListener('visibilitychange', end);
    signal.addEventListener('abort', end);
  });
}
