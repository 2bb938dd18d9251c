/** Addresses below /console that are no pages. */

/** The login page returns here. The registration in Entra lists it. */
export const SIGNED_IN = '/console/signed-in';
/** The window in which somebody in Teams agrees that the app may know who they are. */
export const CONSENT = '/console/consent';
