import { EXIT, quoted, whereNobodyAnswers, type Failure } from "./failure.ts";
import type { Thrown } from "../../../src/causes.ts";

const failure = (name: string, cause: string, remedy: string, exitCode: number = EXIT.network): Failure => ({
  exitCode,
  name,
  cause,
  remedy,
});

const OTHER_ENDPOINT = "or give the network another endpoint in the Hardhat configuration (`networks`, `url`).";
const LATER = `Wait a minute and run it again, ${OTHER_ENDPOINT}`;
const CONNECTION = `Check the connection and the network's \`url\` in the Hardhat configuration, then run it again.`;

function rateLimited(network: string, code: string): Failure {
  return failure("RateLimited", `The network "${network}" takes no more requests for now (${code}).`, LATER);
}

function ofStatus(status: number, network: string): Failure {
  const code = `HTTP status ${String(status)}`;
  if (status === 429) return rateLimited(network, code);
  if (status === 401 || status === 403) {
    const cause = `The endpoint of the network "${network}" refuses access (${code}).`;
    return failure(
      "AccessRefused",
      cause,
      "Check the key in the network's `url` and whether it still counts.",
      EXIT.input,
    );
  }
  if (status >= 500) {
    const cause = `The endpoint of the network "${network}" is out of order (${code}).`;
    return failure("Unavailable", cause, LATER);
  }
  const cause = `The endpoint of the network "${network}" takes no JSON-RPC requests (${code}).`;
  return failure("NoEndpoint", cause, "Check the network's `url` in the Hardhat configuration.", EXIT.input);
}

/** EIP-1474's code for exceeded limits, and those that providers use beside it. */
export const LIMIT_CODES: readonly number[] = [-32005, -32007, -32016, -32029, 429];
/** EIP-1474's codes for methods that a node lacks. */
const METHOD_CODES: readonly number[] = [-32601, -32004];
/** Codes for what goes wrong in a node, whatever it was asked: of JSON-RPC and of EIP-1474, and those of a provider without a connection (EIP-1193). */
const FAILURE_CODES: readonly number[] = [-32603, -32002, 4900, 4901];

function ofRpcCode(code: number, message: unknown, network: string): Failure {
  const told = `(code ${String(code)}: "${quoted(message)}")`;
  if (LIMIT_CODES.includes(code)) return rateLimited(network, `code ${String(code)}: "${quoted(message)}"`);
  if (METHOD_CODES.includes(code)) {
    const cause = `The node of the network "${network}" lacks a method that this needs ${told}.`;
    return failure("MethodMissing", cause, "Give the network the endpoint of a node that has it.");
  }
  if (FAILURE_CODES.includes(code)) {
    return failure("NodeFailed", `The node of the network "${network}" fails to do a request ${told}.`, LATER);
  }
  const cause = `The node of the network "${network}" refuses a request ${told}.`;
  return failure("NodeRefused", cause, `Mend what the node says, ${OTHER_ENDPOINT}`);
}

/** What Node, its HTTP client and ethers call a server that cannot be reached, or that hangs up. */
const CODES: Readonly<Record<string, readonly [name: string, what: string]>> = {
  ECONNREFUSED: ["ConnectionRefused", "does not answer: nothing listens there"],
  ECONNRESET: ["ConnectionLost", "broke the connection off"],
  EPIPE: ["ConnectionLost", "broke the connection off"],
  UND_ERR_SOCKET: ["ConnectionLost", "broke the connection off"],
  UND_ERR_CLOSED: ["ConnectionLost", "closed the connection"],
  UND_ERR_DESTROYED: ["ConnectionLost", "closed the connection"],
  ETIMEDOUT: ["TimedOut", "does not answer in time"],
  UND_ERR_CONNECT_TIMEOUT: ["TimedOut", "does not answer in time"],
  UND_ERR_HEADERS_TIMEOUT: ["TimedOut", "does not answer in time"],
  UND_ERR_BODY_TIMEOUT: ["TimedOut", "does not answer in time"],
  TIMEOUT: ["TimedOut", "does not answer in time"],
  ENOTFOUND: ["NameUnknown", "cannot be found: nobody knows its host's name"],
  EAI_AGAIN: ["NameUnknown", "cannot be found: the name server does not answer"],
  EHOSTUNREACH: ["Unreachable", "cannot be reached"],
  ENETUNREACH: ["Unreachable", "cannot be reached"],
  NETWORK_ERROR: ["Unreachable", "cannot be reached"],
  SERVER_ERROR: ["Unavailable", "is out of order"],
  CERT_HAS_EXPIRED: ["CertificateInvalid", "shows a certificate that has expired"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["CertificateInvalid", "shows a certificate that nobody has signed"],
  SELF_SIGNED_CERT_IN_CHAIN: ["CertificateInvalid", "shows a certificate of an unknown authority"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["CertificateInvalid", "shows a certificate of an unknown authority"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["CertificateInvalid", "shows a certificate of another host"],
};

function ofCode(code: string, network: string): Failure | undefined {
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (known === undefined) return undefined;
  const [name, what] = known;
  const remedy = name === "ConnectionRefused" ? whereNobodyAnswers(network, CONNECTION) : CONNECTION;
  return failure(name, `The endpoint of the network "${network}" ${what} (${code}).`, remedy);
}

/** What ethers calls refusals of transactions, and what its answers to calls can be. */
const ETHERS: Readonly<Record<string, Failure>> = {
  INSUFFICIENT_FUNDS: failure(
    "InsufficientCoin",
    "The account has too little of the chain's coin for the transaction's gas.",
    "Send it some of the chain's coin, then run it again.",
    EXIT.input,
  ),
  NONCE_EXPIRED: failure(
    "NonceUsed",
    "Another transaction of the account took the number of this one, which was not sent.",
    "Run it again; let one program at a time send from the account.",
  ),
  REPLACEMENT_UNDERPRICED: failure(
    "NonceTaken",
    "Another transaction of the account with the same number waits and pays more.",
    "Wait until it is mined, or replace it with a higher fee.",
  ),
  BAD_DATA: failure(
    "UnreadableAnswer",
    "A contract answers with what a contract of this platform would not.",
    "Check the address book and the network.",
    EXIT.input,
  ),
};

/** The failure that an error of a network, or of whoever answers there, is; nothing where its codes are of none. */
export function networkFailure(causes: readonly Thrown[], network: string): Failure | undefined {
  const found = (read: (thrown: Thrown) => Failure | undefined): Failure | undefined => {
    for (const thrown of causes) {
      const failed = read(thrown);
      if (failed !== undefined) return failed;
    }
    return undefined;
  };
  return (
    found(({ statusCode }) => (isErrorStatus(statusCode) ? ofStatus(statusCode, network) : undefined)) ??
    found(({ code, syscall }) => (typeof code === "string" && isRemote(syscall) ? ofCode(code, network) : undefined)) ??
    found(({ code }) => (typeof code === "string" && Object.hasOwn(ETHERS, code) ? ETHERS[code] : undefined)) ??
    found(({ code, message }) => (typeof code === "number" ? ofRpcCode(code, message, network) : undefined))
  );
}

const isErrorStatus = (status: unknown): status is number => typeof status === "number" && status >= 400;

/** Whether a system call, where an error names one, was about another machine: files and pipes have some of the same codes. */
const isRemote = (syscall: unknown): boolean => syscall === undefined || REMOTE_CALLS.includes(syscall);
const REMOTE_CALLS: readonly unknown[] = ["connect", "read", "getaddrinfo"];
