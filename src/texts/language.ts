import type { Messages } from './messages.ts';

/**
 * Everything that people read and hear in one language. Texts are plain text on one line. Code that shows them as
 * Markdown, XML or HTML escapes them.
 */
export interface Texts extends Messages {
  format: Format;
}

/** How a locale writes times and lists. */
export interface Format {
  locale: string;
  /** "a, b and c" */
  allOf: (names: readonly string[]) => string;
  /** "a, b, c" */
  listOf: (names: readonly string[]) => string;
  /** "a, b or c" */
  anyOf: (names: readonly string[]) => string;
  /** Hours and minutes of an ISO 8601 time in this time zone. */
  time: (at: string, timeZone: string) => string;
  /** Whole seconds in at most two units: "2 minutes 5 seconds". */
  duration: (seconds: number) => string;
  /** At most `limit` characters, cut between words. */
  cut: (text: string, limit: number) => string;
  /** A message in the fullest of three forms that fits `limit` (`SPEECH_LIMIT` by default). */
  speech: (message: string, limit: number | undefined, ways: SpeechWays) => string;
}

/** Forms of a spoken message. Each gets the message as a sentence with its full stop. */
export interface SpeechWays {
  twice: (message: string) => string;
  once: (message: string) => string;
  /** Only its beginning fits. */
  part: (beginning: string) => string;
}
