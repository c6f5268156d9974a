import { parseUnits } from "ethers";
import { z } from "zod";

import type { FeeCaps } from "./fees.ts";

const gwei = (usual: string) =>
  z
    .string()
    .regex(/^\d+(\.\d{1,9})?$/, "not gwei, such as 30 or 0.5")
    .default(usual);

/** What a unit of gas costs at the most, in gwei: in all, and of it to the block's builder. */
export const feesConfig = z.strictObject({ most: gwei("200"), mostTip: gwei("10") }).prefault({});

/** What is paid for gas at the most, in wei. */
export const feeCapsOf = ({ most, mostTip }: z.infer<typeof feesConfig>): FeeCaps => ({
  maxFeePerGas: parseUnits(most, "gwei"),
  maxPriorityFeePerGas: parseUnits(mostTip, "gwei"),
});
