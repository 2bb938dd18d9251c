import { CommitUnknown } from '../../database/transactionErrors.ts';
import type { Database } from '../../database/open.ts';
import { isOpenToEdits, takeEdit, undoEdit } from './activityStore.ts';
import type { Command } from '../language/command.ts';
import { messageKeyOf } from './identity.ts';
import { changesNothing } from '../language/questions.ts';
import type { ChatTurn } from './turn.ts';

/**
 * Edited messages. A message acts once: an edit is carried out only if the message has had no effect so far, for example
 * because the command was not understood or nobody has that name. So fixing a typo in an old message calls nobody again.
 */
export class Edits {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** Carries out a command, unless it comes from an edited message that has acted before or is no longer known. */
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
      await turn.sayOnce(turn.texts.chat.actsOnce);
      return;
    }
    try {
      await carryOut();
    } catch (error) {
      // If it is unclear whether the command was carried out, the edit counts as done, so that nobody is called twice.
      await this.#giveBack(turn, message, error).catch(() => undefined);
      throw error;
    }
    if (turn.nothingDone) await undoEdit(sql, message);
  }

  /** Allows another edit, unless the command was committed and only the answer failed. */
  async #giveBack(turn: ChatTurn, message: string, error: unknown): Promise<void> {
    if (error instanceof CommitUnknown || (await turn.wasCommitted())) return;
    await undoEdit(this.#database.sql, message);
  }
}
