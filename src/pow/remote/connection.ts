import { readFileSync } from "node:fs";
import { isIP } from "node:net";

import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";

import { InputError } from "../../inputError.ts";
import { EngineUnusableError } from "../engineKind.ts";
import { type NatsCredentials, readCredentials } from "./credentials.ts";
import { type NatsPlace } from "./options.ts";

/** Milliseconds between attempts to get a connection back. */
const PAUSE = 250;

/** Milliseconds that a server may take to answer. */
const PATIENCE = 5_000;

/** Milliseconds between questions whether the server is still there; when two are unanswered, it is not. */
const PING = 2_000;

const ADDRESS = /^(?<scheme>nats|tls):\/\/(?<host>\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/;

/** A server that cannot be used: it does not answer, or not as it should. */
export class NatsUnusableError extends EngineUnusableError {
  /** Whether it may be reached later, with nothing else changed. */
  readonly mayComeBack: boolean;

  constructor(problem: string, remedy: string, mayComeBack: boolean, cause: unknown) {
    super(problem, remedy, { cause });
    this.mayComeBack = mayComeBack;
  }
}

interface Servers {
  readonly names: readonly string[];
  readonly isEncrypted: boolean;
  /** Whether what is sent never leaves this machine. */
  readonly isLocal: boolean;
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);

/** The form of the servers' addresses. */
function parseServers({ servers, certificates }: NatsPlace): Servers {
  const parsed = servers.split(",").map((text) => {
    const { scheme = "", host = "", port = "4222" } = ADDRESS.exec(text.trim())?.groups ?? {};
    if (host === "" || Number(port) > 65_535) {
      // The text may hold a password.
      throw new InputError(
        "An address of a NATS server is none",
        "Write it as tls://HOST:PORT or nats://HOST:PORT, several separated by commas; a user and a password belong in a file of credentials.",
      );
    }
    return { scheme, host, name: `${host}:${port}` };
  });
  const isEncrypted = certificates !== undefined || parsed.some(({ scheme }) => scheme === "tls");
  const nameless = parsed.find(({ host }) => isIP(host.replace(/[[\]]/g, "")) !== 0);
  if (isEncrypted && nameless !== undefined) {
    throw new InputError(
      `The NATS server ${nameless.name} is given by its address, and certificates are checked by names`,
      "Give the name that stands in its certificate.",
    );
  }
  return {
    names: parsed.map(({ name }) => name),
    isEncrypted,
    isLocal: parsed.every(({ host }) => isLoopback(host)),
  };
}

/** The certificates that a server's one must come from. */
function readCertificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new InputError(`The certificates for NATS cannot be read from ${file}`, "Name a readable PEM file.", {
      cause,
    });
  }
}

function refuseLeak({ isEncrypted, isLocal, names }: Servers, { isSent }: NatsCredentials): void {
  if (!isSent || isEncrypted || isLocal) return;
  throw new InputError(
    `A password or token for ${names.join(", ")} would cross the network without encryption`,
    "Use tls:// addresses, or an nkey, which is never sent.",
  );
}

async function optionsOf(place: NatsPlace, servers: Servers): Promise<ConnectionOptions> {
  const ca = place.certificates === undefined ? {} : { ca: readCertificates(place.certificates) };
  const tls = servers.isEncrypted ? { tls: ca } : {};
  if (place.credentials === undefined) return tls;
  const credentials = await readCredentials(place.credentials);
  refuseLeak(servers, credentials);
  return { ...tls, ...credentials.options };
}

/** The codes that Node's TLS and OpenSSL refuse a server's certificate with. */
const CERTIFICATE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_|INVALID_CA|ERR_OSSL_|EPROTO)/;

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
};

/** What a failed attempt to connect says. */
async function refusalOf(error: unknown, { names, isEncrypted }: Servers): Promise<NatsUnusableError> {
  const { errors } = await import("@nats-io/transport-node");
  const server = names.join(", ");
  const code = codeOf(error) === "" ? codeOf((error as Partial<Error> | undefined)?.cause) : codeOf(error);
  if (error instanceof errors.AuthorizationError) {
    const remedy = "Give the credentials of a user that the server knows.";
    return new NatsUnusableError(`The NATS server ${server} refuses the credentials`, remedy, false, error);
  }
  if (CERTIFICATE.test(code)) {
    const problem = `The certificate of the NATS server ${server} is not trusted (${code})`;
    return new NatsUnusableError(problem, "Give the certificates that it comes from.", false, error);
  }
  if (isEncrypted && code === "" && error instanceof errors.ConnectionError) {
    const problem = `The NATS server ${server} does not offer TLS`;
    return new NatsUnusableError(problem, "Set up its certificate.", false, error);
  }
  const reason = code === "" ? "" : ` (${code})`;
  const remedy = "Start it, or correct its address.";
  return new NatsUnusableError(`The NATS server ${server} does not answer${reason}`, remedy, true, error);
}

/**
 * Connects to NATS. A connection that is lost later comes back by itself, however long that takes.
 *
 * @param name What the server's own reports call this connection.
 * @throws {InputError} When the place makes no sense, or a file of it cannot be used.
 * @throws {NatsUnusableError} When no server takes the connection.
 */
export async function connectNats(place: NatsPlace, name: string): Promise<NatsConnection> {
  const servers = parseServers(place);
  const options = await optionsOf(place, servers);
  const { connect } = await import("@nats-io/transport-node");
  try {
    return await connect({
      ...options,
      name,
      servers: [...servers.names],
      ignoreClusterUpdates: true,
      ignoreAuthErrorAbort: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: PAUSE,
      reconnectJitter: PAUSE,
      reconnectJitterTLS: PAUSE,
      pingInterval: PING,
      timeout: PATIENCE,
    });
  } catch (error) {
    throw await refusalOf(error, servers);
  }
}
