import { action } from "../support/action.ts";
import { needed } from "../support/inputs.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatTime } from "../../src/amounts.ts";
import type { DeploymentView } from "../../src/gateway/client/forms.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends GatewayArguments {
  readonly order: string;
  readonly service: string | undefined;
  readonly path: string;
  readonly token: boolean;
}

/**
 * Checks that an application has a service, as far as it is known yet.
 *
 * @throws {InputError} With the names of those that it has.
 */
function checkService(service: string, { application }: DeploymentView): void {
  const names = application?.services.map(({ name }) => name);
  if (names === undefined || names.includes(service)) return;
  const remedy = names.length === 0 ? "Add a Service to its manifest." : `It has: ${names.join(", ")}.`;
  throw new InputError(`The application has no service "${service}"`, remedy);
}

export default action(async (args: Arguments, context) => {
  const service = needed(args.service, "service");
  const { client, origin, order } = await openSession(args, args.order, context);
  checkService(service, (await client.status()).deployment);
  if (args.token) {
    const { token, expiresAt } = await client.accessToken();
    const url = `${origin}/v1/orders/${String(order)}/app/${service}${args.path}`;
    return {
      data: { token, expiresAt, url },
      rows: [
        ["Valid until", formatTime(BigInt(expiresAt))],
        ["Keep it", "whoever has the token reaches the application, but can do nothing else"],
      ],
      copied: [`curl -H "authorization: Bearer ${token}" ${url}`],
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
