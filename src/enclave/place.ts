import { z } from "zod";

import type { BelievesOptions } from "./channel/child.ts";
import { EnclaveClient } from "./client.ts";
import type { EnclaveLimits, EnclaveOptions } from "./limits.ts";

/** Where an enclave program is: at a socket, or started as a child with what it is started with. */
export type EnclavePlace = { readonly socket: string } | EnclaveOptions;

/** The fields of a service's configuration that say where the node's enclave program is: one of them, or none. */
export const enclaveFields = {
  /** The Unix socket at which it listens. */
  socket: z.string().min(1).optional(),
  /** A program that speaks the protocol of docs/enclave.md, with its arguments: started, and again when it ends. */
  program: z.array(z.string().min(1)).min(1).optional(),
  /** Key file of the sample program, which is started then; it protects nothing from its host. */
  keyFile: z.string().min(1).optional(),
  /**
   * With `keyFile`: whom the sample program believes that a task was accepted. `host`: this service, which asks its endpoints. Else the chain
   * alone: the file of what it knows of it, and the file in which it keeps what it believes.
   */
  believes: z
    .union([z.literal("host"), z.strictObject({ trust: z.string().min(1), state: z.string().min(1) })])
    .optional(),
};

/** What {@link enclaveFields} say. */
export interface EnclaveFields {
  readonly socket?: string | undefined;
  readonly program?: readonly string[] | undefined;
  readonly keyFile?: string | undefined;
  readonly believes?: BelievesOptions | undefined;
}

const placesIn = ({ socket, program, keyFile }: EnclaveFields): number =>
  [socket, program, keyFile].filter((place) => place !== undefined).length;

/** Whether a configuration says where the enclave program is. */
export const hasPlace = (fields: EnclaveFields): boolean => placesIn(fields) > 0;

/** Whether a configuration names no two places. */
export const namesOnePlace = (fields: EnclaveFields): boolean => placesIn(fields) <= 1;

/** Whether a configuration says whom the sample program believes, and nothing of the kind about another one. */
export const saysWhomToBelieve = ({ keyFile, believes }: EnclaveFields): boolean =>
  (keyFile === undefined) === (believes === undefined);

/** What {@link saysWhomToBelieve} demands. */
export const WHOM_TO_BELIEVE = "say in `believes` whom the program of `keyFile` believes, and leave it out without one";

/**
 * Where a configuration says that a node's enclave program is; undefined where it says nothing.
 *
 * @param node The node, after which `node quote` names the platform that it simulates.
 */
export function placeOf({ socket, program, keyFile, believes }: EnclaveFields, node: bigint): EnclavePlace | undefined {
  if (socket !== undefined) return { socket };
  const [file, ...args] = program ?? [];
  if (file !== undefined) return { command: [file, ...args] };
  return keyFile === undefined ? undefined : { keyFile, believes, platform: `node-${node.toString()}` };
}

/**
 * Starts the program of a place, or connects to it.
 *
 * @throws {EnclaveError} As {@link EnclaveClient.start} and {@link EnclaveClient.connect}.
 */
export async function openPlace(place: EnclavePlace, limits: EnclaveLimits): Promise<EnclaveClient> {
  if ("socket" in place) return EnclaveClient.connect(place.socket, limits);
  return EnclaveClient.start({ ...place, ...limits });
}
