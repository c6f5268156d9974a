import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";

import { expect } from "chai";

import type { Endpoint } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { Limits } from "../../../../src/gateway/http/limits.ts";
import { Endpoints, endpointOf } from "../../../../src/gateway/proxy/endpoints.ts";
import { APP, openStage, until, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

describe("The door to applications", () => {
  let stage: Stage;

  afterEach(async () => {
    await stage.close();
  });

  it("asks who may come in, for the order in the address and the origin that was asked", async () => {
    stage = await openStage();
    stage.endpoints = [{ ...stage.endpoint, isPublic: false }];
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 401, code: "unauthenticated" });
    expect((await stage.send(`${APP}/`)).headers["www-authenticate"]).to.include("Bearer");
    expect(stage.asked).to.have.lengthOf(0);
    expect(await stage.send(`${APP}/`, { headers: { "computing-power-token": "good" } })).to.deep.include({
      status: 200,
    });
    await stage.send("/", { headers: { host: "order-7-web.apps.example:8443" } });
    expect(stage.admitted.at(-1)?.target).to.deep.equal({ order: 7, isPublic: false });
    expect(stage.admitted.at(-1)?.request.origin).to.equal("http://order-7-web.apps.example:8443");
  });

  it("does not tell strangers which orders and services there are", async () => {
    stage = await openStage();
    stage.endpoints = [{ ...stage.endpoint, isPublic: false }];
    const codes = [APP, `${APP}x`, "/v1/orders/8/app/web"].map(async (path) => (await stage.send(`${path}/`)).code);
    expect(new Set(await Promise.all(codes))).to.deep.equal(new Set(["unauthenticated"]));
  });

  it("lets an order have so many requests at once, and no other pay for that", async () => {
    stage = await openStage({ slots: { requests: 2 } });
    stage.endpoints = [{ ...stage.endpoint, isPublic: false }];
    const headers = { "computing-power-token": "good" };
    const waiting: ServerResponse[] = [];
    stage.application = (request, response) => {
      if (request.url === "/wait") waiting.push(response);
      else response.end();
    };
    const send = (): ReturnType<Stage["send"]> => stage.send(`${APP}/wait`, { headers });
    const release = until(() => waiting.length === 2).then(async () => {
      const busy = await send();
      for (const response of waiting) response.end("done");
      return busy;
    });
    const [one, two, busy] = await Promise.all([send(), send(), release]);
    expect([one.body, two.body]).to.deep.equal(["done", "done"]);
    expect(busy).to.deep.include({ status: 429, code: "application-busy" });
    expect(busy.headers["retry-after"]).to.equal("1");
    expect((await stage.send(`${APP}/`, { headers })).status).to.equal(200);
  });

  it("gives back what a client had that went", async () => {
    stage = await openStage({ slots: { requests: 1 } });
    stage.application = (request, response) => {
      if (request.url !== "/wait") response.end();
    };
    const gone = httpRequest({
      port: stage.port,
      path: `${APP}/wait`,
      headers: { host: "node.example" },
      agent: false,
    }).end();
    gone.on("error", () => undefined);
    await until(() => stage.asked.length === 1);
    gone.destroy();
    await until(() => stage.logged.length === 1);
    expect((await stage.send(`${APP}/`)).status).to.equal(200);
  });

  it("gives up on an application that does not begin to answer, and on one that stops", async () => {
    stage = await openStage({ patience: { headers: 50, idle: 5_000 } });
    stage.application = () => undefined;
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 504, code: "application-timeout" });
    await stage.close();
    stage = await openStage({ patience: { idle: 80 } });
    stage.application = (_request, response) => response.write("part");
    expect(await stage.raw(`GET ${APP}/ HTTP/1.1\r\nHost: node.example\r\n\r\n`)).to.match(/part\r\n$/);
  });

  it("gives up on a client that stops in the middle of its body, and not on one that is slow", async () => {
    stage = await openStage({ patience: { idle: 150 } });
    const heard: Buffer[] = [];
    stage.application = (request) => request.on("data", (chunk: Buffer) => heard.push(chunk));
    const slow = httpRequest({
      ...{ port: stage.port, path: `${APP}/`, method: "POST", agent: false },
      headers: { host: "node.example", "content-length": 100 },
    });
    const answered = once(slow, "response") as Promise<[IncomingMessage]>;
    for (let i = 0; i < 5; i++) {
      slow.write(".");
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(heard).to.have.lengthOf(5);
    const [answer] = await answered;
    expect(answer.statusCode).to.equal(504);
    slow.destroy();
  });

  it("counts requests of addresses and orders", async () => {
    const rate = { perSecond: 0.001, burst: 2 };
    const many = { perSecond: 100, burst: 100 };
    for (const limited of ["address", "order"] as const) {
      const rates = {
        address: many,
        order: many,
        login: many,
        fetch: many,
        deploy: many,
        quote: many,
        strangers: many,
        [limited]: rate,
      };
      stage = await openStage({ limits: new Limits(rates, () => Date.now()) });
      const statuses = [await stage.send(`${APP}/`), await stage.send(`${APP}/`), await stage.send(`${APP}/`)];
      expect(statuses.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
      if (limited === "address") await stage.close();
    }
  });

  it("answers what fails inside without a word of it, and logs it", async () => {
    stage = await openStage({ authorize: () => Promise.reject(new Error("secret inside")) });
    const answer = await stage.send(`${APP}/`);
    expect(answer).to.deep.include({ status: 500, code: "internal" });
    expect(answer.body).to.not.include("secret");
    await until(() => stage.logged.length === 2);
    expect(stage.logged[0]).to.include("secret inside");
    for (let i = 0; i < 3; i++) await stage.send(`${APP}/`);
    await until(() => stage.logged.length === 5);
    const failures = stage.logged.filter((line) => line.includes("secret inside"));
    expect(failures, "whoever asks often does not fill the log").to.have.lengthOf(1);
  });
});

describe("Endpoints of applications", () => {
  const endpoint: Endpoint = {
    service: "web",
    port: 80,
    portName: "http",
    isPublic: false,
    host: "10.0.0.1",
    hostPort: 8080,
  };

  it("are read once in a moment, and anew when one did not answer", async () => {
    let [now, reads] = [0, 0];
    const endpoints = new Endpoints(
      () => Promise.resolve([{ ...endpoint, hostPort: ++reads }]),
      () => now,
    );
    const port = async (): Promise<number | undefined> => (await endpoints.of(7))[0]?.hostPort;
    expect([await port(), await port()]).to.deep.equal([1, 1]);
    now = 1_999;
    expect(await port()).to.equal(1);
    now = 2_000;
    expect(await port()).to.equal(2);
    endpoints.forget(7);
    expect(await port()).to.equal(3);
    await endpoints.of(8);
    expect(reads).to.equal(4);
  });

  it("are taken as they were while they are read, and after a failure read again", async () => {
    let now = 0;
    const answers: (() => Promise<readonly Endpoint[]>)[] = [() => Promise.resolve([endpoint])];
    const endpoints = new Endpoints(
      () => answers.shift()?.() ?? Promise.resolve([]),
      () => now,
    );
    await endpoints.of(7);
    now = 5_000;
    let finish = (): void => undefined;
    answers.push(
      () =>
        new Promise((_, reject) => {
          finish = () => {
            reject(new Error("podman is away"));
          };
        }),
    );
    const [failed, stale] = await Promise.all([
      endpoints.of(7).catch((error: unknown) => error),
      endpoints.of(7).then((found) => {
        finish();
        return found;
      }),
    ]);
    expect(failed).to.be.instanceOf(Error);
    expect(stale).to.deep.equal([endpoint]);
    expect(await endpoints.of(7)).to.deep.equal([]);
  });

  it("are found by service and port", () => {
    const all = [
      endpoint,
      { ...endpoint, port: 9000, portName: "admin" },
      { ...endpoint, service: "db", portName: undefined },
    ];
    expect(endpointOf(all, { service: "web", port: undefined })).to.equal(all[0]);
    expect(endpointOf(all, { service: "web", port: "admin" })).to.equal(all[1]);
    expect(endpointOf(all, { service: "web", port: "9000" })).to.equal(all[1]);
    expect(endpointOf(all, { service: "db", port: "80" })).to.equal(all[2]);
    expect(endpointOf(all, { service: "db", port: "http" })).to.equal(undefined);
    expect(endpointOf(all, { service: "x", port: undefined })).to.equal(undefined);
  });
});
