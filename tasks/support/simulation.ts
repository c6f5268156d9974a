import type { PlatformContext } from "./context.ts";
import { INTEL_ROOT_KEY } from "../../src/sgx/intelRoot.ts";

/** Whether simulated quotes count on a platform, because its root of trust is not Intel's: the chain itself says so. */
export async function takesSimulated({ protocol }: Pick<PlatformContext, "protocol">): Promise<boolean> {
  const [x, y] = await protocol.collateralStore.rootKey();
  return x + y.slice(2) !== INTEL_ROOT_KEY;
}
