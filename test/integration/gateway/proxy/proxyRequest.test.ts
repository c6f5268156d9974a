import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";

import { expect } from "chai";

import { APP, openStage, until, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

const head = (path: string, ...lines: string[]): string =>
  [`GET ${path} HTTP/1.1`, "host: node.example", ...lines, "", ""].join("\r\n");

describe("A request for an application", () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
  });

  afterEach(async () => {
    await stage.close();
  });

  it("gets the application's answer, asked for its own path", async () => {
    const answer = await stage.send(`${APP}/a/b%20c?d=e/..`);
    expect(answer).to.deep.include({ status: 200, body: "GET /a/b%20c?d=e/.." });
    expect((await stage.send("/x", { headers: { host: "order-7-web.apps.example" } })).body).to.equal("GET /x");
    expect((await stage.send("/y", { headers: { host: "shop.example" } })).body).to.equal("GET /y");
  });

  it("has every method, and its body", async () => {
    stage.application = (request, response) => {
      request.pipe(response.writeHead(201, "Made it"));
    };
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "REPORT"]) {
      const { status, body } = await stage.send(`${APP}/`, {
        method,
        body: "some text",
        headers: { "content-length": "9" },
      });
      expect([status, body], method).to.deep.equal([201, "some text"]);
      expect(stage.asked.at(-1)?.method).to.equal(method);
      expect(stage.asked.at(-1)?.headers)
        .to.include({ "content-length": "9" })
        .and.not.have.property("transfer-encoding");
    }
  });

  it("keeps its chunks as chunks, also where its method seldom has a body", async () => {
    stage.application = (request, response) => {
      request.pipe(response);
    };
    for (const method of ["POST", "GET", "DELETE", "OPTIONS"]) {
      const answer = await stage.send(`${APP}/`, {
        method,
        body: "GET /smuggled HTTP/1.1\r\n\r\n",
        headers: { "transfer-encoding": "chunked" },
      });
      expect(answer.body, method).to.equal("GET /smuggled HTTP/1.1\r\n\r\n");
      expect(stage.asked.at(-1)?.headers["transfer-encoding"]).to.equal("chunked");
    }
    expect(stage.asked).to.have.lengthOf(4);
  });

  it("of HEAD has the head of the answer alone", async () => {
    stage.application = (_request, response) => response.writeHead(200, { "content-length": 1000 }).end();
    const answer = await stage.send(`${APP}/`, { method: "HEAD" });
    expect(answer.headers["content-length"]).to.equal("1000");
    expect(answer.body).to.equal("");
  });

  it("streams large bodies both ways, unchanged", async () => {
    const hash = createHash("sha256");
    stage.application = (request, response) => {
      request.on("data", (chunk: Buffer) => hash.update(chunk)).pipe(response);
    };
    const body = randomBytes(8 << 20);
    const request = httpRequest({
      port: stage.port,
      path: `${APP}/`,
      method: "POST",
      headers: { host: "node.example" },
      agent: false,
    });
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const back = createHash("sha256");
    for await (const chunk of response as AsyncIterable<Buffer>) back.update(chunk);
    expect(back.digest("hex")).to.equal(createHash("sha256").update(body).digest("hex"));
    expect(hash.digest("hex")).to.equal(createHash("sha256").update(body).digest("hex"));
  });

  it("is read no faster than the client reads", async () => {
    let written = 0;
    stage.application = (_request, response) => {
      const more = (): void => {
        do written += 65_536;
        while (written < 256 << 20 && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    };
    const socket = connect(stage.port, "127.0.0.1", () => socket.write(head(`${APP}/`)));
    socket.pause();
    await until(() => written > 0);
    let last = -1;
    while (written !== last) {
      last = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(written)
      .to.be.above(0)
      .and.below(64 << 20);
    socket.destroy();
  });

  it("hands events on as they come", async () => {
    let open: ServerResponse | undefined;
    stage.application = (_request, response) => {
      open = response.writeHead(200, { "content-type": "text/event-stream" });
      open.flushHeaders();
    };
    const request = httpRequest({
      port: stage.port,
      path: `${APP}/`,
      headers: { host: "node.example" },
      agent: false,
    }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      open?.write(event);
      const [chunk] = (await once(response, "data")) as [Buffer];
      expect(chunk.toString()).to.equal(event);
    }
    request.destroy();
    await until(() => open?.destroyed === true);
  });

  it("hands trailers on both ways, but none that say what a body is or who asks", async () => {
    stage.application = (request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { trailer: "x-sum" });
        response.write(JSON.stringify(request.trailers));
        response.addTrailers({ "x-sum": "1", "set-cookie": "a=b" });
        response.end();
      });
    };
    const text = await stage.raw(
      `POST ${APP}/ HTTP/1.1\r\nhost: node.example\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-a: b\r\nauthorization: c\r\nx-forwarded-for: d\r\n\r\n`,
    );
    expect(text)
      .to.include('{"x-a":"b"}')
      .and.match(/x-sum: 1\r\n/);
    expect(text).to.not.match(/set-cookie/i);
  });

  it("asks the application before it lets a client go on", async () => {
    stage.server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === "/no") response.writeHead(413).end("too much");
      else {
        response.writeContinue();
        request.pipe(response);
      }
    });
    const ask = (path: string): ReturnType<typeof httpRequest> =>
      httpRequest({
        port: stage.port,
        path: APP + path,
        method: "POST",
        agent: false,
        headers: { host: "node.example", expect: "100-continue", "content-length": 4 },
      });
    const good = ask("/yes");
    good.flushHeaders();
    await once(good, "continue");
    good.end("body");
    const [answer] = (await once(good, "response")) as [IncomingMessage];
    expect(answer.statusCode).to.equal(200);
    answer.resume();
    const bad = ask("/no");
    bad.flushHeaders();
    let went = 0;
    bad.on("continue", () => went++);
    const [refusal] = (await once(bad, "response")) as [IncomingMessage];
    expect(refusal.statusCode).to.equal(413);
    expect(refusal.headers.connection).to.equal("close");
    expect(went).to.equal(0);
    bad.destroy();
  });

  it("is not said to wait where the client does not, as one of HTTP/1.0 cannot", async () => {
    await stage.raw(`GET ${APP}/ HTTP/1.0\r\nhost: node.example\r\nexpect: 100-continue\r\n\r\n`);
    expect(stage.asked).to.have.lengthOf(1);
    expect(stage.asked[0]?.headers).to.not.have.property("expect");
  });

  it("uses connections to the application again, and repeats what fell between two", async () => {
    const ports = new Set<number | undefined>();
    stage.application = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    };
    for (let i = 0; i < 5; i++) await stage.send(`${APP}/`);
    expect(ports.size).to.equal(1);
    stage.server.closeIdleConnections();
    expect((await stage.send(`${APP}/`)).status).to.equal(200);
  });

  it("ends at the application when the client goes", async () => {
    const closed: string[] = [];
    stage.application = (request, response) => {
      request.on("close", () => closed.push("request"));
      response.on("close", () => closed.push("response"));
      request.resume();
    };
    const request = httpRequest({
      port: stage.port,
      path: `${APP}/`,
      method: "POST",
      headers: { host: "node.example" },
      agent: false,
    });
    request.on("error", () => undefined);
    request.write("some");
    await until(() => stage.asked.length === 1);
    request.destroy();
    await until(() => closed.length === 2);
  });

  it("goes on to the path with a slash, where it has none", async () => {
    const answer = await stage.send(`${APP}?a=b`);
    expect(answer.status).to.equal(308);
    expect(answer.headers.location).to.equal(`${APP}/?a=b`);
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("opens a link on the application's own host alone", async () => {
    const path = "/.well-known/computing-power/links/token";
    const answer = await stage.send(path, { headers: { host: "order-7-web.apps.example" } });
    expect(answer.status).to.equal(303);
    expect(answer.headers).to.deep.include({ location: "/of/7", "set-cookie": ["c=token"] });
    expect((await stage.send(APP + path)).body).to.equal(`GET ${path}`);
  });

  it("leaves every other request to the API", async () => {
    expect((await stage.send("/v1/orders/7/apps")).code).to.equal("route-not-found");
    expect(stage.asked).to.have.lengthOf(0);
  });

  it("is logged without what is secret in it", async () => {
    await stage.send(`${APP}/secret-path?token=secret-query`, {
      headers: { authorization: "Bearer secret-token", cookie: "a=secret-cookie" },
    });
    await until(() => stage.logged.length === 1);
    expect(JSON.parse(stage.logged[0]!)).to.include({
      route: "application",
      order: "7",
      service: "web",
      status: 200,
      method: "GET",
    });
    expect(stage.logged[0]).to.not.include("secret");
  });
});
