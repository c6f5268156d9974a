import { createRoute } from "@hono/zod-openapi";
import { expect } from "chai";
import { EventEmitter, once } from "node:events";
import { connect } from "node:net";

import { cursorOf, eventStream, StreamSlots, type ServerEvent } from "../../../../src/gateway/http/events.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";

/** A source that a test feeds by hand. */
class Feed {
  readonly #waiting: ServerEvent[] = [];
  readonly #news = new EventEmitter();
  asked = 0;
  isEnded = false;

  push(...events: ServerEvent[]): void {
    this.#waiting.push(...events);
    this.#news.emit("news");
  }

  async *read(signal: AbortSignal): AsyncGenerator<ServerEvent> {
    try {
      for (;;) {
        this.asked += 1;
        const event = this.#waiting.shift();
        if (event === undefined) await once(this.#news, "news", { signal });
        else yield event;
      }
    } finally {
      this.isEnded = true;
      this.#news.emit("ended");
    }
  }

  async ended(): Promise<void> {
    if (!this.isEnded) await once(this.#news, "ended");
  }
}

describe("Streams of events", () => {
  let served: Served;
  let feed: Feed;
  let slots: StreamSlots;
  let cursor: string | undefined;
  let source: (signal: AbortSignal) => AsyncIterable<ServerEvent>;

  beforeEach(async () => {
    feed = new Feed();
    // Of which one client has two.
    slots = new StreamSlots(4);
    source = (signal) => feed.read(signal);
    const definition = createRoute({ method: "get", path: "/events", responses: { 200: { description: "Events" } } });
    served = await serve({
      routes: (api, closing) => {
        api.route({ kind: "open" }, definition, (context) => {
          cursor = cursorOf(context);
          return eventStream(context, source, { closing, slots, heartbeat: 20 });
        });
      },
    });
  });
  afterEach(async () => {
    await served.server.close();
  });

  const open = async (init: RequestInit = {}): Promise<Response> => fetch(`${served.origin}/events`, init);

  /** What is read until a text is there. */
  async function readUntil(answer: Response, wanted: string): Promise<string> {
    let text = "";
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes(wanted)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended with ${text}`);
      text += value;
    }
    await reader.cancel();
    return text;
  }

  it("take no slot of whoever asks for their head alone", async () => {
    for (let i = 0; i < 5; i += 1) expect((await open({ method: "HEAD" })).status).to.equal(200);
    const answer = await open();
    expect(answer.status).to.equal(200);
    await answer.body?.cancel();
  });

  it("carry events with their kind, and where to go on", async () => {
    feed.push(
      { id: "1.a", event: "log", data: { text: "two\nlines" } },
      { data: [1] },
      { id: "bad id\n", data: "end" },
    );
    const answer = await open();
    expect(answer.headers.get("content-type")).to.equal("text/event-stream");
    const text = await readUntil(answer, "end");
    expect(text.replaceAll(":\n\n", "")).to.equal(
      'id: 1.a\nevent: log\ndata: {"text":"two\\nlines"}\n\ndata: [1]\n\ndata: "end"\n\n',
    );
  });

  it("beat while nothing happens, and lose nothing by it", async () => {
    const answer = await open();
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).to.equal(":\n\n");
    expect((await reader.read()).value).to.match(/^(:\n\n)+$/);
    feed.push({ data: "after the silence" });
    let text = "";
    while (!text.includes("after the silence")) text += (await reader.read()).value ?? "";
    await reader.cancel();
  });

  it("end their source when the reader goes away", async () => {
    const stop = new AbortController();
    feed.push({ data: 1 });
    const answer = await open({ signal: stop.signal });
    await answer.body!.getReader().read();
    stop.abort();
    await feed.ended();
  });

  it("end when the server closes", async () => {
    feed.push({ data: 1 });
    const answer = await open();
    const reader = answer.body!.getReader();
    await reader.read();
    await Promise.all([
      served.server.close(),
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ]);
    await feed.ended();
  });

  it("end with a problem when their source fails, without a word of what is no problem", async () => {
    source = async function* () {
      yield await Promise.resolve({ data: 1 });
      throw new Problem("chain-unreachable", "no endpoint answers");
    };
    expect(await (await open()).text()).to.match(/event: problem\ndata: .*"code":"chain-unreachable"/);
    // eslint-disable-next-line require-yield
    source = async function* () {
      await Promise.resolve();
      throw new Error("the password is swordfish");
    };
    expect(await (await open()).text())
      .to.include('"code":"internal"')
      .and.not.include("swordfish");
  });

  it("go on behind the cursor that a client names, if it can be one", async () => {
    feed.push({ data: "x" }, { data: "x" });
    await (await open({ headers: { "last-event-id": "7.b" } })).body!.cancel();
    expect(cursor).to.equal("7.b");
    await (await fetch(`${served.origin}/events?after=8.c`)).body!.cancel();
    expect(cursor).to.equal("8.c");
    for (const bad of ["with space", "a".repeat(201), "ü"]) {
      const answer = await fetch(`${served.origin}/events?after=${encodeURIComponent(bad)}`);
      expect(answer.status, bad).to.equal(400);
    }
  });

  it("are limited in number, and make room when they end", async () => {
    feed.push({ data: 1 }, { data: 2 });
    const [first] = await Promise.all([open(), open()]);
    expect((await open()).status).to.equal(429);
    await first.body!.cancel();
    await feed.ended();
    let status = 429;
    while (status === 429) {
      const answer = await open();
      status = answer.status;
      if (status === 429) await answer.text();
    }
    expect(status).to.equal(200);
  });

  it("do not read ahead of somebody who does not read", async () => {
    const large = "x".repeat(100_000);
    const reads = { count: 0 };
    source = async function* (signal) {
      while (!signal.aborted) {
        reads.count += 1;
        yield await Promise.resolve({ data: large });
      }
    };
    const socket = connect(served.port, "127.0.0.1");
    await once(socket, "connect");
    socket.pause();
    socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
    // Until it stands still: kernel buffers are full then.
    let before = -1;
    while (reads.count === 0 || reads.count !== before) {
      before = reads.count;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(reads.count).to.be.lessThan(1_000);
    socket.destroy();
  });
});
