import { action } from "../support/action.ts";
import { keptOutcome, readEncrypted, send, type FileArguments } from "./dataset.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";

export default action(async (args: ProxyArguments & FileArguments, context) => {
  const dataset = readEncrypted(args);
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  await send(context, client, dataset);
  return {
    ...keptOutcome(proxy, client, dataset),
    next: `\`proxy query ${args.node} --hash ${dataset.contentHash} --parameters parameters.json\``,
  };
});
