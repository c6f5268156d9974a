/** Fields that several documents have. */

import { z } from "zod";

import { forms } from "../forms.ts";

/** The chain that a document was made for. */
export const onChain = { chainId: z.int().positive() };

/** A node, and the key of its enclave. */
export const nodeWithKey = { nodeId: forms.uint, enclaveKey: forms.address };

/** A validator, and what it signed the document's contents with. */
export const byValidator = { validator: forms.address, signature: forms.seatSignature };
