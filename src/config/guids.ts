/*
 * GUIDs have no case: tenants, people, applications and resources are the same ones in capitals. Settings and what
 * services send are read in lower case, and what comes as a whole (an audience, an issuer) is compared without.
 */

/** One within a text: made into expressions of other places, which say whether its case matters. */
export const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
export const guidPattern = new RegExp(`^${guid}$`, 'i');
const within = new RegExp(guid, 'gi');

export const isGuid = (value: string): boolean => guidPattern.test(value);

/** Whether two identifiers are the same. Only the GUIDs in them have no case: `api://` and what follows has one. */
export const isSameIdentifier = (one: string, other: string): boolean => folded(one) === folded(other);

function folded(text: string): string {
  return text.replaceAll(within, (found) => found.toLowerCase());
}
