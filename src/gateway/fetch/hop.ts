import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as netConnect, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";

import { shown, type Target } from "./target.ts";
import { causesOf } from "../../causes.ts";
import { Problem } from "../problems/problem.ts";

/** Opens a TCP connection to a target's addresses, and to no others. */
export type Connect = (target: Target) => Socket;

/** Tries a target's addresses as RFC 8305 says; nothing is resolved again, so that a name cannot change its mind after the check. */
export const connectTo: Connect = ({ host, port, addresses }) => {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup = ((_host, options, callback) => {
    const [first] = known;
    if (options.all === true) callback(null, known);
    else callback(null, first?.address ?? "", first?.family);
  }) as LookupFunction;
  return netConnect({ host: isIP(host) === 0 ? host : addresses[0], port, lookup, autoSelectFamily: true });
};

/** The connection of a target, encrypted and its certificate verified for the host's name where the URL says https. */
function socketOf(target: Target, connect: Connect, ca: string | undefined): Socket {
  const socket = connect(target);
  if (target.url.protocol !== "https:") return socket;
  const named = isIP(target.host) === 0 ? { servername: target.host } : {};
  const secure = tlsConnect({
    socket,
    rejectUnauthorized: true,
    host: target.host,
    ...named,
    ...(ca === undefined ? {} : { ca }),
  });
  // TLS does not hear of a connection that fails before it is there.
  socket.once("error", (error) => secure.destroy(error));
  secure.once("close", () => socket.destroy());
  return secure;
}

/**
 * Asks a target for its URL, once.
 *
 * @returns The answer, its body unread; whoever reads it ends the connection by `destroy`.
 * @throws {Problem} `manifest-unreachable`. When `signal` aborts, its reason.
 */
export async function ask(
  target: Target,
  { connect, ca, signal }: { connect: Connect; ca: string | undefined; signal: AbortSignal },
): Promise<IncomingMessage> {
  const send = target.url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(target.url, {
      createConnection: () => socketOf(target, connect, ca),
      headers: {
        host: target.url.host,
        accept: "application/yaml, text/yaml, text/plain, */*;q=0.1",
        "accept-encoding": "identity",
        "user-agent": "computing-power-gateway",
        connection: "close",
      },
      maxHeaderSize: 16_384,
      signal,
    });
    request.once("response", resolve);
    request.once("upgrade", (_response, socket: Socket) => {
      socket.destroy();
      reject(
        new Problem("manifest-unreachable", `${shown(target.url)} answered with an upgrade that nobody asked for`),
      );
    });
    request.on("error", (error) => {
      reject(signal.aborted ? (signal.reason as Error) : unreachable(target.url, error));
    });
    request.end();
  });
}

/** What is said of a connection or a body that failed. */
export function unreachable(url: URL, error: unknown): Problem {
  const code = causesOf(error).find((cause) => typeof cause["code"] === "string")?.["code"];
  const reason = typeof code === "string" ? code : "the connection failed";
  return new Problem("manifest-unreachable", `${shown(url)} cannot be fetched: ${reason}`, { cause: error });
}
