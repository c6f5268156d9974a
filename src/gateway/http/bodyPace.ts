import type { IncomingMessage } from "node:http";

/** How fast a body has to come. */
export interface BodyPace {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Bytes that have to come between two looks. */
  readonly least: number;
}

/** A KiB a second. */
const PACE: BodyPace = { every: 10_000, least: 10_240 };

/** Whether a request has a body (RFC 9112, section 6). */
export function hasBody({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * Ends a connection whose request's body comes slower than anybody sends who means it: as long as it comes, it holds what others may need. Whoever
 * reads it slowly is not the client's fault.
 *
 * @param after Milliseconds before the first look, such as for a client that waits to be told to go on.
 */
export function watchBody(incoming: IncomingMessage, { every, least }: BodyPace = PACE, after = 0): void {
  const { socket } = incoming;
  const isOver = (): boolean => incoming.complete || incoming.destroyed || socket.destroyed;
  if (!hasBody(incoming) || isOver()) return;
  let before = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    before = socket.bytesRead;
    timer = setTimeout(look, every).unref();
  };
  const look = (): void => {
    if (isOver()) return;
    const isRead = incoming.readableLength === 0;
    if (isRead && socket.bytesRead - before < least) socket.destroy();
    else wait();
  };
  if (after === 0) wait();
  else timer = setTimeout(wait, after).unref();
  // As soon as all of it was read, or nobody wants it any more.
  incoming.once("close", () => {
    clearTimeout(timer);
  });
}
