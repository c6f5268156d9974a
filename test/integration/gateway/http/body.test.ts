import { expect } from "chai";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";

import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";

describe("Bodies of requests", () => {
  let served: Served;
  beforeEach(async () => {
    served = await serve({
      routes: (api) => {
        const definition = { method: "delete", path: "/thing", responses: { 204: { description: "Gone" } } } as const;
        api.route({ kind: "open" }, definition, (context) => context.body(null, 204));
      },
    });
  });
  afterEach(async () => {
    await served.server.close();
  });

  /** Sends a body in pieces, without saying how long it is. */
  async function send(
    method: string,
    path: string,
    pieces: readonly string[],
  ): Promise<{ status: number; text: string }> {
    const headers = {
      "content-type": "application/json",
      ...(pieces.length === 0 ? {} : { "transfer-encoding": "chunked" }),
    };
    const sent = request(`${served.origin}${path}`, { method, headers });
    for (const piece of pieces) sent.write(piece);
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
    return { status: response.statusCode ?? 0, text };
  }

  it("may come in pieces", async () => {
    expect(await send("POST", "/echo", ['{"wo', 'rd":"hello', '"}'])).to.deep.equal({ status: 200, text: "hello" });
  });

  it("may be left out where none is needed", async () => {
    expect((await send("DELETE", "/thing", [])).status).to.equal(204);
    expect((await fetch(`${served.origin}/thing`, { method: "DELETE" })).status).to.equal(204);
    expect((await send("POST", "/echo", [])).status).to.equal(400);
  });

  it("are refused when they are too long, however they say so", async () => {
    const body = JSON.stringify({ word: "x".repeat(70_000) });
    for (const answer of [
      await send("POST", "/echo", [body.slice(0, 40_000), body.slice(40_000)]),
      await fetch(`${served.origin}/echo`, { method: "POST", headers: { "content-type": "application/json" }, body }),
    ]) {
      expect(answer.status).to.equal(413);
    }
  });
});
