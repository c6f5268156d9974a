import { z } from "zod";

import { textOf } from "./chunks.ts";
import { faultsForm } from "./forms.ts";
import { causesOf } from "../../causes.ts";
import { InputError } from "../../inputError.ts";
import { parsedJson } from "../../json.ts";

/** What a gateway refuses with, as RFC 9457 says. */
export const problemForm = z.object({
  status: z.number().int(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  hint: z.string(),
  requestId: z.string().optional(),
  errors: faultsForm,
});

/** A refusal of a gateway: what happened, why, and what to do. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  /**
   * The stable code of the problem; see the table in docs/gateway.md. `unreachable`, `not-public` and `not-a-gateway` are told by the client
   * itself.
   */
  readonly code: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly problem: string;
  readonly remedy: string;
  /** Whether the words are the gateway's own: it may say anything. */
  readonly isQuoted: boolean;
  readonly requestId: string | undefined;
  readonly errors: z.infer<typeof problemForm>["errors"];

  constructor(
    facts: Pick<GatewayError, "code" | "status" | "problem" | "remedy"> &
      Partial<Pick<GatewayError, "isQuoted" | "requestId" | "errors">>,
    options?: ErrorOptions,
  ) {
    super(`${facts.problem} ${facts.remedy}`, options);
    this.code = facts.code;
    this.status = facts.status;
    this.problem = facts.problem;
    this.remedy = facts.remedy;
    this.isQuoted = facts.isQuoted ?? false;
    this.requestId = facts.requestId;
    this.errors = facts.errors ?? [];
  }
}

/** How a gateway is asked. */
export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the head of the answer; 15,000 by default. */
  readonly timeout?: number;
  /** Asks instead of the system's `fetch`, such as one that connects to public addresses alone. */
  readonly fetch?: typeof fetch | undefined;
}

/** The most bytes of an answer that is read whole. */
const LIMIT = 4 * 2 ** 20;

/**
 * The origin of a gateway, from the URL that a node has on the chain or a person gave.
 *
 * @throws {InputError} For what is no http or https URL.
 */
export function gatewayOrigin(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return parsed.origin;
  throw new InputError(`"${url}" is not the URL of a gateway`, "Give one such as https://node.example with --gateway.");
}

function initOf({ method = "GET", headers = {}, json, body }: Ask, signal: AbortSignal): RequestInit {
  const content = json === undefined ? body : JSON.stringify(json);
  const accept = { accept: "application/json, application/problem+json" };
  const type = json === undefined ? {} : { "content-type": "application/json" };
  const sent = content === undefined ? {} : { body: content, duplex: "half" as const };
  return { method, headers: { ...accept, ...type, ...headers }, redirect: "error", signal, ...sent };
}

function unreachable(origin: string, timeout: number, isLate: boolean, cause: unknown): GatewayError {
  if (causesOf(cause).some(({ code }) => code === "NOT_PUBLIC")) {
    const problem = `${origin} is not on the public internet, so nothing was asked there.`;
    const remedy = "Give the gateway's URL yourself, with --gateway, if you trust it.";
    return new GatewayError({ code: "not-public", status: 0, problem, remedy }, { cause });
  }
  const problem = isLate
    ? `The gateway ${origin} did not answer within ${String(timeout / 1000)} s.`
    : `The gateway ${origin} cannot be reached.`;
  const remedy = "Check the URL and the network; `node show` says where a node's gateway is.";
  return new GatewayError({ code: "unreachable", status: 0, problem, remedy }, { cause });
}

/** Asks a gateway, and gives its answer if it is a success. Redirects are not followed: tokens are for one origin. */
export async function askGateway(origin: string, path: string, ask: Ask = {}): Promise<Response> {
  return asking(origin, path, ask, async (response) => Promise.resolve(response));
}

/** Asks a gateway, and reads its answer, all within the time. */
async function asking<T>(origin: string, path: string, ask: Ask, read: (response: Response) => Promise<T>): Promise<T> {
  const { signal, timeout = 15_000, fetch: send = fetch } = ask;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, timeout);
  try {
    const either = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
    const response = await send(origin + path, initOf(ask, either));
    if (response.ok) return await read(response);
    throw await refusalOf(origin, response);
  } catch (error) {
    if (error instanceof GatewayError || signal?.aborted === true) throw error;
    throw unreachable(origin, timeout, late.signal.aborted, error);
  } finally {
    clearTimeout(timer);
  }
}

async function refusalOf(origin: string, response: Response): Promise<GatewayError> {
  const { status } = response;
  const parsed = problemForm.safeParse(parsedJson(await readBody(response)));
  if (!parsed.success) {
    const problem = `${origin} answered with status ${String(status)}, and not as a gateway of this platform does.`;
    return new GatewayError({
      code: "not-a-gateway",
      status,
      problem,
      remedy: "Check that the URL is that of the node's gateway.",
    });
  }
  const { code, title, detail, hint: remedy, requestId, errors } = parsed.data;
  const end = /[.!?]$/.test(detail) ? "" : ".";
  const problem = `${title} ${detail}${end}`;
  return new GatewayError({ code, status, problem, remedy, isQuoted: true, requestId, errors });
}

/** Reads an answer's text, but no more than a few megabytes of it. */
async function readBody({ body, status }: Response): Promise<string> {
  const text = await textOf(body, LIMIT);
  if (text !== undefined) return text;
  const problem = `The answer has more than ${String(LIMIT)} bytes.`;
  const remedy = "Check that the URL is that of a node's gateway.";
  throw new GatewayError({ code: "not-a-gateway", status, problem, remedy });
}

/**
 * Asks a gateway for a JSON document of a form.
 *
 * @throws {GatewayError} For a refusal; `not-a-gateway` for an answer of another form, `unreachable` for none.
 */
export async function askJson<T>(origin: string, path: string, form: z.ZodType<T>, ask: Ask = {}): Promise<T> {
  return asking(origin, path, ask, async (response) => {
    const text = await readBody(response);
    try {
      return form.parse(JSON.parse(text));
    } catch (cause) {
      const problem = `${origin} answered ${path} with something that this version does not know.`;
      const remedy = "Check that the URL is that of the node's gateway, and that both use versions that fit.";
      throw new GatewayError({ code: "not-a-gateway", status: response.status, problem, remedy }, { cause });
    }
  });
}
