import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { applicationFailure, refuseUpgrade } from "./failure.ts";
import { watchInformation } from "./informational.ts";
import type { ProxyPatience } from "./proxyRequest.ts";
import { applicationFields, type Asker } from "./requestHeaders.ts";
import { clientFields, type AnswerContext } from "./responseHeaders.ts";
import type { Endpoint } from "../orchestrator/orchestrator.ts";
import { Problem } from "../problems/problem.ts";

/** What is said of this hop by whoever asks to upgrade and by whoever consents: names and values in turn. */
const UPGRADE = ["connection", "Upgrade", "upgrade", "websocket"] as const;

/** A request to upgrade that was let in. */
export interface UpgradeOptions extends Asker, AnswerContext {
  /** What the application is asked for: path and query. */
  readonly target: string;
  readonly patience: ProxyPatience;
  /** Called when the answer has begun. */
  readonly answered?: () => void;
  /** Called once when it is over, with the status that the client got; undefined where it got none. */
  readonly done?: (status: number | undefined, error: unknown) => void;
}

/**
 * Checks that a request may be upgraded: to a WebSocket and nothing else, since what is spoken afterwards passes unread.
 *
 * @throws {Problem} `upgrade-refused`.
 */
export function checkUpgrade({ method, headers }: Pick<IncomingMessage, "method" | "headers">): void {
  if (headers.upgrade?.toLowerCase() !== "websocket")
    throw new Problem("upgrade-refused", "Only WebSockets are let through");
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
  if (method !== "GET" || hasBody) throw new Problem("upgrade-refused", "A WebSocket begins with a GET without a body");
}

/**
 * Hands a request for a WebSocket on to an application, and after its consent everything that either side says. Without consent the
 * application's own answer is handed back, and the connection is closed: what follows in it was meant for a WebSocket.
 */
export function proxyUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { host, hostPort: port }: Endpoint,
  options: UpgradeOptions,
): void {
  const { target: path, patience, requestId } = options;
  let isOver = false;
  const end = (status: number | undefined, error: unknown): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    options.done?.(status, error);
  };
  const fail = (error: unknown): void => {
    if (!isOver) end(refuseUpgrade(socket, error, requestId), error);
    upstream.destroy();
  };
  const headers = [...applicationFields(request, options), ...UPGRADE];
  const upstream = httpRequest({
    host,
    port,
    method: "GET",
    path,
    agent: false,
    setHost: false,
    headers,
  });
  const timer = setTimeout(() => {
    fail(new Problem("application-timeout", "The application has not begun to answer"));
  }, patience.headers);
  const gone = (): void => {
    end(undefined, undefined);
    upstream.destroy();
  };
  socket.on("error", gone).once("close", gone);
  upstream.on("error", (error) => {
    fail(applicationFailure(error));
  });
  watchInformation(upstream, () => undefined, fail);
  upstream.on("response", (answer) => {
    if (isOver) return;
    clearTimeout(timer);
    writeHead(socket, answer, options, ["connection", "close"]);
    // The body ends where the connection does, so its chunks are left out.
    answer.once("error", () => socket.destroy());
    answer.once("close", () => {
      end(answer.statusCode, undefined);
    });
    answer.pipe(socket);
  });
  upstream.on("upgrade", (answer, other, otherHead) => {
    if (isOver) {
      other.destroy();
      return;
    }
    clearTimeout(timer);
    socket.off("close", gone);
    options.answered?.();
    writeHead(socket, answer, options, UPGRADE);
    socket.write(otherHead);
    other.write(head);
    join(socket, other, patience.idle, () => {
      end(101, undefined);
    });
  });
  upstream.end();
}

/** Writes the head of an answer; what node's parser has let through has no line breaks. */
function writeHead(socket: Duplex, answer: IncomingMessage, context: AnswerContext, own: readonly string[]): void {
  const fields = [...clientFields(answer.rawHeaders, context), ...own];
  const lines = fields.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${fields[i + 1] ?? ""}`] : []));
  const { statusCode = 502, statusMessage = "" } = answer;
  socket.write(`HTTP/1.1 ${String(statusCode)} ${statusMessage}\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** A connection, as far as tunnels need it. */
type Side = Duplex & { setTimeout?(milliseconds: number): unknown };

/** Hands on what two sides say until one of them goes, or both are silent for too long. */
function join(one: Side, other: Side, idle: number, over: () => void): void {
  const timer = setTimeout(() => {
    one.destroy();
    other.destroy();
  }, idle);
  let open = 2;
  const closed = (): void => {
    open--;
    if (open > 0) return;
    clearTimeout(timer);
    over();
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    // A server's own patience is for requests.
    from.setTimeout?.(0);
    from.on("data", () => timer.refresh());
    from.on("error", () => to.destroy());
    from.once("close", () => {
      // What the one has said last, the other still hears.
      to.end(() => to.destroy());
      closed();
    });
    from.pipe(to);
  }
}
