const tasks: (() => Promise<unknown>)[] = [];

/** Runs `task` after the process's last test, to close what tests share. */
export function atEnd(task: () => Promise<unknown>): void {
  tasks.push(task);
}

export async function endOfTests(): Promise<void> {
  await Promise.all(tasks.splice(0).map(async (task) => await task()));
}
