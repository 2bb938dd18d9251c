import { z } from 'zod';
import { time } from '../http/api/timeline.ts';
import type { CallLine, Line } from './model.ts';

const line = { at: time(), text: z.string(), type: z.string() };

export const lineSchema: z.ZodType<Line> = z.object(line);
export const callLineSchema: z.ZodType<CallLine> = z.object({
  ...line,
  call: z.object({ id: z.string(), callee: z.string() }).optional(),
});
