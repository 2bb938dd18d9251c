/** Rounded up, so that nobody comes back too early. Under a minute it stays as it is. */
export function inMinutes(seconds: number): number {
  return seconds < 60 ? Math.max(1, Math.ceil(seconds)) : Math.ceil(seconds / 60) * 60;
}
