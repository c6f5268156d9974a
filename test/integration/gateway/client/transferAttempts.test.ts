import { expect } from "chai";
import { Wallet } from "ethers";

import { GatewayError } from "../../../../src/gateway/client/request.ts";
import { TransferClient } from "../../../../src/gateway/client/transferClient.ts";

const MEGABYTE = 2 ** 20;
const CONTENT = new Uint8Array(9 * MEGABYTE).fill(7);
const wallet = new Wallet(`0x${"1".repeat(64)}`);
const audience = { chainId: 31_337, orderEscrow: wallet.address, node: 7, gateway: "https://node.example" };
const source = {
  size: CONTENT.length,
  read: async (start: number, end: number) => Promise.resolve(CONTENT.slice(start, end)),
};
/** So many failures in a row end it. */
const ATTEMPTS = 6;

/** A gateway's refusal. */
const refusal = (status: number, code: string): Response =>
  Response.json({ status, code, title: "No.", detail: "No.", hint: "None." }, { status });

/** An answer of some bytes after which the connection breaks. */
function broken(bytes: Uint8Array, init: ResponseInit): Response {
  let isSent = false;
  const body = new ReadableStream({
    pull: (controller) => {
      if (isSent) controller.error(new Error("gone"));
      else controller.enqueue(bytes);
      isSent = true;
    },
  });
  return new Response(body, init);
}

describe("The attempts of a client for datasets and tasks", () => {
  /** What was asked, such as "PATCH". */
  let asked: string[];
  let answer: (init: RequestInit) => Promise<Response>;
  beforeEach(() => {
    asked = [];
  });

  const client = (signal?: AbortSignal): TransferClient => {
    const fetch = (async (_url: string, init: RequestInit) => {
      asked.push(init.method ?? "");
      // Whatever goes on for ever is to fail.
      return asked.length > 60 ? Promise.resolve(refusal(400, "invalid-request")) : answer(init);
    }) as typeof globalThis.fetch;
    return new TransferClient({ audience, account: wallet.address, wallet, fetch, pause: 1, signal });
  };
  const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(
      () => undefined,
      (error: unknown) => (error instanceof GatewayError ? error.code : String(error)),
    );

  describe("at a gateway that takes a little of each piece, and breaks off after it", () => {
    const sent = async (bytes: number): Promise<boolean> => {
      let [there, isBroken] = [0, true];
      answer = async ({ method }) => {
        if (method !== "GET") {
          isBroken = !isBroken;
          if (isBroken) throw new TypeError("fetch failed");
          there = Math.min(there + bytes, CONTENT.length);
        }
        return Promise.resolve(Response.json({ offset: there, isComplete: there === CONTENT.length }));
      };
      return client().sendFile("datasets/1", "content", source);
    };

    it("begin anew for as long as much arrives between two failures", async () => {
      expect(await sent(MEGABYTE)).to.equal(true);
      expect(asked.length).to.be.above(3 * ATTEMPTS);
    });

    it("end where little does", async () => {
      expect(await codeOf(sent(1_000))).to.equal("unreachable");
      // Each has asked how much is there, sent a piece, and failed with the next.
      expect(asked).to.have.lengthOf(3 * ATTEMPTS);
    });
  });

  describe("at a gateway that breaks off in its answers", () => {
    const fetched = async (bytes: number): Promise<boolean> => {
      answer = async ({ headers }) => {
        const from = Number(/\d+/.exec(new Headers(headers).get("range") ?? "0"));
        if (from === CONTENT.length) return Promise.resolve(refusal(416, "range-not-satisfiable"));
        return Promise.resolve(broken(CONTENT.subarray(from, from + bytes), { status: from === 0 ? 200 : 206 }));
      };
      return Buffer.from(await client().fetchPart(1n, "result", CONTENT.length)).equals(CONTENT);
    };

    it("begin anew for as long as much comes between two failures, and have all where it breaks off at the very end", async () => {
      expect(await fetched(MEGABYTE)).to.equal(true);
      expect(asked).to.have.lengthOf(9 + 1);
    });

    it("end where little comes", async () => {
      expect(await codeOf(fetched(1_000))).to.equal("unreachable");
      expect(asked).to.have.lengthOf(ATTEMPTS);
    });

    it("end at once where a gateway says of what it has sent nothing of that it has nothing of it", async () => {
      answer = async () => Promise.resolve(refusal(416, "range-not-satisfiable"));
      expect(await codeOf(client().fetchPart(1n, "result", 1))).to.equal("range-not-satisfiable");
      expect(asked).to.have.lengthOf(1);
    });
  });

  it("end when they are told to, with what is under way", async () => {
    for (const work of [
      async (by: TransferClient) => by.sendFile("datasets/1", "content", source),
      async (by: TransferClient) => by.sendDocument("datasets/1", "key", {}),
      async (by: TransferClient) => by.fetchPart(1n, "result", 1_000),
    ]) {
      asked = [];
      const [ending, told] = [new AbortController(), new Error("it is to end")];
      let heard: unknown;
      answer = async ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => {
            heard = signal.reason;
            reject(told);
          });
          ending.abort(told);
        });
      expect(await codeOf(work(client(ending.signal)))).to.be.a("string");
      expect(heard, "why the request ended").to.equal(told);
      expect(asked).to.have.lengthOf(1);
    }
  });
});
