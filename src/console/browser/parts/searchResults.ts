import { useCallback, useEffect, useRef, useState } from 'react';
import type { HistoryPage } from '../../model.ts';
import { useApi } from '../api.ts';

/** What a search has found so far. */
export interface Found<Item> {
  items: Item[];
  /** The search can go on from here. */
  nextCursor: string | null;
  searchedTo: string | null;
}

export interface Search<Item> {
  /** Null until the first page is there. */
  found: Found<Item> | null;
  isLoading: boolean;
  /** Why the last page could not be loaded. What was found before stays. */
  fault: unknown;
  /** Loads the next page, or the same one again after a fault. */
  more: () => void;
}

/** Loads a list page by page. @param path below /console/api, with its query */
export function useSearch<Item>(path: string): Search<Item> {
  const api = useApi();
  const [state, setState] = useState<{ path: string; found: Found<Item> | null; fault: unknown }>();
  const [loading, setLoading] = useState<string | null>(null);
  const current = useRef<AbortController>(null);
  const load = useCallback(
    (known: Found<Item> | null): void => {
      current.current?.abort();
      const ending = new AbortController();
      current.current = ending;
      setLoading(path);
      const cursor = known?.nextCursor;
      const at = cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path;
      const show = (found: Found<Item> | null, fault: unknown): void => {
        if (ending.signal.aborted) return;
        setLoading(null);
        setState({ path, found, fault });
      };
      api.get<HistoryPage<Item>>(at, ending.signal).then(
        ({ items, ...rest }) => show({ ...rest, items: [...(known?.items ?? []), ...items] }, null),
        (fault: unknown) => show(known, fault),
      );
    },
    [api, path],
  );
  useEffect(() => {
    load(null);
    return () => current.current?.abort();
  }, [load]);
  const { found, fault } = state?.path === path ? state : { found: null, fault: null };
  return { found, isLoading: loading === path, fault, more: () => load(found) };
}
