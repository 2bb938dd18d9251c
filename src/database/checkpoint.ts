/**
 * Called with the name of each place where a crash would be most awkward. In production it does nothing; the crash
 * tests pass one that kills the process.
 *
 * @param places several for a commit that does several things: a process killed there is killed at each of them
 */
export type Checkpoint = (...places: string[]) => void;

export const noCheckpoint: Checkpoint = () => undefined;
