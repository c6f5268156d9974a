import { Problem } from "../problems/problem.ts";

/** Rights that are used for longer than one request takes. */
export interface LastingRights {
  /** Unix seconds at which the credential ends. */
  readonly expiresAt: number;
  /** Asks again whether the rights hold; throws a Problem where they do not. */
  readonly again: () => Promise<unknown>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds between two questions; a minute unless given. */
  readonly every?: number;
}

const EVERY = 60_000;

/**
 * Watches over rights for as long as they are used. A question that cannot be answered, such as one to a chain that is away, ends nothing: the
 * credential's own end does.
 *
 * @param end Called once, when they are over, with what would be said of them now.
 * @returns Ends the watch.
 */
export function watchRights(
  { expiresAt, again, now, every = EVERY }: LastingRights,
  end: (reason: Problem) => void,
): () => void {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const left = (): number => expiresAt * 1000 - now();
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
  };
  const wait = (): void => {
    if (isOver) return;
    timer = setTimeout(() => void look(), Math.max(0, Math.min(every, left())));
    timer.unref();
  };
  const look = async (): Promise<void> => {
    const lack = left() > 0 ? await lackOf(again) : new Problem("token-expired", "The token or cookie has expired");
    if (isOver) return;
    if (lack === undefined) {
      wait();
      return;
    }
    stop();
    end(lack);
  };
  wait();
  return stop;
}

/** What is lacking now; undefined while the rights hold, or where nobody can tell. */
async function lackOf(again: () => Promise<unknown>): Promise<Problem | undefined> {
  try {
    await again();
    return undefined;
  } catch (error) {
    return error instanceof Problem && error.type.status < 500 ? error : undefined;
  }
}
