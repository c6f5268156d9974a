import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a port of this machine on which everything takes its time. */
export interface DelayedLink {
  readonly port: number;
  close(): void;
}

/** Hands on what comes, some milliseconds later and in the same order. */
function forward(from: Socket, to: Socket, milliseconds: number): void {
  from.on("data", (data) => {
    setTimeout(() => to.write(data), milliseconds);
  });
  from.on("close", () => {
    setTimeout(() => to.destroy(), milliseconds);
  });
  from.on("error", () => undefined);
}

/**
 * Opens a way to a port of this machine.
 *
 * @param milliseconds How long each direction takes.
 */
export async function openDelayedLink(port: number, milliseconds: number): Promise<DelayedLink> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.add(near).add(far);
    forward(near, far, milliseconds);
    forward(far, near, milliseconds);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
