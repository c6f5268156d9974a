import { endpointsOf, type EndpointArguments } from "./endpoints.ts";
import { networkAction } from "../support/action.ts";
import { openPlatform } from "../support/context.ts";
import { parseNumber } from "../support/inputs.ts";
import { configured } from "../../src/page/config.ts";
import { checkEndpoint } from "../../src/page/endpoint.ts";
import { readPage } from "../../src/page/files.ts";
import { startPageServer } from "../../src/page/server.ts";
import { untilStopped } from "../../src/service/signals.ts";

interface Arguments extends EndpointArguments {
  readonly port: string;
}

export default networkAction(async ({ port: text, ...args }: Arguments, context) => {
  const port = Number(parseNumber(text, "port", 65_535n));
  const files = readPage();
  const rpcUrls = await endpointsOf(args, context);
  const { book, network } = await openPlatform(context);
  for (const url of rpcUrls) await checkEndpoint(url, book.chainId);
  const server = await startPageServer(configured(files, [{ book, rpcUrls }]), { host: args.host, port });
  return {
    data: { url: server.url, network, chainId: book.chainId, rpcUrls },
    rows: [
      ["Market", server.url],
      ["Network", `${network}, chain ${String(book.chainId)}`],
      ["Endpoints", `${rpcUrls.join(", ")}: whoever opens the page sees and asks them`],
    ],
    next: "open the address in a browser that has a wallet. Stop with Ctrl-C.",
    goesOn: async () => {
      await untilStopped();
      await server.close();
    },
  };
});
