import type { Context } from "hono";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

import type { Blobs, Expected, UploadCount } from "./blobs.ts";
import { parseRange } from "./byteRange.ts";
import type { UploadName, UploadQuotas } from "./quotas.ts";
import type { ApiEnv } from "../http/api.ts";
import { Problem } from "../problems/problem.ts";

type ApiContext = Context<ApiEnv>;

/** Reads a header that is a whole number. */
function numberIn(context: ApiContext, header: string): number | undefined {
  const text = context.req.header(header);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Problem("invalid-request", `The header ${header} is not a whole number`);
}

/** The length of the whole file: as said, or what is here and what comes. */
function lengthOf(context: ApiContext, offset: number): number | undefined {
  const said = numberIn(context, "upload-length");
  if (said !== undefined) return said;
  const coming = numberIn(context, "content-length");
  return coming === undefined ? undefined : offset + coming;
}

/** Where uploads go. */
export interface UploadRooms {
  readonly blobs: Blobs;
  readonly quotas: UploadQuotas;
}

/** Counts an upload as the account's: as what it will be while it comes, and never as less than is here. */
export function countOf({ quotas }: UploadRooms, upload: UploadName, account: string): UploadCount {
  let reserved = 0;
  return {
    reserve: (bytes) => {
      quotas.reserve(upload, account, bytes);
      reserved = bytes;
    },
    settle: ({ offset, isComplete }) => {
      if (isComplete) quotas.settle(upload, account, offset);
      else if (offset === 0) quotas.forget(upload);
      else quotas.settle(upload, account, Math.max(reserved, offset));
    },
  };
}

/**
 * Takes a file, whole by PUT or from `Upload-Offset` on by PATCH, as it comes; `Upload-Length` says how long the whole is.
 *
 * @returns 201 when it is complete, else 202, with `Upload-Offset`: where to go on.
 */
export async function receive(
  context: ApiContext,
  rooms: UploadRooms,
  name: string,
  expected: Pick<Expected, "hash" | "limit" | "sender"> & { readonly account: string },
): Promise<Response> {
  const offset = numberIn(context, "upload-offset") ?? 0;
  const length = lengthOf(context, offset);
  if ((length ?? 0) > expected.limit) {
    throw new Problem("body-too-large", `At most ${String(expected.limit)} bytes are taken, not ${String(length)}`);
  }
  if (offset > (length ?? offset)) {
    const detail = `The upload goes on at ${String(offset)}, behind the end of a file of ${String(length)} bytes`;
    throw new Problem("invalid-request", detail);
  }
  const stream = context.req.raw.body as ReadableStream<Uint8Array> | null;
  const body: AsyncIterable<Uint8Array> = stream === null ? Readable.from([]) : Readable.fromWeb(stream);
  const { hash, limit, sender, account } = expected;
  const count = countOf(rooms, { name, sender }, account);
  const state = await rooms.blobs.append(name, offset, body, { hash, limit, sender, length }, count);
  const headers = { "upload-offset": String(state.offset) };
  return context.json(state, state.isComplete ? 201 : 202, headers);
}

/** Says how much of a file is here, in the header `Upload-Offset` too. */
export async function tellOffset(context: ApiContext, blobs: Blobs, name: string, sender: string): Promise<Response> {
  const state = await blobs.state(name, sender);
  return context.json(state, 200, { "upload-offset": String(state.offset) });
}

/**
 * Sends a file, or the range of it that is asked for.
 *
 * @throws {Problem} `not-there-yet`, `range-not-satisfiable`.
 */
export async function send(
  context: ApiContext,
  blobs: Blobs,
  name: string,
  type: string,
  what: string,
): Promise<Response> {
  const file = await blobs.find(name);
  if (file === undefined) throw new Problem("not-there-yet", `The gateway does not have ${what}`);
  const { offset: size } = await blobs.state(name, "");
  const range = parseRange(context.req.header("range"), size);
  const headers = new Headers({ "content-type": type, "accept-ranges": "bytes", "cache-control": "private, no-store" });
  const { start, end } = range ?? { start: 0, end: size };
  headers.set("content-length", String(end - start));
  if (range !== undefined) headers.set("content-range", `bytes ${String(start)}-${String(end - 1)}/${String(size)}`);
  const body = Readable.toWeb(blobs.read(file, range)) as ReadableStream<Uint8Array>;
  return new Response(body, { status: range === undefined ? 200 : 206, headers });
}
