import { Tooltip } from '@fluentui/react-components';
import { useNow } from '../clock.ts';
import { useWords } from '../texts.ts';
import { clockTime, exactTime, relativeTime, stopwatch } from '../times.ts';

/**
 * A moment: "5 minutes ago", with the exact time as tooltip.
 *
 * @param at ISO 8601
 * @param as `clock`: "14:05" instead, with the day if it is not today
 */
export function When({ at, as = 'relative' }: { at: string; as?: 'relative' | 'clock' }) {
  const { locale } = useWords();
  const now = useNow(10_000);
  const time = Date.parse(at);
  return (
    <Tooltip content={exactTime(time, locale)} relationship="description">
      <time dateTime={at}>
        {as === 'clock' ? clockTime(time, now, locale) : relativeTime(time, now, locale)}
      </time>
    </Tooltip>
  );
}

/** How long something has lasted, counting: "1:05". Screen readers do not follow it. */
export function Lasting({ since }: { since: string }) {
  const now = useNow(1_000);
  return (
    <span role="timer" aria-live="off">
      {stopwatch((now - Date.parse(since)) / 1000)}
    </span>
  );
}
