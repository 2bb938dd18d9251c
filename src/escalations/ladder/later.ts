/** @returns the ISO 8601 time that many milliseconds later */
export function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
