/**
 * Called where a crash would be most awkward, with the name of the place. The program itself does nothing there; the
 * crash tests start it with a checkpoint that kills the process.
 *
 * @param places more than one where a commit does several things: who dies there dies at each of them
 */
export type Checkpoint = (...places: string[]) => void;

export const noCheckpoint: Checkpoint = () => undefined;
