/**
 * One of the processes that the measurement of the proxy is made of: says by a message on which port it listens, and ends with its parent.
 *
 * Usage, by fork: role.ts echo|shop, or role.ts bare|gateway PORT for the port of the application behind it.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { echo, shop } from "./applications.ts";
import { bareProxy } from "./bareProxy.ts";
import { openGuardedGateway } from "../../../test/fixtures/gateway/proxy/guardedGateway.ts";

/** What a process says once it listens. */
export interface Listening {
  readonly port: number;
  /** Lets into the application; the gateway alone has one. */
  readonly token?: string;
}

async function listening(server: Server): Promise<Listening> {
  // As long as the gateway's, so that no connection ends between two turns.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { port: (server.address() as AddressInfo).port };
}

async function play(role: string | undefined, port: number): Promise<Listening> {
  switch (role) {
    case "echo":
      return listening(echo());
    case "shop":
      return listening(shop());
    case "bare":
      return listening(bareProxy(port));
    case "gateway": {
      const gateway = await openGuardedGateway(port);
      process.once("disconnect", () => {
        void gateway.close().then(() => process.exit());
      });
      return gateway;
    }
    default:
      throw new RangeError(`There is no role ${String(role)}`);
  }
}

const [role, port] = process.argv.slice(2);
if (role !== "gateway") process.once("disconnect", () => process.exit());
const { port: own, token } = await play(role, Number(port));
process.send?.({ port: own, token });
