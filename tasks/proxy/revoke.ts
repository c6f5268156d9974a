import { action } from "../support/action.ts";
import { needed } from "../support/inputs.ts";
import { readCapability } from "./capabilityFile.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";

interface Arguments extends ProxyArguments {
  readonly capability: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const capability = readCapability(context, needed(args.capability, "capability"));
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  await client.revoke(capability);
  const { holder, contentHash, nodeId } = capability;
  return {
    data: { nodeId, gateway: proxy.origin, holder, contentHash, revoked: true, head: client.head },
    rows: [
      ...proxy.rows,
      ["Revoked", `the capability of ${holder} for ${contentHash}: the proxy refuses it from now on`],
    ],
  };
});
