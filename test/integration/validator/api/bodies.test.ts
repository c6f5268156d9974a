import { expect } from "chai";
import type { Socket } from "node:net";

import { until } from "../../../fixtures/gateway/condition.ts";
import { dial, openValidatorApi, sayOf, type OpenApi } from "../../../fixtures/validator/api.ts";
import { PRESENCE } from "../../../../src/validator/api/forms.ts";
import { StorageError } from "../../../../src/service/store/storageErrors.ts";

const BODY = JSON.stringify({ instance: `0x${"11".repeat(32)}` });
const STATEMENTS = `/v1/seats/0x${"11".repeat(20)}/statements`;
const WAITS = `POST ${PRESENCE} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n`;

/** What a connection gives, as it comes. */
function heard(socket: Socket): { readonly text: () => string } {
  let all = "";
  socket.on("data", (chunk: Buffer) => (all += chunk.toString()));
  return { text: () => all };
}

describe("a validator's API among clients that mean it ill", () => {
  let api: OpenApi;
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await api.close();
  });
  const connected = async (): Promise<Socket> => {
    const socket = await dial(api.port);
    sockets.push(socket);
    return socket;
  };
  const honest = async (): Promise<string> => api.send(PRESENCE, BODY);

  it("reads nothing of a body before it is proven who sends it", async () => {
    api = await openValidatorApi();
    for (const header of ["", `authorization: ${await api.signed(PRESENCE, BODY, { to: api.seat.address })}\r\n`]) {
      const socket = await connected();
      const { text } = heard(socket);
      // It is answered though the body never comes.
      socket.write(`${WAITS}${header}\r\n`);
      await until("it is refused", () => /^HTTP\/1.1 401 /.test(text()));
    }
    expect(await honest()).to.equal("200");
  });

  it("waits for few bodies of one seat at once, and for others all the same", async () => {
    api = await openValidatorApi();
    const said: (() => string)[] = [];
    for (let i = 0; i < 17; i++) {
      const socket = await connected();
      said.push(heard(socket).text);
      socket.write(`${WAITS}authorization: ${await api.signed(PRESENCE, BODY)}\r\n\r\n{`);
    }
    await until("one of them is refused", () => said.some((text) => text().startsWith("HTTP/1.1 429 ")));
    expect(said.filter((text) => text() !== "")).to.have.lengthOf(1);
    expect(await honest()).to.match(/^429 rate-limited 16 requests of 0x/);
    expect((await fetch(api.url + STATEMENTS)).status, "others").to.equal(200);
    for (const socket of sockets.splice(0)) socket.destroy();
    await until("it is taken again", async () => (await honest()) === "200");
  });

  it("ends whoever sends header by header or byte by byte, and answers others all the while", async () => {
    api = await openValidatorApi({ patience: { headers: 200, request: 400, check: 50 } });
    const [head, body] = [await connected(), await connected()];
    head.write("GET /v1/status HTTP/1.1\r\nhost: x\r\n");
    body.write(`${WAITS}authorization: ${await api.signed(PRESENCE, BODY)}\r\n\r\n`);
    const drip = setInterval(() => {
      head.write("x-slow: a\r\n");
      body.write(" ");
    }, 20);
    while (!head.closed || !body.closed) expect(await honest()).to.equal("200");
    clearInterval(drip);
  });

  it("answers others while hundreds of connections are held open", async () => {
    api = await openValidatorApi();
    for (let i = 0; i < 500; i++) (await connected()).write("GET /v1/status HTTP/1.1\r\nhost: x\r\n");
    expect(await honest()).to.equal("200");
  });

  it("lets nobody behind a trusted proxy take all of its requests, and others behind it in", async () => {
    api = await openValidatorApi({ trusted: ["127.0.0.1"] });
    const ask = async (from: string): Promise<number> =>
      (await fetch(api.url + STATEMENTS, { headers: { "x-forwarded-for": from } })).status;
    for (let i = 0; i < 100; i++) {
      const head = "POST /v1/quotes HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 203.0.113.7\r\ncontent-length: 1000\r\n";
      (await connected()).write(`${head}\r\n{`);
    }
    await until("it is refused more", async () => (await ask("203.0.113.7")) === 429);
    expect(await ask("203.0.113.8")).to.equal(200);
  });

  const malformed: Readonly<Record<string, string>> = {
    nothing: "",
    "no JSON": "{",
    "an array": "[]",
    null: "null",
    "a number too long": "1".repeat(900),
    "a byte that is no character": Buffer.from([0x7b, 0xff, 0xfe]).toString("latin1"),
    "half of a pair of surrogates": '{"instance":"\\ud800"}',
    "a key of prototypes": `{"__proto__":{"instance":"0x${"11".repeat(32)}"}}`,
    "a key of constructors": `{"constructor":{"prototype":{"x":1}},"instance":"0x${"11".repeat(32)}"}`,
    "a field too many": `{"instance":"0x${"11".repeat(32)}","x":1}`,
    "a value of another kind": '{"instance":{"toString":"x"}}',
    "much within each other": "[".repeat(1_000),
  };
  it("refuses what is no document, whoever has signed it, and takes nothing from prototypes", async () => {
    api = await openValidatorApi();
    for (const [what, body] of Object.entries(malformed)) {
      expect(await api.send(PRESENCE, body), what).to.match(/^400 invalid-request/);
    }
    expect(({} as { x?: unknown }).x).to.equal(undefined);
    expect(api.taken).to.deep.equal([]);
    expect(await api.send(PRESENCE, `{"instance":"${"x".repeat(2_000)}"}`)).to.match(/^413 body-too-large/);
    expect(api.logged).to.deep.equal([]);
  });

  it("refuses paths that mean nothing here", async () => {
    api = await openValidatorApi();
    const seat = `/v1/seats/0x${"11".repeat(20)}/statements`;
    const asked = {
      [`${seat}?after=-1`]: 400,
      [`${seat}?after=1.5`]: 400,
      [`${seat}?after=1e400`]: 400,
      [`${seat}?after=9007199254740993`]: 400,
      [`${seat}?after=x`]: 400,
      "/v1/seats/__proto__/statements": 400,
      "/v1/tasks/-1/verdicts": 400,
      [`/v1/tasks/${"9".repeat(30)}/verdicts`]: 400,
      "/v1/collateral/0x00": 400,
      "/v1/%E0%A4%A": 404,
      "/v1/status/../../etc/passwd": 404,
    };
    for (const [path, status] of Object.entries(asked)) {
      expect((await fetch(api.url + path)).status, path).to.equal(status);
    }
    expect(api.logged).to.deep.equal([]);
  });

  it("says once a minute that its disk is full, however often it is asked", async () => {
    const full = (): never => {
      throw new StorageError("storage-full", "No room is left for the validator's database", {});
    };
    api = await openValidatorApi({ handlers: { present: full } });
    for (let i = 0; i < 20; i++) expect(await honest()).to.match(/^503 storage-unavailable Nothing was written/);
    expect(api.logged.map(({ msg, unsaid }) => [msg, unsaid])).to.deep.equal([["a request failed", 0]]);
  });

  it("takes nothing where it cannot write down that it did", async () => {
    api = await openValidatorApi();
    api.database.sql.exec("PRAGMA query_only = ON");
    expect(await honest()).to.match(/^503 storage-unavailable/);
    expect(api.taken).to.deep.equal([]);
    api.database.sql.exec("PRAGMA query_only = OFF");
    expect(await honest()).to.equal("200");
  });

  it("lets a seat that floods it wait, and another one not", async () => {
    api = await openValidatorApi({ seatRate: { perSecond: 0.001, burst: 5 } });
    const flood = await Promise.all(Array.from({ length: 30 }, async () => honest()));
    expect(flood.filter((said) => said === "200")).to.have.lengthOf(5);
    expect(flood.filter((said) => said.startsWith("429 "))).to.have.lengthOf(25);
    const { own } = api;
    expect(await api.send(PRESENCE, BODY, { signer: own, from: own.address })).to.equal("200");
    expect(await sayOf(await fetch(api.url + STATEMENTS))).to.equal("200");
    expect(api.logged).to.deep.equal([]);
  });
});
