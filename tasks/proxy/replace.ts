import { isHexString } from "ethers";

import { action } from "../support/action.ts";
import { needed } from "../support/inputs.ts";
import { contentHashBy, keptOutcome, readEncrypted, send, type FileArguments } from "./dataset.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";

interface Arguments extends ProxyArguments, FileArguments {
  readonly old: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const old = needed(args.old, "old");
  const replaces = contentHashBy(isHexString(old) ? { hash: old, file: undefined } : { hash: undefined, file: old });
  const dataset = readEncrypted(args);
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  await send(context, client, { ...dataset, replaces });
  const kept = keptOutcome(proxy, client, dataset);
  return {
    data: { ...kept.data, replaced: replaces },
    rows: [...kept.rows, ["Forgotten", `${replaces}, and all capabilities for it`]],
  };
});
