/*
 * GUIDs are case-insensitive: a tenant, person, application or resource may be written in capitals. Settings and ids
 * from services are converted to lower case; whole strings such as an audience or an issuer are compared ignoring
 * case.
 */

/** The pattern of a GUID, for other regular expressions, which choose the case flag. */
export const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
export const guidPattern = new RegExp(`^${guid}$`, 'i');
const within = new RegExp(guid, 'gi');

export const isGuid = (value: string): boolean => guidPattern.test(value);

/**
 * Whether two identifiers are equal. Case is ignored only within GUIDs: the rest, such as `api://…`, is
 * case-sensitive.
 */
export const isSameIdentifier = (one: string, other: string): boolean => folded(one) === folded(other);

function folded(text: string): string {
  return text.replaceAll(within, (found) => found.toLowerCase());
}
