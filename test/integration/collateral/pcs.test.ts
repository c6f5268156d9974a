import { expect } from "chai";
import type { ServerResponse } from "node:http";

import { evaluationNumberOf } from "../../../src/collateral/documents.ts";
import { PcsClient } from "../../../src/collateral/pcs.ts";
import { InputError } from "../../../src/inputError.ts";
import { instead, startPcsServer, type Mischief } from "../../fixtures/sgx/pcsServer.ts";
import { early, PcsStage, standard } from "../../fixtures/collateral/pcsStage.ts";

describe("collateral from a PCS", () => {
  const pcs = new PcsStage();

  it("asks for the family's documents and puts them together without touching a character", async () => {
    expect(await pcs.fetched()).to.deep.equal(standard);
    expect(pcs.server.asked).to.deep.equal([
      "/sgx/certification/v4/tcb?fmspc=00906ed50000&update=standard",
      "/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
      "/sgx/certification/v4/qe/identity?update=standard",
      "/sgx/certification/v4/rootcacrl",
    ]);
  });

  it("asks for the early set, or for one number", async () => {
    expect(await pcs.fetched("early")).to.deep.equal(early);
    expect(await pcs.fetched(18)).to.deep.equal(early);
    expect(pcs.server.asked).to.include("/sgx/certification/v4/qe/identity?tcbEvaluationDataNumber=18");
  });

  it("takes the identity of the TCB info's number where the standard set moved on between two requests", async () => {
    pcs.server.mischief = instead("qe/identity?update", (response) => {
      const { text, signature } = early.qeIdentity;
      response.end(`{"enclaveIdentity":${text},"signature":"${signature}"}`);
    });
    expect(evaluationNumberOf(await pcs.fetched())).to.equal(17);
    expect(pcs.server.asked.at(-2)).to.include("tcbEvaluationDataNumber=17");
  });

  it("reads lists in DER, in hexadecimal digits and in PEM", async () => {
    const base64 = Buffer.from(standard.rootCrl).toString("base64");
    const digits = Buffer.from(standard.rootCrl).toString("hex").toUpperCase();
    const pem = `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`;
    for (const body of [standard.rootCrl, pem, base64, `0x${digits}`, Buffer.from(digits).toString("base64")]) {
      pcs.server.mischief = instead("rootcacrl", (response) => response.end(body));
      expect((await pcs.fetched()).rootCrl).to.deep.equal(standard.rootCrl);
    }
  });

  it("tries again what may pass, and waits as long as the server asks", async () => {
    pcs.server.mischief = instead("/tcb", (response) => response.writeHead(429, { "Retry-After": "1" }).end(), 1);
    const began = Date.now();
    expect(await pcs.fetched()).to.deep.equal(standard);
    expect(Date.now() - began).to.be.at.least(990);
    for (const status of [500, 503]) {
      pcs.server.mischief = instead("pckcrl", (response) => response.writeHead(status).end(), 3);
      expect(await pcs.fetched()).to.deep.equal(standard);
    }
    pcs.server.mischief = instead("rootcacrl", (response) => response.destroy(), 2);
    expect(await pcs.fetched()).to.deep.equal(standard);
  });

  it("waits until a date, too", async () => {
    const soon = new Date(Date.now() + 1_500).toUTCString();
    pcs.server.mischief = instead("/tcb", (response) => response.writeHead(503, { "Retry-After": soon }).end(), 1);
    expect(await pcs.fetched()).to.deep.equal(standard);
  });

  it("gives up in words: which URL, what status, what next", async () => {
    pcs.server.mischief = instead("/tcb", (response) => response.writeHead(503).end());
    const busy = await pcs.fault({ attempts: 3 });
    expect(busy).to.include({ code: "STATUS", status: 503 });
    expect(pcs.server.asked).to.have.lengthOf(3);
    expect(busy.message).to.include(`${pcs.server.url}/tcb?fmspc=00906ed50000`).and.to.include("name another one");

    pcs.server.mischief = instead("/tcb", (response) => response.writeHead(429, { "Retry-After": "3600" }).end());
    expect((await pcs.fault()).remedy).to.include("PCCS of your own");
  });

  it("does not ask again for what will not pass", async () => {
    for (const [status, remedy] of [
      [400, "Check the URL"],
      [401, "PCS_SUBSCRIPTION_KEY"],
      [404, "FMSPC"],
      [410, "no longer served"],
    ] as const) {
      pcs.server.asked.length = 0;
      pcs.server.mischief = instead("/tcb", (response) => response.writeHead(status).end());
      const error = await pcs.fault();
      expect(error).to.include({ code: "STATUS", status });
      expect(error.remedy).to.include(remedy);
      expect(pcs.server.asked).to.have.lengthOf(1);
    }
  });

  it("does not wait for ever, neither for an answer nor for its end", async () => {
    for (const act of [() => undefined, (response: ServerResponse) => response.write('{"tcbInfo":')]) {
      pcs.server.mischief = instead("/tcb", act);
      expect(await pcs.fault({ timeout: 80, attempts: 2 })).to.include({ code: "TIMEOUT" });
    }
  });

  it("reads no more than a document may have", async () => {
    pcs.server.mischief = instead("/tcb", (response) => response.end("x".repeat(70_000)));
    expect(await pcs.fault()).to.include({ code: "TOO_LARGE" });
    pcs.server.mischief = instead("pckcrl", (response) => response.end(Buffer.alloc(600_000)));
    expect(await pcs.fault()).to.include({ code: "TOO_LARGE" });
  });

  it("refuses answers that are no collateral", async () => {
    const garbage: readonly Mischief[] = [
      instead("/tcb", (response) => response.end("{}")),
      instead("/tcb", (response) => response.setHeader("TCB-Info-Issuer-Chain", "garbage").end("<html>")),
      instead("pckcrl", (response) => response.end(standard.pckCrl)),
      instead("qe/identity", (response) => response.end("null")),
    ];
    for (const act of garbage) {
      pcs.server.mischief = act;
      expect(await pcs.fault()).to.include({ code: "ANSWER" });
    }
  });

  it("says when nobody answers", async () => {
    await pcs.server.close();
    const error = await pcs.fault({ attempts: 2 });
    expect(error).to.include({ code: "NETWORK", status: undefined });
    expect(error.message).to.include("ECONNREFUSED");
    pcs.server = await startPcsServer(standard);
  });

  it("refuses URLs that are none of a server", () => {
    for (const url of ["", "intel", "file:///etc", "ftp://intel.example/"]) {
      expect(() => new PcsClient({ url }), url).to.throw(InputError, "not the URL of a PCS");
    }
  });
});
