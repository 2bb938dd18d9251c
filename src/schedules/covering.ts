export const LONGEST_COVER_DAYS = 90;
const DAY_MS = 86_400_000;
/** Tolerates a small difference between clocks. */
const SLACK_MS = 1_000;

/** Why nobody can cover until then; null if they can. @param until epoch milliseconds, as `now` */
export function untilFault(until: number, now: number): 'inThePast' | 'tooLong' | null {
  if (until <= now + SLACK_MS) return 'inThePast';
  return until - now > LONGEST_COVER_DAYS * DAY_MS ? 'tooLong' : null;
}

/** Whether a cover counts for this rotation of its policy. `rotation` of a cover is null if it counts for all. */
export function isFor(cover: { rotation: string | null }, rotation: string): boolean {
  return cover.rotation === null || cover.rotation === rotation;
}

/** The covers of one time that no other hides. @param covers the one taken last first */
export function onTop<C extends { rotation: string | null }>(covers: readonly C[]): C[] {
  const hidden = new Set<string | null>();
  return covers.filter(({ rotation }) => {
    if (hidden.has(null) || hidden.has(rotation)) return false;
    hidden.add(rotation);
    return true;
  });
}
