import { languageFiles } from './languageFiles.ts';

/** The languages that commands can be written in, and their phrases, unchecked. */
export const { languages: commandLanguages, read: commandFileOf } = languageFiles('../texts/commands/');
