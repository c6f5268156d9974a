import { action } from "../support/action.ts";
import { openSession, type GatewayArguments } from "./session.ts";

export default action(async (args: GatewayArguments & { readonly order: string; readonly name: string }, context) => {
  const { client, order } = await openSession(args, args.order, context);
  await client.removeSecret(args.name);
  return {
    data: { order, name: args.name },
    rows: [["Removed", `${args.name}; an application that runs keeps it until it is deployed again`]],
    next: `\`app secret list ${args.order}\`.`,
  };
});
