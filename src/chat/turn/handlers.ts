import type { Command } from '../language/command.ts';
import type { ChatTurn } from './turn.ts';

type Kind = Command['kind'];
type Of<K extends Kind> = Extract<Command, { kind: K }>;

/** The handler for each kind of command. Each room registers its own. */
export class Handlers {
  readonly #byKind = new Map<Kind, (turn: ChatTurn, command: Command) => Promise<void>>();

  on<K extends Kind>(kind: K, handler: (turn: ChatTurn, command: Of<K>) => Promise<void>): void {
    this.#byKind.set(kind, async (turn, command) => {
      if (isOf(command, kind)) await handler(turn, command);
    });
  }

  has(kind: string): boolean {
    return [...this.#byKind.keys()].some((known) => known === kind);
  }

  /** @returns false if no handler is registered for this kind */
  async run(turn: ChatTurn, command: Command): Promise<boolean> {
    const handler = this.#byKind.get(command.kind);
    await handler?.(turn, command);
    return handler !== undefined;
  }
}

function isOf<K extends Kind>(command: Command, kind: K): command is Of<K> {
  return command.kind === kind;
}
