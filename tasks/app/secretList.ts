import { action } from "../support/action.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatMilliseconds } from "./view.ts";

export default action(async (args: GatewayArguments & { readonly order: string }, context) => {
  const { client, order } = await openSession(args, args.order, context);
  const secrets = await client.secrets();
  const lines = secrets.map(({ name, version, keys, changedAt }) => [
    ...[name, String(version), keys.join(", "), formatMilliseconds(changedAt)],
  ]);
  return {
    data: { order, secrets },
    rows: lines.length === 0 ? [["Secrets", "none"]] : [],
    table: lines.length === 0 ? [] : [["Secret", "Version", "Keys", "Changed"], ...lines],
    next: "`app secret set --help`.",
  };
});
