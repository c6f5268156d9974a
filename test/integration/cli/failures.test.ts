import { expect } from "chai";
import hre from "hardhat";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { connect, createServer as createNetServer, type AddressInfo } from "node:net";
import { spawn } from "node:child_process";

import { unbuiltAction } from "../../../tasks/hooks/unbuilt.ts";
import { explain } from "../../../tasks/support/failure.ts";
import { EXIT } from "../../../tasks/support/failures/failure.ts";
import { thrownOf } from "../../fixtures/chain/answeringProvider.ts";
import { freePort } from "../../fixtures/freePort.ts";

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

/** What Hardhat throws when a network's endpoint behaves in a way. */
async function thrownByNetwork(listener: RequestListener): Promise<unknown> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  try {
    return await thrownByUrl(url);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function thrownByUrl(url: string): Promise<unknown> {
  const connection = await hre.network.create({ network: "localhost", override: { url } });
  try {
    return await thrownBy(() => connection.provider.request({ method: "eth_gasPrice" }));
  } finally {
    await connection.close();
  }
}

const answersRpc =
  (code: number, message: string): RequestListener =>
  (_, response) =>
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code, message } }));

const answersStatus =
  (status: number): RequestListener =>
  (_, response) =>
    response.writeHead(status, { "retry-after": "60" }).end();

describe("failures", () => {
  describe("of networks are told apart by their codes", () => {
    const cases: readonly (readonly [what: string, RequestListener, name: string, exitCode: number, value: string])[] =
      [
        ["429", answersStatus(429), "RateLimited", EXIT.network, "HTTP status 429"],
        ["502", answersStatus(502), "Unavailable", EXIT.network, "HTTP status 502"],
        ["503", answersStatus(503), "Unavailable", EXIT.network, "HTTP status 503"],
        ["401", answersStatus(401), "AccessRefused", EXIT.input, "HTTP status 401"],
        ["404", answersStatus(404), "NoEndpoint", EXIT.input, "HTTP status 404"],
        [
          "-32005",
          answersRpc(-32005, "daily request count exceeded"),
          "RateLimited",
          EXIT.network,
          "daily request count",
        ],
        ["-32601", answersRpc(-32601, "no such method"), "MethodMissing", EXIT.network, "code -32601"],
        ["-32603", answersRpc(-32603, "Internal error"), "NodeFailed", EXIT.network, "code -32603"],
        ["-32000", answersRpc(-32000, "header not found"), "NodeRefused", EXIT.network, '"header not found"'],
        [
          "a connection that breaks",
          (request) => request.socket.destroy(),
          "ConnectionLost",
          EXIT.network,
          "UND_ERR_SOCKET",
        ],
        ["a web page", (_, response) => response.end("<html>"), "HHE702", EXIT.network, "<html>"],
      ];
    for (const [what, listener, name, exitCode, value] of cases) {
      it(what, async () => {
        const failure = explain(await thrownByNetwork(listener), "sepolia");
        expect(failure).to.include({ name, exitCode });
        expect(failure?.cause).to.include('"sepolia"').and.to.include(value).and.to.match(/\.$/);
        expect(failure?.remedy).to.match(/^[A-Z].*\.$/);
      });
    }

    it("nobody who answers, and nobody of that name", async () => {
      const refused = explain(await thrownByUrl(`http://127.0.0.1:${String(await freePort())}`), "sepolia");
      expect(refused).to.include({ name: "HHE703", exitCode: EXIT.network });
      const error = Object.assign(new Error("x"), { cause: Object.assign(new Error("y"), { code: "ENOTFOUND" }) });
      expect(explain(error, "sepolia")).to.include({ name: "NameUnknown", exitCode: EXIT.network });
    });

    it("and for no contract's refusal where ethers calls them so", async () => {
      for (const [code, message, name] of [
        [-32603, "Internal error", "NodeFailed"],
        [-32005, "limit exceeded", "RateLimited"],
        [-32601, "no such method", "MethodMissing"],
        [-32000, "header not found", "NodeRefused"],
      ] as const) {
        for (const method of ["eth_call", "eth_estimateGas"] as const) {
          const failure = explain(await thrownOf({ code, message }, method), "sepolia");
          expect(failure).to.include({ name, exitCode: EXIT.network });
          expect(failure?.cause).to.include(`code ${String(code)}: "${message}"`);
        }
      }
      const refused = explain(await thrownOf({ code: 3, message: "execution reverted" }, "eth_call"), "sepolia");
      expect(refused).to.include({ name: "EmptyRevert", exitCode: EXIT.refused });
    });

    it("and never by their words", () => {
      for (const message of ["nonce too low", "execution reverted", "insufficient funds", "429", "ECONNREFUSED"]) {
        expect(explain(new Error(message), "sepolia"), message).to.equal(undefined);
      }
    });
  });

  describe("of the system name what is in the way", () => {
    it("a port in use", async () => {
      const first = createNetServer().listen(0, "127.0.0.1");
      await once(first, "listening");
      const { port } = first.address() as AddressInfo;
      const second = createNetServer().listen(port, "127.0.0.1");
      const [error] = (await once(second, "error")) as unknown[];
      first.close();
      expect(explain(error, "default")).to.include({
        name: "PortInUse",
        exitCode: EXIT.input,
        cause: `The port ${String(port)} is in use.`,
      });
    });

    it("a file that is not there, or is a folder", async () => {
      const missing = explain(await thrownBy(() => readFileSync("/nowhere/offer.json")), "default");
      expect(missing).to.include({
        name: "FileMissing",
        cause: 'The file "/nowhere/offer.json" is not there (ENOENT).',
      });
      expect(explain({ code: "EISDIR", path: "/tmp" }, "default")).to.include({ name: "FileIsFolder" });
    });

    it("a program that cannot be started", async () => {
      const [error] = (await once(spawn("/nowhere/program"), "error")) as unknown[];
      expect(explain(error, "default")).to.include({ name: "ProgramMissing", exitCode: EXIT.input });
    });

    it("a port where nobody listens, of another machine", async () => {
      const socket = connect(await freePort(), "127.0.0.1");
      const [error] = (await once(socket, "error")) as unknown[];
      expect(explain(error, "sepolia")).to.include({ name: "ConnectionRefused", exitCode: EXIT.network });
    });
  });

  describe("of Hardhat are told in one sentence", () => {
    it("an unknown network", async () => {
      const failure = explain(await thrownBy(() => hre.network.create({ network: "nosuch" })), "nosuch");
      expect(failure).to.include({
        name: "HHE705",
        exitCode: EXIT.input,
        cause: 'The Hardhat configuration has no network "nosuch".',
      });
    });

    it("a contract that was not compiled", async () => {
      const failure = explain(await thrownBy(() => hre.artifacts.readArtifact("NoSuchContract")), "default");
      expect(failure).to.include({ name: "HHE1000", remedy: "Run `npx hardhat build` first." });
    });

    it("any other, on one line, with where it is explained", async () => {
      const error = await thrownBy(() => hre.tasks.getTask("nosuch"));
      expect(explain(error, "default")).to.deep.equal({
        name: "HHE404",
        exitCode: EXIT.input,
        cause: 'Task "nosuch" not found',
        remedy: "Hardhat explains it at https://hardhat.org/HHE404.",
      });
    });
  });

  describe("of a project that was not built", () => {
    it("say what to run", async () => {
      // A variable, so that the compiler does not look for it.
      const generated = new URL("../../../types/nowhere.ts", import.meta.url).href;
      const action = unbuiltAction(await thrownBy(() => import(generated)));
      const before = process.exitCode;
      const write = process.stderr.write.bind(process.stderr);
      let told = "";
      process.stderr.write = (chunk) => {
        told += String(chunk);
        return true;
      };
      try {
        expect(action({}).error).to.include({ name: "NotBuilt" });
        expect(process.exitCode).to.equal(EXIT.input);
      } finally {
        process.stderr.write = write;
        process.exitCode = before;
      }
      expect(told).to.equal("Error: The project has not been built. Run `npm run build` first.\n");
    });

    it("are no other modules that are missing", async () => {
      const other = new URL("../../../tasks/nowhere.ts", import.meta.url).href;
      const error = await thrownBy(() => import(other));
      expect(() => unbuiltAction(error)).to.throw(error as Error);
    });
  });
});
