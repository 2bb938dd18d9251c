import { z } from 'zod';

const cloud = z.enum(['public', 'dod', 'gcch']).optional();

/** An identifier as clients send it: `kind` and `rawId` may be missing. Media operations omit `kind`. */
export const WireIdentifier = z
  .looseObject({
    kind: z.string().optional(),
    rawId: z.string().optional(),
    communicationUser: z.looseObject({ id: z.string().min(1) }).optional(),
    phoneNumber: z.looseObject({ value: z.string().min(1), isAnonymous: z.boolean().optional() }).optional(),
    microsoftTeamsUser: z
      .looseObject({ userId: z.string().min(1), isAnonymous: z.boolean().optional(), cloud })
      .optional(),
    microsoftTeamsApp: z.looseObject({ appId: z.string().min(1), cloud }).optional(),
  })
  .transform((wire, context) => {
    const identifier = identify(wire);
    if (identifier) return identifier;
    context.addIssue({
      code: 'custom',
      message: 'The identifier must name exactly one known kind of participant.',
    });
    return z.NEVER;
  });

type Cloud = 'public' | 'dod' | 'gcch';

/** An identifier as the service returns it: with `kind` and `rawId` (swagger Common, "required in responses"). */
export type Identifier =
  | { kind: 'communicationUser'; rawId: string; communicationUser: { id: string } }
  | { kind: 'phoneNumber'; rawId: string; phoneNumber: { value: string; isAnonymous?: boolean } }
  | {
      kind: 'microsoftTeamsUser';
      rawId: string;
      microsoftTeamsUser: { userId: string; isAnonymous: boolean; cloud: Cloud };
    }
  | { kind: 'microsoftTeamsApp'; rawId: string; microsoftTeamsApp: { appId: string; cloud: Cloud } };

interface Wire {
  kind?: string | undefined;
  communicationUser?: { id: string } | undefined;
  phoneNumber?: { value: string } | undefined;
  microsoftTeamsUser?:
    { userId: string; isAnonymous?: boolean | undefined; cloud?: Cloud | undefined } | undefined;
  microsoftTeamsApp?: { appId: string; cloud?: Cloud | undefined } | undefined;
}

const cloudPrefix: Record<Cloud, string> = { public: 'orgid', dod: 'dod', gcch: 'gcch' };

/** The kind follows from the one property that is set. A contradicting `kind` is refused. */
function identify(wire: Wire): Identifier | null {
  const found: Identifier[] = [];
  if (wire.communicationUser) found.push(communicationUser(wire.communicationUser.id));
  if (wire.phoneNumber) {
    const { value } = wire.phoneNumber;
    found.push({ kind: 'phoneNumber', rawId: `4:${value}`, phoneNumber: { value, isAnonymous: false } });
  }
  if (wire.microsoftTeamsUser) {
    const { userId, isAnonymous = false, cloud: place = 'public' } = wire.microsoftTeamsUser;
    const rawId = `8:${isAnonymous ? 'teamsvisitor' : cloudPrefix[place]}:${userId}`;
    found.push({
      kind: 'microsoftTeamsUser',
      rawId,
      microsoftTeamsUser: { userId, isAnonymous, cloud: place },
    });
  }
  if (wire.microsoftTeamsApp) {
    const { appId, cloud: place = 'public' } = wire.microsoftTeamsApp;
    const rawId = `28:${cloudPrefix[place]}:${appId}`;
    found.push({ kind: 'microsoftTeamsApp', rawId, microsoftTeamsApp: { appId, cloud: place } });
  }
  const [only, another] = found;
  if (only === undefined || another !== undefined) return null;
  if (wire.kind !== undefined && wire.kind !== only.kind) return null;
  return only;
}

export function communicationUser(id: string): Identifier {
  return { kind: 'communicationUser', rawId: id, communicationUser: { id } };
}

/** Parses a raw id like the SDKs' `createIdentifierFromRawId`. Anything else counts as a user of the resource. */
export function identifierOf(rawId: string): Identifier {
  for (const [name, prefix] of Object.entries(cloudPrefix)) {
    const place: Cloud = name === 'dod' || name === 'gcch' ? name : 'public';
    if (rawId.startsWith(`8:${prefix}:`)) {
      const userId = rawId.slice(`8:${prefix}:`.length);
      return {
        kind: 'microsoftTeamsUser',
        rawId,
        microsoftTeamsUser: { userId, isAnonymous: false, cloud: place },
      };
    }
    if (rawId.startsWith(`28:${prefix}:`)) {
      return {
        kind: 'microsoftTeamsApp',
        rawId,
        microsoftTeamsApp: { appId: rawId.slice(`28:${prefix}:`.length), cloud: place },
      };
    }
  }
  return communicationUser(rawId);
}
