import { z } from 'zod';

/** What went wrong, for a person: a stable code, what came and what was expected, and what to do about it. */
export const errorInfo = z.object({
  code: z.string().min(1).max(64),
  message: z.string().max(8192),
  hint: z.string().max(8192),
});
export type ErrorInfo = z.infer<typeof errorInfo>;
