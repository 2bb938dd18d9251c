/** Tells identifiers, addresses and names apart in typed text. Pure. */
import { guid } from '../config/guids.ts';
import { atomsOf } from './folding.ts';

export type TextQuery =
  | { kind: 'objectId'; id: string }
  /** A mail address or user principal name. */
  | { kind: 'address'; address: string }
  /** `8:orgid:…` and the like: a Teams user of a cloud. */
  | { kind: 'teamsUser'; id: string; cloud: Cloud }
  /** `28:orgid:…`: a voice application. */
  | { kind: 'voiceApp'; id: string; cloud: Cloud }
  /** `8:acs:…`: an ACS user, who is not in the directory. */
  | { kind: 'communicationUser'; rawId: string }
  | { kind: 'name'; text: string }
  /** Text without letters and digits, or too long for a name. */
  | { kind: 'nothing' };

type Cloud = 'public' | 'gcch' | 'dod';

const objectIdPattern = new RegExp(`^\\{?(${guid})\\}?$`);
const rawIdPattern = new RegExp(`^(8|28):(orgid|gcch|dod):(${guid})$`);
const communicationUserPattern = /^8:(?:(?:gcch|dod)-)?acs:[^\s:]+$/;
const addressPattern = /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+$/;
const maxLength = 256;
const maxWords = 8;

/** Never throws. */
export function classify(text: string): TextQuery {
  if (text.length > 4 * maxLength) return { kind: 'nothing' };
  const tidy = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  // Mail programs copy "Adele Vance <adele@contoso.example>".
  const bare = /^[^<>]*<([^<>]+)>$/.exec(tidy)?.[1]?.trim() ?? tidy;
  const lower = bare.toLowerCase();
  const id = objectIdPattern.exec(lower)?.[1];
  if (id !== undefined) return { kind: 'objectId', id };
  const [, prefix, cloudName, rawId] = rawIdPattern.exec(lower) ?? [];
  if (rawId !== undefined) {
    const cloud: Cloud = cloudName === 'gcch' || cloudName === 'dod' ? cloudName : 'public';
    return { kind: prefix === '28' ? 'voiceApp' : 'teamsUser', id: rawId, cloud };
  }
  if (communicationUserPattern.test(lower)) return { kind: 'communicationUser', rawId: bare };
  const address = bare
    .replace(/^(?:mailto:|smtp:|sip:)/i, '')
    .replace(/[’‘ʼ`´]/g, "'")
    .normalize('NFC');
  if (address.length <= maxLength && addressPattern.test(address)) return { kind: 'address', address };
  const words = atomsOf(tidy);
  if (tidy.length > maxLength || words.length === 0 || words.length > maxWords) return { kind: 'nothing' };
  return { kind: 'name', text: tidy };
}
