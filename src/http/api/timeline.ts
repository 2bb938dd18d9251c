import { z } from 'zod';

/** Schemas that calls and escalations share. */

export const time = () => z.string().meta({ format: 'date-time' });

export const timelineSchema = z.array(
  z
    .object({
      at: time(),
      type: z.string(),
      data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    })
    .meta({ id: 'TimelineEntry' }),
);
