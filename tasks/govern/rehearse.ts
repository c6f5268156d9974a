import { AbiCoder, keccak256, toBeHex } from "ethers";

import type { Encoded } from "./operation.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { revertDataOf } from "../../src/errors.ts";

/** Where OpenZeppelin's AccessManager keeps what is scheduled: a mapping from operations to times, in its third slot. */
const SCHEDULES = 2;

/** What is in the way of a call that is not scheduled yet: revert data, or nothing where it would do or nobody can tell. */
export async function obstacleTo(
  context: PlatformContext,
  account: string,
  { target, data }: Encoded,
): Promise<string | undefined> {
  const { protocol, book, connection } = context;
  const { governance } = protocol;
  const operationId = await governance.hashOperation(account, target, data);
  const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [operationId, SCHEDULES]));
  const scheduled = { [slot]: toBeHex(await nowOf(context), 32) };
  const manager = book.contracts.governance;
  const call = { from: account, to: manager, data: governance.interface.encodeFunctionData("execute", [target, data]) };
  try {
    const overrides = { [manager]: { stateDiff: scheduled } };
    await connection.provider.request({ method: "eth_call", params: [call, "latest", overrides] });
    return undefined;
  } catch (error) {
    const reason = revertDataOf(error);
    // A node that takes no overrides sees a call that is not scheduled.
    const unscheduled = governance.interface.getError("AccessManagerNotScheduled")?.selector ?? "";
    return reason?.startsWith(unscheduled) === true ? undefined : reason;
  }
}
