import { expect } from "chai";

import { APP, openStage, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

const head = (path: string, ...lines: string[]): string =>
  [`GET ${path} HTTP/1.1`, "host: node.example", ...lines, "", ""].join("\r\n");

describe("A request for an application that fails", () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
  });

  afterEach(async () => {
    await stage.close();
  });

  it("is cut off, not ended, where the application breaks off", async () => {
    stage.application = (_request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("part", () => response.socket?.destroy());
    };
    const text = await stage.raw(head(`${APP}/`));
    expect(text).to.include("content-length: 100").and.match(/part$/);
    stage.application = (_request, response) => {
      response.write("part", () => response.socket?.destroy());
    };
    expect(await stage.raw(head(`${APP}/`))).to.match(/part\r\n$/);
  });

  it("is told which way the application failed", async () => {
    stage.application = (request) => request.socket.destroy();
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 502, code: "application-unreachable" });
    stage.application = (request) => request.socket.end("HTTP/1.1 200 OK\r\nbad header\r\n\r\n");
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 502, code: "application-unreachable" });
    stage.application = (request) =>
      request.socket.end("HTTP/1.1 101 Sure\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 502, code: "application-unreachable" });
    stage.server.closeAllConnections();
    stage.server.close();
    const gone = await stage.send(`${APP}/`);
    expect(gone).to.deep.include({ status: 503, code: "application-unavailable" });
    expect(gone.headers["retry-after"]).to.equal("2");
    expect(gone.body).to.not.include("127.0.0.1").and.not.include("ECONN");
  });

  it("is told so in plain sentences where a browser shows them", async () => {
    const headers = { "computing-power-token": "good", accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    const lacking = await stage.send(`${APP}2/`, { headers });
    expect([lacking.status, lacking.headers["content-type"]]).to.deep.equal([404, "text/plain; charset=utf-8"]);
    expect(lacking.body).to.match(
      /^There is no such application\.\nOrder 7 has no service web2 with this port\.\nSee `app status` [^{}]*\(application-not-found, request \S+\)\n$/,
    );
    await stage.close();
    stage = await openStage();
    stage.endpoints = [];
    const starting = await stage.send(`${APP}/`, { headers });
    expect(starting.status).to.equal(503);
    expect(starting.body).to.match(/^The application does not answer yet, or no more\.\n/);
    expect(starting.headers["content-security-policy"]).to.include("default-src 'none'");
    const program = await stage.send(`${APP}/`, { headers: { ...headers, accept: "*/*" } });
    expect(program.headers["content-type"]).to.equal("application/problem+json");
  });

  it("is told where nothing of the order runs, and where the service is another", async () => {
    stage.endpoints = [];
    const headers = { "computing-power-token": "good" };
    expect(await stage.send(`${APP}/`, { headers })).to.deep.include({ status: 503, code: "application-unavailable" });
    await stage.close();
    stage = await openStage();
    expect(await stage.send(`${APP}2/`, { headers })).to.deep.include({ status: 404, code: "application-not-found" });
    expect(await stage.send(`${APP}:9/`, { headers })).to.deep.include({ status: 404, code: "application-not-found" });
    expect(await stage.send(`${APP}:http/`)).to.deep.include({ status: 200 });
    expect(await stage.send(`${APP}:80/`)).to.deep.include({ status: 200 });
    expect((await stage.send("/", { headers: { host: "x.apps.example" } })).code).to.equal("application-not-found");
  });

  it("survives hints before the answer, links or not", async () => {
    for (const link of ["</a.css>; rel=preload", "no link at all", "<>;;;", '</a>; rel="x']) {
      stage.application = (request) => {
        request.socket.write(`HTTP/1.1 103 Early\r\nLink: ${link}\r\nSet-Cookie: a=b\r\n\r\n`);
        request.socket.write("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      };
      expect((await stage.send(`${APP}/`)).body, link).to.equal("ok");
    }
  });
});
