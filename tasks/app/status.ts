import { action } from "../support/action.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { deploymentRows, formatMilliseconds, workloadTable } from "./view.ts";

export default action(async (args: GatewayArguments & { readonly order: string }, context) => {
  const session = await openSession(args, args.order, context);
  const view = await session.client.status();
  const { deployment, running, hosting } = view;
  const ended = hosting.endedAt === null ? "" : `, its order ended on ${formatMilliseconds(hosting.endedAt)}`;
  return {
    data: { order: session.order, gateway: session.origin, ...view },
    rows: [
      ["Order", `${args.order} at ${session.origin}`],
      ...deploymentRows(deployment),
      ["Application", `${running?.phase ?? "unknown: the gateway cannot ask its container engine"}${ended}`],
    ],
    table: workloadTable(view),
    next: `\`app logs ${args.order}\`, \`app events ${args.order}\`, \`app usage ${args.order}\`.`,
  };
});
