import { Agent, createServer, request, type Server } from "node:http";

/** The least that a proxy of node:http does: hands requests and answers on, and asks nobody anything. */
export function bareProxy(port: number): Server {
  const agent = new Agent({ keepAlive: true });
  return createServer((incoming, outgoing) => {
    const { url: path, method, headers } = incoming;
    const upstream = request({ host: "127.0.0.1", port, path, method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(upstream);
  });
}
