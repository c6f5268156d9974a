import { z } from "zod";

import { onChain } from "./fields.ts";
import { forms } from "../forms.ts";

/** A provider's signed offer. */
export const offerDocument = z.strictObject({
  kind: z.literal("order-offer"),
  ...onChain,
  escrow: forms.address,
  offerHash: forms.bytes32,
  offer: z.strictObject({
    provider: forms.address,
    nodeId: forms.uint,
    token: forms.address,
    units: z.int(),
    ratePerSecond: forms.uint,
    stakeLock: forms.uint,
    minDeposit: forms.uint,
    maxFeeBps: z.int(),
    mrEnclave: forms.bytes32,
    enclaveKey: forms.address,
    modelId: z.int(),
    expiry: forms.uint,
    volume: z.int(),
    taker: forms.address,
    salt: forms.uint,
  }),
  signature: forms.bytes,
});
export type OfferDocument = z.infer<typeof offerDocument>;
