import { z } from 'zod';

/** What went wrong, in the words of the host or our own. */
export interface Problem {
  code: string;
  /** What happened: got, expected. */
  message: string;
  /** What to do about it. */
  hint: string;
  /** Whether the same request can succeed later without anybody's doing. */
  retry: boolean;
}

// RFC 9457, with the host's `code` and `hint` beside its fields.
const problemBody = z.object({
  title: z.string().max(1000).optional(),
  detail: z.string().max(8192).optional(),
  hint: z.string().max(8192).optional(),
  code: z.string().max(64).optional(),
});

/** Answers that stay the same until something else is asked for. 408, 425 and 429 are about time. */
function canHelpToRetry(status: number): boolean {
  return status >= 500 || [404, 408, 409, 412, 425, 429].includes(status);
}

/** An answer of the host that is not a success, as words. The body may be anything: a proxy may have written it. */
export function problemOfAnswer(status: number, body: string): Problem {
  const parsed = problemBody.safeParse(parseJson(body));
  const { detail, title, hint, code } = parsed.success ? parsed.data : {};
  return {
    code: code ?? `http-${status}`,
    message: detail ?? title ?? `the host answered with status ${status}`,
    hint: hint ?? 'look at the log of the host',
    retry: canHelpToRetry(status),
  };
}

export function hostUnreachable(): Problem {
  return {
    code: 'host-unreachable',
    message: 'the host does not answer',
    hint: 'start reactor-host again, or look at the network between this browser and it',
    retry: true,
  };
}

/** Carries a problem through a promise. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
