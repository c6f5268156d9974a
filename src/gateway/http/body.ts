import type { MiddlewareHandler } from "hono";

import type { ApiEnv } from "./api.ts";
import { Problem } from "../problems/problem.ts";

/** Refuses bodies that are longer than so many bytes, whatever they say of their length. */
export function limitBody(most: number): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { raw } = context.req;
    const stated = raw.headers.has("transfer-encoding") ? null : raw.headers.get("content-length");
    if (stated !== null && !(Number(stated) <= most)) throw tooLarge(most);
    if (stated === null && raw.body !== null) {
      const body = await readAtMost(raw.body, most);
      const { method, headers, signal } = raw;
      // What was read is put back: handlers read the body themselves.
      context.req.raw = new Request(raw.url, { method, headers, signal, ...(body.length === 0 ? {} : { body }) });
    }
    await next();
  };
}

async function readAtMost(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(most: number): Problem {
  return new Problem("body-too-large", `A body may have ${String(most)} bytes here`);
}
