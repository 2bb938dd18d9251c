const tasks: (() => Promise<unknown>)[] = [];

/** Runs `task` when the process has run its last test: it closes what tests share. */
export function atEnd(task: () => Promise<unknown>): void {
  tasks.push(task);
}

export async function endOfTests(): Promise<void> {
  await Promise.all(tasks.splice(0).map(async (task) => await task()));
}
