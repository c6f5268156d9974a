import { z } from "zod";

import { forms } from "../../forms.ts";
import { parsedJson, toJson } from "../../json.ts";
import { concatBytes, utf8 } from "../../sgx/bytes.ts";
import { ALL_FAULTS, ProxyError, type AnyFault } from "../errors.ts";
import { CHANNEL_KEY_SIZE } from "./keys.ts";
import { MAX_FRAME } from "./frames.ts";

/*
 * What the host carries, one message for another. The first byte says what it is:
 *
 * | byte | from    | what                                                                                                  |
 * | ---- | ------- | ----------------------------------------------------------------------------------------------------- |
 * | 1    | client  | a hello, in JSON                                                                                      |
 * | 2    | client  | the session's first message: session (32 bytes), encapsulated key (32), a frame                       |
 * | 3    | client  | any later one: session (32 bytes), a frame                                                            |
 * | 4    | enclave | an offer, in JSON                                                                                     |
 * | 5    | enclave | a frame                                                                                               |
 * | 6    | anybody | a refusal, in JSON: not sealed, so it proves nothing                                                  |
 */

/** The version of the protocol: of messages, frames, and what is signed. */
export const PROXY_VERSION = 1;

/** Bytes of a session's name. */
export const SESSION_SIZE = 32;

/** The most bytes of a message. */
export const MAX_MESSAGE = 1 + SESSION_SIZE + CHANNEL_KEY_SIZE + MAX_FRAME;

const HELLO = 1;
const BEGIN = 2;
const NEXT = 3;
const OFFER = 4;
const SEALED = 5;
const REFUSAL = 6;

const uint256 = forms.uint.refine((value) => value < 1n << 256n, "more than 256 bits");

const helloForm = z.strictObject({
  version: z.int().min(1),
  chainId: uint256,
  /** NodeRegistry's address. */
  registry: forms.address,
  nodeId: uint256,
  /** 32 random bytes. */
  nonce: forms.hash,
});
/** What a client says of whom it wants to talk to. */
export type Hello = z.infer<typeof helloForm>;

const offerForm = z.strictObject({ session: forms.hash, key: forms.hash, signature: forms.digits });
/** What the enclave says to a hello. */
export type Offer = z.infer<typeof offerForm>;

const refusalForm = z.strictObject({
  code: z.enum(ALL_FAULTS as [AnyFault, ...AnyFault[]]),
  problem: z.string().max(1_000),
});
/** Why a message was not answered by a sealed one. */
export type Refusal = z.infer<typeof refusalForm>;

/** What a client sends. */
export type ClientMessage =
  | { readonly kind: "hello"; readonly hello: Hello }
  | {
      readonly kind: "begin";
      readonly session: Uint8Array;
      readonly encapsulated: Uint8Array;
      readonly frame: Uint8Array;
    }
  | { readonly kind: "next"; readonly session: Uint8Array; readonly frame: Uint8Array };

/** What a client gets. */
export type EnclaveMessage =
  | { readonly kind: "offer"; readonly offer: Offer }
  | { readonly kind: "sealed"; readonly frame: Uint8Array }
  | { readonly kind: "refusal"; readonly refusal: Refusal };

const json = (kind: number, value: unknown): Uint8Array => concatBytes(Uint8Array.of(kind), utf8(toJson(value, 0)));
const parsed = (bytes: Uint8Array): unknown => parsedJson(Buffer.from(bytes).toString("utf8"));

/** The bytes of a client's message. */
export function encodeClientMessage(message: ClientMessage): Uint8Array {
  switch (message.kind) {
    case "hello":
      return json(HELLO, message.hello);
    case "begin":
      return concatBytes(Uint8Array.of(BEGIN), message.session, message.encapsulated, message.frame);
    case "next":
      return concatBytes(Uint8Array.of(NEXT), message.session, message.frame);
  }
}

/** The bytes of an enclave's message. */
export function encodeEnclaveMessage(message: EnclaveMessage): Uint8Array {
  switch (message.kind) {
    case "offer":
      return json(OFFER, message.offer);
    case "sealed":
      return concatBytes(Uint8Array.of(SEALED), message.frame);
    case "refusal":
      return json(REFUSAL, message.refusal);
  }
}

const malformed = (from: string): ProxyError =>
  new ProxyError("MESSAGE_FORM", `A message of the ${from} has no form that is known`);

/**
 * Reads a client's message.
 *
 * @throws {ProxyError} MESSAGE_FORM; VERSION for a hello of another one.
 */
export function parseClientMessage(bytes: Uint8Array): ClientMessage {
  const afterSession = 1 + SESSION_SIZE;
  const session = bytes.slice(1, afterSession);
  if (bytes.length > MAX_MESSAGE) throw malformed("client");
  if (bytes[0] === BEGIN && bytes.length >= afterSession + CHANNEL_KEY_SIZE) {
    const afterKey = afterSession + CHANNEL_KEY_SIZE;
    return {
      kind: "begin",
      session,
      encapsulated: bytes.slice(afterSession, afterKey),
      frame: bytes.subarray(afterKey),
    };
  }
  if (bytes[0] === NEXT && bytes.length >= afterSession) {
    return { kind: "next", session, frame: bytes.subarray(afterSession) };
  }
  const { data } = helloForm.safeParse(bytes[0] === HELLO ? parsed(bytes.subarray(1)) : undefined);
  if (data === undefined) throw malformed("client");
  if (data.version === PROXY_VERSION) return { kind: "hello", hello: data };
  throw new ProxyError("VERSION", `The client speaks version ${data.version}, and the proxy version ${PROXY_VERSION}`);
}

/**
 * Reads an enclave's message.
 *
 * @throws {ProxyError} MESSAGE_FORM.
 */
export function parseEnclaveMessage(bytes: Uint8Array): EnclaveMessage {
  if (bytes.length > MAX_MESSAGE) throw malformed("node");
  if (bytes[0] === SEALED) return { kind: "sealed", frame: bytes.subarray(1) };
  const value = parsed(bytes.subarray(1));
  const { data: offer } = offerForm.safeParse(bytes[0] === OFFER ? value : undefined);
  if (offer !== undefined) return { kind: "offer", offer };
  const { data: refusal } = refusalForm.safeParse(bytes[0] === REFUSAL ? value : undefined);
  if (refusal !== undefined) return { kind: "refusal", refusal };
  throw malformed("node");
}
