import type { RefusalReason } from '../../../src/permissions/refusal.ts';

const all: Record<RefusalReason, true> = {
  anonymous: true,
  guest: true,
  caller: true,
  callee: true,
  communicationUser: true,
  phones: true,
  phoneCountry: true,
  unchecked: true,
  optedOut: true,
  quietHours: true,
  perCaller: true,
  perCallee: true,
  phoneCallsPerHour: true,
};

/** Every reason why a call can be refused. */
export const refusalReasons: readonly string[] = Object.keys(all);
