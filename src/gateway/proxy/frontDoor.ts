import { Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

import { endpointOf, type Endpoints } from "./endpoints.ts";
import { answerFailure, refuseUpgrade } from "./failure.ts";
import { proxyRequest, type ProxyOptions, type ProxyPatience } from "./proxyRequest.ts";
import { checkUpgrade, proxyUpgrade } from "./proxyUpgrade.ts";
import { onlyHost } from "./requestHeaders.ts";
import { parseTarget, type RequestTarget } from "./requestTarget.ts";
import { isOfApplications, routeOf, type Route, type RoutingOptions } from "./route.ts";
import { Slots, type SlotLimits } from "./slots.ts";
import { Visit, type VisitLog } from "./visit.ts";
import type { AppRequest, AppTarget } from "../access/appAccess.ts";
import { LINK_PATH } from "../access/links.ts";
import type { Caller } from "../access/scopes.ts";
import { clientKey, type TrustedProxies } from "../http/addresses.ts";
import { watchBody, type BodyPace } from "../http/bodyPace.ts";
import { watchRights, type LastingRights } from "../http/lastingRights.ts";
import type { Limits } from "../http/limits.ts";
import { identify, type Identity } from "../http/requests.ts";
import type { FrontDoor } from "../http/server.ts";
import type { Endpoint } from "../orchestrator/orchestrator.ts";
import { Problem } from "../problems/problem.ts";
import { failureLog } from "../../service/failureLog.ts";

const PATIENCE: ProxyPatience = { headers: 60_000, idle: 300_000 };
const SLOTS: SlotLimits = { requests: 128, upgrades: 128 };
/** Connections that are kept open to one endpoint while nobody uses them, and for how many milliseconds. */
const [MAX_IDLE, IDLE_LIFE] = [32, 20_000] as const;

/** What the door to applications is made of. */
export interface FrontDoorOptions extends RoutingOptions, Omit<VisitLog, "failed"> {
  readonly endpoints: Pick<Endpoints, "of" | "forget">;
  /** Lets a request in, or throws a Problem: `authorizeApp` with its options. Gives nobody where anybody is let in. */
  readonly authorize: (request: AppRequest, target: AppTarget) => Promise<Pick<Caller, "expiresAt"> | undefined>;
  /** Opens a one-time link on an application's own host. */
  readonly redeem: (order: number, token: string) => Promise<{ readonly cookie: string; readonly location: string }>;
  readonly trusted: TrustedProxies;
  readonly limits: Limits | undefined;
  /** The gateway's origin: its scheme is that of applications' hosts as well. */
  readonly origin: string;
  readonly patience?: Partial<ProxyPatience>;
  readonly slots?: Partial<SlotLimits>;
  /** How fast bodies have to come of those who have shown no right; a KiB a second unless given. */
  readonly bodyPace?: BodyPace;
  /** Milliseconds after which whoever is still being answered, or holds a WebSocket, must show rights again; a minute unless given. */
  readonly askAgain?: number;
}

/** A request that is for an application. */
interface Arrival extends Identity {
  readonly route: Route;
  readonly target: RequestTarget;
  readonly host: string;
  readonly protocol: "http" | "https";
}

/** An arrival that was let in. */
interface Admission {
  readonly endpoint: Endpoint;
  /** By what; undefined where anybody is let in. */
  readonly rights: LastingRights | undefined;
}

/** Who a visitor is counted as that has shown no right. */
function strangerOf({ clientAddress }: Arrival, rights: LastingRights | undefined): string | undefined {
  return rights === undefined ? clientKey(clientAddress) : undefined;
}

/** A request as it is authorised. */
function appRequestOf({ protocol, host }: Arrival, { method = "GET", headers }: IncomingMessage): AppRequest {
  const header = (name: string): string | undefined => {
    const value = headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  return { method, header, origin: `${protocol}://${host}` };
}

/** The door to applications: finds whom a request is for, lets it in or not, and hands it on. */
export class ApplicationDoor implements FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #log: VisitLog;
  readonly #slots: Slots;
  readonly #patience: ProxyPatience;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: MAX_IDLE, timeout: IDLE_LIFE });

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#log = { ...options, failed: failureLog(options.logger, "a request to an application failed") };
    this.#slots = new Slots({ ...SLOTS, ...options.slots });
    this.#patience = { ...PATIENCE, ...options.patience };
  }

  /** Takes a request over that is for an application, or whose address could deceive somebody about that. */
  request(incoming: IncomingMessage, outgoing: ServerResponse, awaitsContinue = false): boolean {
    const identity = identify(incoming, this.#options.trusted);
    try {
      const arrival = this.#arrivalOf(incoming, identity);
      if (arrival === undefined) return false;
      // Every failure is answered inside.
      void this.#serve(arrival, incoming, outgoing, awaitsContinue);
    } catch (error) {
      answerFailure(outgoing, error, identity.requestId);
    }
    return true;
  }

  /** Takes every request to upgrade over: the API has none. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    // Without a listener an error of a connection would end the process.
    socket.on("error", () => undefined);
    const identity = identify(incoming, this.#options.trusted);
    try {
      const arrival = this.#arrivalOf(incoming, identity);
      if (arrival === undefined) return false;
      checkUpgrade(incoming);
      void this.#join(arrival, incoming, socket, head);
    } catch (error) {
      refuseUpgrade(socket, error, identity.requestId);
    }
    return true;
  }

  /** Closes the connections to applications that nobody uses. */
  close(): void {
    this.#agent.destroy();
  }

  #arrivalOf(incoming: IncomingMessage, identity: Identity): Arrival | undefined {
    const { origin } = this.#options;
    if (incoming.headers.host === undefined) return undefined;
    const host = onlyHost(incoming);
    const url = incoming.url ?? "";
    // What is not an application's by its host or the beginning of its path, the API alone reads.
    if (!isOfApplications(host, url, this.#options)) return undefined;
    const target = parseTarget(url);
    const route = routeOf(host, target, this.#options);
    if (route === undefined) throw new Problem("application-not-found", "No application has this path");
    if (route === "nothing") throw new Problem("application-not-found", "No application has this host");
    const isSecure = origin.startsWith("https:") || (incoming.socket as Partial<TLSSocket>).encrypted === true;
    return { ...identity, route, target, host, protocol: isSecure ? "https" : "http" };
  }

  /** Lets an arrival in. */
  async #admit(arrival: Arrival, incoming: IncomingMessage): Promise<Admission> {
    const { endpoints, limits, authorize } = this.#options;
    const { order, service } = arrival.route;
    limits?.take("address", clientKey(arrival.clientAddress));
    const known = await endpoints.of(order);
    const endpoint = endpointOf(known, arrival.route);
    const request = appRequestOf(arrival, incoming);
    // Whether there is such a service, strangers do not learn.
    const target = { order, isPublic: endpoint?.isPublic ?? false };
    const caller = await authorize(request, target);
    limits?.take("order", String(order));
    if (endpoint !== undefined) {
      const again = async (): Promise<unknown> => authorize(request, target);
      return { endpoint, rights: caller === undefined ? undefined : this.#lasting(caller, again) };
    }
    if (known.length === 0) {
      const detail = `Nothing of order ${String(order)} runs`;
      throw new Problem("application-unavailable", detail, { retryAfter: 5 });
    }
    throw new Problem("application-not-found", `Order ${String(order)} has no service ${service} with this port`);
  }

  #lasting({ expiresAt }: Pick<Caller, "expiresAt">, again: () => Promise<unknown>): LastingRights {
    const { now, askAgain } = this.#options;
    return { expiresAt, again, now, ...(askAgain === undefined ? {} : { every: askAgain }) };
  }

  async #serve(
    arrival: Arrival,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    awaitsContinue: boolean,
  ): Promise<void> {
    const visit = new Visit(this.#log, arrival, incoming);
    try {
      if (await this.#isOwnBusiness(arrival, incoming, outgoing)) {
        visit.end(outgoing.statusCode, undefined);
        return;
      }
      const { endpoint, rights } = await this.#admit(arrival, incoming);
      visit.hold(this.#slots.take(arrival.route.order, "requests", strangerOf(arrival, rights)));
      // Whoever waits to be told to go on may have to wait for the application as long as for an answer.
      if (rights === undefined)
        watchBody(incoming, this.#options.bodyPace, awaitsContinue ? this.#patience.headers : 0);
      if (outgoing.destroyed) {
        visit.end(undefined, undefined);
        return;
      }
      const exchange = { ...this.#exchange(arrival, visit), awaitsContinue };
      const stop = proxyRequest(incoming, outgoing, endpoint, exchange);
      if (rights !== undefined) outgoing.once("close", watchRights(rights, stop));
    } catch (error) {
      visit.end(answerFailure(outgoing, error, arrival.requestId), error);
    }
  }

  async #join(arrival: Arrival, incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const visit = new Visit(this.#log, arrival, incoming);
    try {
      const { endpoint, rights } = await this.#admit(arrival, incoming);
      visit.hold(this.#slots.take(arrival.route.order, "upgrades", strangerOf(arrival, rights)));
      if (socket.destroyed) {
        visit.end(undefined, undefined);
        return;
      }
      proxyUpgrade(incoming, socket, head, endpoint, this.#exchange(arrival, visit));
      if (rights !== undefined)
        socket.once(
          "close",
          watchRights(rights, () => socket.destroy()),
        );
    } catch (error) {
      visit.end(refuseUpgrade(socket, error, arrival.requestId), error);
    }
  }

  #exchange({ route, target, host, protocol, requestId, clientAddress }: Arrival, visit: Visit): ProxyOptions {
    const { order, prefix, path } = route;
    const shared = { prefix, origin: `${protocol}://${host}`, requestId, clientAddress, protocol, host };
    return {
      ...shared,
      target: path + target.query,
      agent: this.#agent,
      patience: this.#patience,
      answered: () => {
        visit.answered();
      },
      done: (status, error) => {
        // It may be elsewhere by now.
        if (error !== undefined) this.#options.endpoints.forget(order);
        visit.end(status, error);
      },
    };
  }

  /** Answers what is asked of the gateway though it stands where an application is. */
  async #isOwnBusiness(
    { route, target, requestId }: Arrival,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<boolean> {
    const headers = { "cache-control": "no-store", "referrer-policy": "no-referrer", "x-request-id": requestId };
    if (route.path === "") {
      // Without the slash every relative address on the page would lead beside the application.
      outgoing.writeHead(308, { ...headers, location: `${route.prefix}/${target.query}` }).end();
      return true;
    }
    if (route.prefix !== "" || !route.path.startsWith(LINK_PATH)) return false;
    if (incoming.method !== "GET") throw new Problem("route-not-found", "A link is opened by GET");
    const { cookie, location } = await this.#options.redeem(route.order, route.path.slice(LINK_PATH.length));
    outgoing.writeHead(303, { ...headers, location, "set-cookie": cookie }).end();
    return true;
  }
}
