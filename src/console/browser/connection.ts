import { createContext, use, useSyncExternalStore } from 'react';

/** How the page is connected to the server. */
export type ConnectionState = 'live' | 'reconnecting' | 'offline';

/** Shared by all live views of the page, for the banner. */
class Connection {
  readonly #lost = new Set<object>();
  readonly #listeners = new Set<() => void>();

  /** Notes whether a view is connected at the moment. */
  note(view: object, isLost: boolean): void {
    if (isLost === this.#lost.has(view)) return;
    if (isLost) this.#lost.add(view);
    else this.#lost.delete(view);
    for (const listener of this.#listeners) listener();
  }

  readonly state = (): ConnectionState => {
    if (this.#lost.size === 0) return 'live';
    return navigator.onLine ? 'reconnecting' : 'offline';
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    for (const event of ['online', 'offline']) addEventListener(event, listener);
    return () => {
      this.#listeners.delete(listener);
      for (const event of ['online', 'offline']) removeEventListener(event, listener);
    };
  };
}

export const ConnectionContext = createContext(new Connection());

export function useConnection(): ConnectionState {
  const { subscribe, state } = use(ConnectionContext);
  return useSyncExternalStore(subscribe, state);
}
