/** An event in the emulator, as the control API streams it. */
export type Change =
  | { type: 'person'; personId: string }
  | { type: 'phone'; personId: string; what: PhoneChange; callConnectionId: string }
  | { type: 'call'; callConnectionId: string; state: string }
  | { type: 'spoken'; callConnectionId: string; personId: string | null; text: string }
  | { type: 'tone'; callConnectionId: string; personId: string; tone: string; arrived: boolean }
  | { type: 'callback'; callConnectionId: string; event: string; id: string; status: number | null }
  | { type: 'message'; conversationId: string; activityId: string; what: 'sent' | 'updated' | 'deleted' }
  | { type: 'fault'; operation: string; kind: string };

export type PhoneChange = 'rings' | 'answered' | 'declined' | 'stopped' | 'hungUp';

export type Listener = (change: Change) => void;

/** Notifies listeners of changes. */
export class Changes {
  readonly #listeners = new Set<Listener>();

  /** Subscribes a listener. @returns a function that unsubscribes it */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(change: Change): void {
    for (const listener of Array.from(this.#listeners)) listener(change);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
