/**
 * Called where a crash would be most awkward, with the name of the place. The program itself does nothing there; the
 * crash tests start it with a checkpoint that kills the process.
 */
export type Checkpoint = (place: string) => void;

export const noCheckpoint: Checkpoint = () => undefined;
