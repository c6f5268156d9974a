import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";

import { expect } from "chai";

import { Problem } from "../../../../src/gateway/problems/problem.ts";
import type { ProblemCode } from "../../../../src/gateway/problems/table.ts";
import type { FrontDoorOptions } from "../../../../src/gateway/proxy/frontDoor.ts";
import { APP, openStage, until, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

const AFTER_ALL = 2 ** 40;

describe("An answer that lasts long", () => {
  let stage: Stage;
  /** What the application is writing. */
  let open: ServerResponse | undefined;
  /** Set once the application has lost its client. */
  let isLost: boolean;

  afterEach(async () => {
    await stage.close();
  });

  /** Opens a stage whose application answers with a stream that it does not end. */
  async function openWith(options: Partial<FrontDoorOptions>): Promise<void> {
    stage = await openStage(options);
    [open, isLost] = [undefined, false];
    stage.application = (_request, response) => {
      open = response.writeHead(200, { "content-type": "text/event-stream" });
      open.flushHeaders();
      open.on("close", () => (isLost = true));
    };
  }

  /** The answer, and the first event in it. */
  async function follow(): Promise<IncomingMessage> {
    const request = httpRequest({ port: stage.port, path: `${APP}/`, headers: { host: "node.example" }, agent: false });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await event(response, "1");
    return response;
  }

  async function event(response: IncomingMessage, text: string): Promise<void> {
    open?.write(text);
    const [chunk] = (await once(response, "data")) as [Buffer];
    expect(chunk.toString()).to.equal(text);
  }

  /** Waits until an answer has ended; whether it was whole. */
  async function endOf(response: IncomingMessage): Promise<boolean> {
    response.on("error", () => undefined).resume();
    if (!response.closed) await new Promise((resolve) => response.once("close", resolve));
    return response.complete;
  }

  it("is cut off when the token or cookie expires, and not before", async () => {
    const endsAt = Math.ceil(Date.now() / 1_000) + 1;
    await openWith({ authorize: () => Promise.resolve({ expiresAt: endsAt }) });
    const response = await follow();
    await event(response, "2");
    expect(await endOf(response)).to.equal(false);
    expect(Date.now()).to.be.at.least(endsAt * 1_000);
    await until(() => isLost);
  });

  for (const code of ["order-not-live", "delegation-revoked", "session-ended"] satisfies ProblemCode[]) {
    it(`is cut off when who asks is refused with ${code}, and not before`, async () => {
      let isOver = false;
      let asked = 0;
      const authorize = () => {
        asked++;
        return isOver ? Promise.reject(new Problem(code, "no more")) : Promise.resolve({ expiresAt: AFTER_ALL });
      };
      await openWith({ authorize, askAgain: 10 });
      const response = await follow();
      await until(() => asked > 3);
      await event(response, "2");
      isOver = true;
      expect(await endOf(response)).to.equal(false);
      await until(() => isLost);
      await until(() => stage.logged.length === 1);
      expect(JSON.parse(stage.logged[0]!)).to.include({ status: 200, route: "application" });
    });
  }

  it("is answered with the reason where it has not begun", async () => {
    let isOver = false;
    const authorize = () =>
      isOver
        ? Promise.reject(new Problem("order-not-live", "Order 7 is Stopped"))
        : Promise.resolve({ expiresAt: AFTER_ALL });
    await openWith({ authorize, askAgain: 10 });
    stage.application = (request) => {
      isOver = true;
      request.once("close", () => (isLost = true));
    };
    expect(await stage.send(`${APP}/`)).to.deep.include({ status: 403, code: "order-not-live" });
    await until(() => isLost);
  });

  it("goes on while the chain cannot be asked", async () => {
    let asked = 0;
    const authorize = () =>
      asked++ === 0
        ? Promise.resolve({ expiresAt: AFTER_ALL })
        : Promise.reject(new Problem("chain-unreachable", "No endpoint answers"));
    await openWith({ authorize, askAgain: 10 });
    const response = await follow();
    await until(() => asked > 3);
    await event(response, "2");
    open?.end();
    expect(await endOf(response)).to.equal(true);
  });

  it("is nobody's matter where anybody is let in, nor once it is over", async () => {
    let asked = 0;
    const authorize = (expiresAt: number | undefined) => () => {
      asked++;
      return Promise.resolve(expiresAt === undefined ? undefined : { expiresAt });
    };
    await openWith({ authorize: authorize(undefined), askAgain: 5 });
    const response = await follow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await event(response, "2");
    expect(asked).to.equal(1);
    await stage.close();
    await openWith({ authorize: authorize(AFTER_ALL), askAgain: 5 });
    stage.application = (_request, answer) => answer.end("done");
    await stage.send(`${APP}/`);
    await until(() => stage.logged.length === 1);
    const askedBy = asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).to.equal(askedBy);
  });
});
