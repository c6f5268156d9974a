import { expect } from "chai";

import { APP, openStage, sendTo, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

/** Requests that two servers could read differently, whole as they are sent. */
const ambiguous: Readonly<Record<string, readonly string[]>> = {
  "two kinds of length": ["Content-Length: 4", "Transfer-Encoding: chunked"],
  "two kinds of length, the other way around": ["Transfer-Encoding: chunked", "Content-Length: 4"],
  "two lengths": ["Content-Length: 4", "Content-Length: 5"],
  "one length twice": ["Content-Length: 4", "Content-Length: 4"],
  "a list of lengths": ["Content-Length: 4, 4"],
  "a length with a sign": ["Content-Length: +4"],
  "a negative length": ["Content-Length: -4"],
  "a length in hexadecimal": ["Content-Length: 0x4"],
  "a length beyond counting": ["Content-Length: 99999999999999999999"],
  "a coding that is not chunked": ["Transfer-Encoding: xchunked"],
  "chunked and then another": ["Transfer-Encoding: chunked, identity"],
  "chunked twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
  "a space before the colon": ["Transfer-Encoding : chunked"],
  "a folded field": ["X-A: b", " Transfer-Encoding: chunked"],
  "a folded coding": ["Transfer-Encoding:", " chunked"],
  "a bare carriage return": ["X-A: b\rTransfer-Encoding: chunked"],
  "a zero byte": ["X-A: b\0c"],
  "a field without a name": [": b"],
  "a field without a colon": ["X-A"],
  "a name with a space": ["X A: b"],
};

describe("Requests that two servers could read differently", () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
    stage.application = (request, response) => {
      request.pipe(response);
    };
  });

  afterEach(async () => {
    await stage.close();
  });

  const body = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: node.example\r\n\r\n";

  for (const [form, fields] of Object.entries(ambiguous)) {
    it(`are refused: ${form}`, async () => {
      const lines = [`POST ${APP}/ HTTP/1.1`, "Host: node.example", ...fields, "", ""];
      const text = await stage.raw(lines.join("\r\n") + body);
      expect(text).to.match(/^HTTP\/1\.1 400 /);
      expect(stage.asked.map(({ url }) => url)).to.not.include("/smuggled");
    });
  }

  it("are refused: bare line feeds as line ends", async () => {
    const text = await stage.raw(`POST ${APP}/ HTTP/1.1\nHost: node.example\nContent-Length: 0\n\n`);
    expect(text).to.match(/^HTTP\/1\.1 400 /);
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("are refused: two hosts, none, and what is none", async () => {
    for (const hosts of [
      ["node.example", "order-8-web.apps.example"],
      ["node.example", "node.example"],
      ["node.example/x"],
      ["a b"],
      ["user@node.example"],
      ["node.example, x"],
      [""],
    ]) {
      const lines = [`GET ${APP}/ HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`), "Connection: close", "", ""];
      expect(await stage.raw(lines.join("\r\n")), hosts.join()).to.match(/^HTTP\/1\.1 40[04] /);
    }
    expect(await stage.raw(`GET ${APP}/ HTTP/1.1\r\nConnection: close\r\n\r\n`)).to.match(/^HTTP\/1\.1 400 /);
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("are refused: targets that are no path, and paths that lead upwards", async () => {
    const targets = [
      ...["http://node.example/v1/orders/7/app/web/", "//node.example/v1/orders/7/app/web/", "*", "node.example:80"],
      ...["/../x", "/%2e%2e/x", "/%252e%252e/x", "/..%2fx", "/..\\x", "/a/..;/x", "/%00", "/a#b"].map(
        (path) => APP + path,
      ),
      ...["/v1/orders/8/app/web/../../../7/app/web/", "/v1/orders/7/app/web%2f..%2fx/"],
    ];
    for (const target of targets) {
      const host = target === "*" ? "order-7-web.apps.example" : "node.example";
      const text = await stage.raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(text, target).to.match(/^HTTP\/1\.1 40[04] /);
    }
    expect(await stage.raw("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: order-7-web.apps.example\r\n\r\n")).to.equal("");
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("leave no rest of a body that is answered early in the connection", async () => {
    stage.application = (_request, response) => {
      response.writeHead(200, { "content-length": 2 }).end("ok");
    };
    const lines = [`POST ${APP}/ HTTP/1.1`, "Host: node.example", `Content-Length: ${String(body.length)}`, "", ""];
    const next = `GET ${APP}/next HTTP/1.1\r\nHost: node.example\r\nConnection: close\r\n\r\n`;
    const text = await stage.raw(lines.join("\r\n") + body + next);
    expect(text.split("HTTP/1.1 200").length - 1).to.equal(2);
    expect(stage.asked.map(({ url }) => url)).to.deep.equal(["/", "/next"]);
  });

  it("do not come from pipelines: each is answered by itself, in order", async () => {
    const get = (path: string, last: boolean): string =>
      `GET ${APP}${path} HTTP/1.1\r\nHost: node.example\r\n${last ? "Connection: close\r\n" : ""}\r\n`;
    stage.application = (request, response) => response.end(`<${request.url ?? ""}>`);
    const text = await stage.raw(get("/1", false) + get("/2", false) + get("/3", true));
    expect(text.match(/<\/\d>/g)).to.deep.equal(["</1>", "</2>", "</3>"]);
  });

  it("come neither from an application: its answer is one answer", async () => {
    const answers = [
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: computing-power=x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: a\r\n Set-Cookie: computing-power=x\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n",
    ];
    for (const answer of answers) {
      stage.application = (request) => request.socket.end(answer);
      const { status, headers } = await stage.send(`${APP}/`);
      expect(status === 502 || headers["set-cookie"] === undefined, answer).to.equal(true);
    }
    stage.application = (request) =>
      request.socket.write(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil",
      );
    expect((await stage.send(`${APP}/`)).body).to.equal("ok");
    stage.application = (_request, response) => response.end("good");
    expect(await sendTo(stage.port, `${APP}/`, { headers: { host: "node.example" } })).to.deep.include({
      body: "good",
    });
  });
});
