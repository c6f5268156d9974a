import { isAddress, isHexString } from "ethers";
import { z } from "zod";

import { KeyInUseError, RefusedError, SenderClosedError } from "./errors.ts";
import type { Intention } from "./sender.ts";
import { ChainUnreachableError } from "../access.ts";
import { InputError } from "../../inputError.ts";
import { toJson } from "../../json.ts";
import { REVERTED, revertDataOf } from "../../revertData.ts";

/** The most characters of a line that either side takes. */
export const LONGEST = 1_000_000;

const hex = z.string().refine((text) => isHexString(text), "not hexadecimal");

/** What is handed over: one JSON object on a line. */
export const requestForm = z.strictObject({
  /** Of the client, as long as it lives: an answer that was lost is given again. */
  client: z.uuid(),
  id: z.number().int().nonnegative(),
  intention: z.strictObject({
    key: z.string().min(1).max(200),
    purpose: z.string().max(500),
    to: z.string().refine((text) => isAddress(text), "not an address"),
    data: hex,
    value: z.string().regex(/^\d{1,78}$/),
    deadline: z.number().int().optional(),
    signBy: z.number().int().optional(),
    isUrgent: z.boolean().optional(),
  }),
});
/** See {@link requestForm}. */
export type HandOverRequest = z.infer<typeof requestForm>;

/** What of a request that is none tells to whom it is of interest. */
export const idForm = z.object({ id: z.number().int().nonnegative() });

const failureForm = z.object({
  name: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  data: z.string().optional(),
});
/** What is answered to a request; the outcome is a JSON text of its own. */
export const answerForm = z.object({
  id: z.number().int(),
  outcome: z.string().optional(),
  failure: failureForm.optional(),
});
/** What the server says first. */
export const helloForm = z.object({ address: z.string() });

/** A request as a line. */
export function requestLine(client: string, id: number, { transaction, key, purpose, ...others }: Intention): string {
  const { to, data, value } = transaction;
  const { deadline, isUrgent, signBy } = others;
  const intention = { key, purpose, to, data, value: value ?? 0n, deadline, isUrgent, signBy };
  return toJson({ client, id, intention }, 0);
}

/** The intention of a request. */
export function intentionOf({ intention }: HandOverRequest): Intention {
  const { to, data, value, ...others } = intention;
  return { ...others, transaction: { to, data, value: BigInt(value) } };
}

/** An error as the other side is told it: with what the chain has refused, and without anything else that caused it. */
export function failureOf(error: unknown): z.infer<typeof failureForm> {
  if (error instanceof InputError) {
    return { name: error.constructor.name, message: error.problem, remedy: error.remedy };
  }
  const { name, message } = error instanceof Error ? error : { name: "Error", message: "?" };
  const isKnown = [RefusedError, SenderClosedError, ChainUnreachableError].some((kind) => error instanceof kind);
  if (!isKnown) return { name: "Error", message: "the sender has failed; its log says why" };
  return { name, message, data: revertDataOf(error) };
}

/** The error that a failure stands for. */
export function errorOf({ name, message, remedy, data }: z.infer<typeof failureForm>): Error {
  if (remedy !== undefined) {
    return name === "KeyInUseError" ? new KeyInUseError(message, remedy) : new InputError(message, remedy);
  }
  if (name === "RefusedError") return new RefusedError(message, { cause: { code: REVERTED, data } });
  return name === "ChainUnreachableError" ? new ChainUnreachableError(message) : new Error(message);
}
