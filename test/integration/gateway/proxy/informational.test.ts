import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";

import { expect } from "chai";

import { Preliminaries } from "../../../../src/gateway/proxy/informational.ts";
import { APP, openStage, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

const HINT = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("What an application says before its answer", () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
  });

  afterEach(async () => {
    await stage.close();
  });

  /** What comes back of a request whose application says some text before it answers. */
  async function told(before: string, ...headers: string[]): Promise<string> {
    stage.application = (request) => request.socket.write(before + ANSWER);
    stage.server.removeAllListeners("checkContinue").on("checkContinue", stage.application);
    return stage.raw(
      [`GET ${APP}/ HTTP/1.1`, "host: node.example", "connection: close", ...headers, "", ""].join("\r\n"),
    );
  }

  const times = (text: string, part: string): number => text.split(part).length - 1;

  it("is handed on as a few hints, and as one leave to go on where the client waits for it", async () => {
    expect(times(await told(HINT.repeat(3)), "103 Early Hints")).to.equal(3);
    const many = await told(HINT.repeat(50) + CONTINUE.repeat(50));
    expect([times(many, "103 Early Hints"), times(many, "100 Continue")]).to.deep.equal([8, 0]);
    expect(many).to.match(/\r\n\r\nok$/);
    const awaited = await told(CONTINUE.repeat(50), "expect: 100-continue");
    expect(times(awaited, "100 Continue")).to.equal(1);
    expect(awaited).to.match(/\r\n\r\nok$/);
  });

  it("is not handed on to a client that does not read", () => {
    let written = 0;
    const socket = { writableNeedDrain: true };
    const response = { socket, writeEarlyHints: () => (written += 1) } as unknown as ServerResponse;
    const preliminaries = new Preliminaries(response, false);
    const hint = { statusCode: 103, rawHeaders: ["Link", "</a.css>; rel=preload"] };
    preliminaries.handOn(hint);
    expect(written).to.equal(0);
    socket.writableNeedDrain = false;
    preliminaries.handOn(hint);
    expect(written).to.equal(1);
  });

  it("ends what goes on for too long, though no answer comes", async () => {
    stage.application = (request) => request.socket.write(HINT.repeat(101));
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 502, code: "application-unreachable" });
  });

  it("ends a request to upgrade as well", async () => {
    const lost = Promise.withResolvers<undefined>();
    stage.upgrade = (_request, socket) => {
      socket
        .on("error", () => undefined)
        .once("end", lost.resolve)
        .resume();
      socket.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(101));
    };
    const socket = connect(stage.port, "127.0.0.1");
    const fields = ["host: node.example", "connection: upgrade", "upgrade: websocket"];
    socket.write([`GET ${APP}/ HTTP/1.1`, ...fields, "", ""].join("\r\n"));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).to.match(/^HTTP\/1.1 502 /);
    socket.destroy();
    await lost.promise;
  });
});
