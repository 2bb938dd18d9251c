import { CommitUnknown } from '../../database/commits.ts';
import type { Database } from '../../database/open.ts';
import { isOpenToEdits, takeEdit, undoEdit } from './activityStore.ts';
import type { Command } from '../language/command.ts';
import { messageKeyOf } from './identity.ts';
import { changesNothing } from '../language/questions.ts';
import type { ChatTurn } from './turn.ts';

/**
 * Messages that were edited. A message acts once: what it is edited to is carried out only if nothing has come of it so
 * far, such as of a command that was not understood, or a name that nobody has. So nobody is called again because a
 * typing error in an old message was put right.
 */
export class Edits {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** Carries a command out, unless it stands in an edited message that has acted before, or is not known any more. */
  async inTurn(turn: ChatTurn, command: Command, carryOut: () => Promise<void>): Promise<void> {
    const { sql } = this.#database;
    const message = turn.incoming.isEdit ? messageKeyOf(turn.incoming) : null;
    if (message === null) {
      if (!turn.incoming.isEdit) await carryOut();
      return;
    }
    if (changesNothing(command)) {
      if (await isOpenToEdits(sql, message)) await carryOut();
      return;
    }
    if (!(await takeEdit(sql, message))) {
      await turn.sayOnce(turn.texts.chat.actsOnce());
      return;
    }
    try {
      await carryOut();
    } catch (error) {
      // Where it cannot be known, or be given back, the edit counts as done: nobody is called twice.
      await this.#giveBack(turn, message, error).catch(() => undefined);
      throw error;
    }
    if (turn.nothingDone) await undoEdit(sql, message);
  }

  /** What was committed has been done, though the answer to it failed. */
  async #giveBack(turn: ChatTurn, message: string, error: unknown): Promise<void> {
    if (error instanceof CommitUnknown || (await turn.wasCommitted())) return;
    await undoEdit(this.#database.sql, message);
  }
}
