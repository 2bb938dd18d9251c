import { badRequest } from './errors.ts';
import type { Shift } from './graph.ts';

const condition = /^sharedShift\/(startDateTime|endDateTime) (ge|gt|le|lt) (\S+)$/;

/** Shifts that match `sharedShift/startDateTime ge … and sharedShift/endDateTime le …`. @throws Refusal 400 */
export function shiftsFitting(shifts: Shift[], filter: string | null): Shift[] {
  if (filter === null) return shifts;
  const conditions = filter.split(/\s+and\s+/i).map((part) => {
    const [, property, operator, value] = condition.exec(part.trim()) ?? [];
    const limit = Date.parse(value ?? '');
    if (property === undefined || operator === undefined || Number.isNaN(limit)) {
      throw badRequest(`Invalid filter clause: ${part}`);
    }
    return { property, operator, limit };
  });
  return shifts.filter((shift) =>
    conditions.every(({ property, operator, limit }) => {
      const at = Date.parse(property === 'startDateTime' ? shift.startDateTime : shift.endDateTime);
      if (operator === 'ge') return at >= limit;
      if (operator === 'gt') return at > limit;
      return operator === 'le' ? at <= limit : at < limit;
    }),
  );
}

export function shiftResource(shift: Shift): object {
  const { displayName, startDateTime, endDateTime } = shift;
  return {
    id: shift.id,
    userId: shift.userId,
    schedulingGroupId: null,
    sharedShift: { displayName, startDateTime, endDateTime, theme: 'blue', notes: null, activities: [] },
    draftShift: null,
  };
}
