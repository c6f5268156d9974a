import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const MANIFEST = new URL("../../docs/app.yaml", import.meta.url);

/** The web server that a user's manifest comes from. */
export interface Site {
  /** Where the manifest is. */
  readonly url: string;
  readonly close: () => void;
}

/** Serves docs/app.yaml, with another image, at a port of loopback. */
export async function openSite(image: string): Promise<Site> {
  const manifest = readFileSync(MANIFEST, "utf8").replace(/image: \S+/, `image: ${image}`);
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/yaml" }).end(manifest);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/app.yaml`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
