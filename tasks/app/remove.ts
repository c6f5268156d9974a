import { action } from "../support/action.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { deploymentRows } from "./view.ts";

export default action(
  async (args: GatewayArguments & { readonly order: string; readonly volumes: boolean }, context) => {
    const { client, order } = await openSession(args, args.order, context);
    const deployment = await client.remove(args.volumes);
    return {
      data: { order, deployment, volumes: args.volumes },
      rows: [
        ...deploymentRows(deployment),
        ["Volumes", args.volumes ? "removed too" : "kept until the order's grace is over"],
      ],
      next: `\`app status ${args.order}\`; \`order close ${args.order}\` ends the order itself.`,
    };
  },
);
