import type { EnclaveError } from "../errors.ts";

/** Who hears what an enclave program says. */
export interface ChannelListener {
  /** A line of the program's; undefined for one that is too long. */
  readonly onLine: (line: string | undefined) => void;
  /** That nothing more comes, and why. Told once. */
  readonly onEnd: (reason: EnclaveError) => void;
}

/** How lines go to an enclave program and come back. */
export interface Channel {
  /** What the program has written for people, its end. */
  readonly log: string;
  /** Sends a line; if it cannot be sent, the listener hears of the channel's end. */
  send(line: string): void;
  /** Lets go of a program that does not keep to the protocol, at once. */
  abort(): void;
  /** Ends a program that was started, or leaves another. Waits until that has happened, some seconds at most. May be called again. */
  close(): Promise<void>;
}

/** The most bytes of an answer; a quote is the largest. */
export const MAX_ANSWER = 4 * 2 ** 20;
