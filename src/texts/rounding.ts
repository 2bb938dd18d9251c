/** Rounds up to whole minutes, or to whole seconds below a minute, so that nobody retries too early. */
export function inMinutes(seconds: number): number {
  return seconds < 60 ? Math.max(1, Math.ceil(seconds)) : Math.ceil(seconds / 60) * 60;
}
