import { askGateway } from "../gateway/client/request.ts";
import type { Carrier } from "./channel/client.ts";
import { MAX_MESSAGE } from "./channel/messages.ts";
import { ProxyError } from "./errors.ts";

/** Milliseconds for an answer: others' questions are answered first. */
const TIMEOUT = 60_000;

/**
 * Carries messages by a node's gateway, which hands them to the enclave and looks into none.
 *
 * @param origin The gateway's.
 * @param send Asks instead of the system's `fetch`.
 * @returns A carrier, which throws GatewayError where the gateway does not answer or refuses.
 */
export function gatewayCarrier(origin: string, send?: typeof fetch): Carrier {
  return async (message) => {
    const body = new Uint8Array(message);
    const headers = { "content-type": "application/octet-stream" };
    const response = await askGateway(origin, "/v1/enclave", {
      method: "POST",
      body,
      headers,
      timeout: TIMEOUT,
      fetch: send,
    });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_MESSAGE)
        throw new ProxyError("MESSAGE_FORM", `The gateway's answer has more than ${MAX_MESSAGE} bytes`);
      chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
  };
}
