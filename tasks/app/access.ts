import { action } from "../support/action.ts";
import { needed } from "../support/inputs.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatTime } from "../../src/amounts.ts";

interface Arguments extends GatewayArguments {
  readonly order: string;
  readonly service: string | undefined;
  readonly path: string;
  readonly token: boolean;
}

export default action(async (args: Arguments, context) => {
  const service = needed(args.service, "service");
  const { client, origin, order } = await openSession(args, args.order, context);
  if (args.token) {
    const { token, expiresAt } = await client.accessToken();
    const url = `${origin}/v1/orders/${String(order)}/app/${service}${args.path}`;
    return {
      data: { token, expiresAt, url },
      rows: [
        ["Request", `curl -H "authorization: Bearer ${token}" ${url}`],
        ["Valid until", formatTime(BigInt(expiresAt))],
        ["Keep it", "whoever has the token reaches the application, but can do nothing else"],
      ],
    };
  }
  const { url, expiresAt } = await client.link(service, args.path);
  return {
    data: { url, expiresAt },
    rows: [
      ["Link", url],
      ["Opens once", `until ${formatTime(BigInt(expiresAt))}; whoever opens it first is let in`],
    ],
  };
});
