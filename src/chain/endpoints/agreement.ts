import type { Endpoint } from "./endpoint.ts";
import { EndpointFault, faultOf, isMoved } from "./fault.ts";
import { ChainUnreachableError, type Read } from "../access.ts";
import type { Block } from "../block.ts";
import { toJson } from "../../json.ts";
import { revertDataOf } from "../../revertData.ts";

/** What an endpoint says of a block, or why it says nothing. */
export type Answer<T> =
  | {
      readonly endpoint: Endpoint;
      /** All that it says, for comparison: the block, and the value or the revert. */
      readonly text: string;
      /** The value; throws the revert where it is one. */
      readonly value: () => T;
    }
  | { readonly endpoint: Endpoint; readonly fault: unknown };

type Said<T> = Extract<Answer<T>, { text: string }>;

/** Reads at the block of a number, as one endpoint has it. Never fails. */
export async function answerAt<T>(endpoint: Endpoint, number: number, read: Read<T>): Promise<Answer<T>> {
  try {
    const block = await endpoint.blockAt(number);
    return await answerOf(endpoint, block, async () =>
      endpoint.readAt(block, async (protocol) => read(protocol, block)),
    );
  } catch (fault) {
    return { endpoint, fault };
  }
}

async function answerOf<T>(endpoint: Endpoint, block: Block, read: () => Promise<T>): Promise<Said<T>> {
  try {
    const value = await read();
    return { endpoint, text: toJson({ block, value }), value: () => value };
  } catch (error) {
    const revert = revertDataOf(error);
    if (revert === undefined) throw error;
    const value = (): never => {
      throw error;
    };
    return { endpoint, text: toJson({ block, revert }), value };
  }
}

const isSaid = <T>(answer: Answer<T>): answer is Said<T> => "text" in answer;

/** The first answer that so many endpoints give; undefined where there is none. */
export function agreedAnswer<T>(answers: readonly Answer<T>[], needed: number): Said<T> | undefined {
  const said = answers.filter(isSaid);
  return said.find(({ text }) => said.filter((other) => other.text === text).length >= needed);
}

/** The endpoints that say something else than what was agreed, or nothing, each with its fault. */
export function faultsOf<T>(answers: readonly Answer<T>[], agreed: Said<T> | undefined, what: string) {
  return answers.flatMap((answer) => {
    if (!isSaid(answer)) return [answer];
    if (agreed === undefined || answer.text === agreed.text) return [];
    return [
      { endpoint: answer.endpoint, fault: new EndpointFault("contradiction", `it contradicts others about ${what}`) },
    ];
  });
}

/** Why there is no agreed answer. */
export function disagreement(answers: readonly Answer<unknown>[], what: string, number: number): Error {
  const faults = answers.flatMap((answer) => ("fault" in answer ? [answer.fault] : []));
  const moved = faults.find(isMoved);
  if (moved !== undefined) return moved;
  // Where too few say anything, nobody contradicts anybody.
  if (answers.length - faults.length < 2) {
    return new ChainUnreachableError(`The chain could not be read: ${faults.map(faultOf).join("; ")}`);
  }
  return new ChainUnreachableError(`Two endpoints contradict each other about ${what} at block ${String(number)}`);
}
