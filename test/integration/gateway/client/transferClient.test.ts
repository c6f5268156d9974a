import { expect } from "chai";
import { keccak256, recoverAddress, Wallet } from "ethers";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { domainOf } from "../../../../src/eip712/domain.ts";
import { gatewayDomain } from "../../../../src/eip712/gateway.ts";
import { GatewayError } from "../../../../src/gateway/client/request.ts";
import { TransferClient, type FileSource } from "../../../../src/gateway/client/transferClient.ts";
import { Api } from "../../../../src/gateway/http/api.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { datasetName, resultName } from "../../../../src/gateway/transfer/names.ts";
import { UploadQuotas } from "../../../../src/gateway/transfer/quotas.ts";
import { addTransferRoutes } from "../../../../src/gateway/transfer/routes.ts";
import { transferAccount, type SignatureCheck } from "../../../../src/gateway/transfer/token.ts";
import { PLENTY } from "../../../fixtures/gateway/transfer/room.ts";

const MEGABYTE = 2 ** 20;
/** More than two pieces. */
const CONTENT = new Uint8Array(9 * MEGABYTE).map((_, i) => (i * 31) % 251);
const HASH = keccak256(CONTENT);
const ADDRESS = `0x${"9".repeat(40)}`;
const wallet = new Wallet(`0x${"1".repeat(64)}`);
const audience = { chainId: 31_337, orderEscrow: ADDRESS, node: 7, gateway: "https://node.example" };

const check: SignatureCheck = async (account, digest, signature) => {
  if (recoverAddress(digest, signature) !== account) throw new Problem("invalid-signature", "of another account");
  return Promise.resolve();
};

async function failureOf(work: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(GatewayError);
  return error as GatewayError;
}

describe("The client for datasets and tasks", () => {
  let folder: string;
  let blobs: Blobs;
  let database: Database;
  let api: Api;
  let isGranted: boolean;
  let now: number;
  /** What was asked, such as "PATCH /v1/datasets/1/content", with the header that says where it goes on. */
  let asked: string[];
  let tokens: Set<string>;
  /** Put between client and gateway. */
  let between: (send: () => Promise<Response>, request: string) => Promise<Response>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "client-"));
    blobs = new Blobs(folder, PLENTY);
    database = openDatabase(":memory:");
    const quotas = new UploadQuotas(database, { total: 2 ** 30, ofAccount: 2 ** 30 }, () => now);
    [isGranted, now, asked, tokens] = [true, 1_700_000_000_000, [], new Set()];
    between = async (send) => send();
    api = new Api(async () => Promise.resolve());
    const task = { requester: wallet.address, node: 7, status: "Submitted", inputHash: HASH, resultHash: HASH };
    const place = { domain: gatewayDomain(31_337n, ADDRESS), node: 7, gateway: audience.gateway };
    addTransferRoutes(api, {
      blobs,
      quotas,
      reader: {
        dataset: async () =>
          Promise.resolve({ owner: wallet.address, contentHash: HASH, isGranted, enclaveKey: wallet.address }),
        task: async () => Promise.resolve({ ...task, termsHash: HASH, vouchedAttestation: 0, verdictBy: 0 }),
        isValidator: async () => Promise.resolve(false),
        signingKeyOf: async (validator) => Promise.resolve(validator),
        provider: async () => Promise.resolve(ADDRESS),
      },
      place: {
        ...{ node: 7, chainId: 31_337, grants: ADDRESS, tasks: ADDRESS, check },
        taskDomain: domainOf("TaskEscrow", 31_337n, ADDRESS),
      },
      accountOf: async (context, resource) =>
        transferAccount(context.req.header("authorization"), resource, Math.floor(now / 1000), place, check, async () =>
          Promise.resolve(true),
        ),
    });
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const fetch = (async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    tokens.add(headers.get("authorization") ?? "");
    const from = headers.get("upload-offset") ?? headers.get("range") ?? "";
    const request = [init.method, new URL(url).pathname, from].join(" ").trim();
    asked.push(request);
    return between(async () => api.app.request(url, init), request);
  }) as typeof globalThis.fetch;

  const client = (): TransferClient =>
    new TransferClient({ audience, account: wallet.address, wallet, fetch, now: () => now, pause: 1 });

  const sourceOf = (bytes: Uint8Array<ArrayBuffer>): FileSource => ({
    size: bytes.length,
    read: async (start, end) => Promise.resolve(bytes.slice(start, end)),
  });
  const send = async (tell?: (there: number) => void): Promise<boolean> =>
    client().sendFile("datasets/1", "content", sourceOf(CONTENT), tell);
  const isThere = async (): Promise<boolean> => {
    const file = await blobs.find(datasetName(HASH));
    return file !== undefined && readFileSync(file).equals(CONTENT);
  };

  it("sends a file piece by piece, tells how far it is, and then says that it is there", async () => {
    const told: number[] = [];
    expect(await send((there) => told.push(there))).to.equal(true);
    expect(asked).to.deep.equal([
      "GET /v1/datasets/1/content/upload",
      "PUT /v1/datasets/1/content 0",
      `PATCH /v1/datasets/1/content ${String(4 * MEGABYTE)}`,
      `PATCH /v1/datasets/1/content ${String(8 * MEGABYTE)}`,
    ]);
    expect([...new Set(told)]).to.deep.equal([0, 4 * MEGABYTE, 8 * MEGABYTE, 9 * MEGABYTE]);
    expect(await isThere()).to.equal(true);
    expect(await send()).to.equal(false);
    expect(tokens.size, "one token for all of it").to.equal(1);
  });

  it("goes on after a connection that broke, with what the gateway has by then", async () => {
    let breaks = 2;
    between = async (forward, request) => {
      const answer = await forward();
      // The piece has arrived, and nobody hears of it.
      if (request.startsWith("PATCH") && breaks-- > 0) throw new TypeError("fetch failed");
      return answer;
    };
    expect(await send()).to.equal(true);
    expect(await isThere()).to.equal(true);
    expect(asked.filter((each) => each.startsWith("PUT"))).to.have.lengthOf(1);
  });

  it("goes on where another attempt has stopped", async () => {
    between = async (forward, request) =>
      request.startsWith("PATCH") ? Promise.reject(new TypeError("fetch failed")) : forward();
    expect((await failureOf(send())).code).to.equal("unreachable");
    between = async (forward) => forward();
    asked = [];
    expect(await send()).to.equal(true);
    expect(asked[1]).to.equal(`PATCH /v1/datasets/1/content ${String(4 * MEGABYTE)}`);
  });

  it("begins again once where what the gateway has is the beginning of another file", async () => {
    const other = new Uint8Array(CONTENT).fill(1);
    between = async (forward, request) =>
      request.startsWith("PATCH") ? Promise.reject(new TypeError("fetch failed")) : forward();
    await failureOf(client().sendFile("datasets/1", "content", sourceOf(other)));
    between = async (forward) => forward();
    expect(await send()).to.equal(true);
    expect(await isThere()).to.equal(true);
    const wrong = await failureOf(client().sendFile("tasks/1", "inputs", sourceOf(other)));
    expect(wrong.code).to.equal("content-mismatch");
  });

  it("does not insist where it is refused, and not for ever where nobody answers", async () => {
    isGranted = false;
    expect((await failureOf(send())).code).to.equal("not-granted");
    expect(asked).to.have.lengthOf(1);
    asked = [];
    between = async () => Promise.reject(new TypeError("fetch failed"));
    expect((await failureOf(send())).code).to.equal("unreachable");
    expect(asked).to.have.lengthOf(6);
  });

  it("gives up on a gateway that takes pieces and keeps none", async () => {
    between = async (forward, request) =>
      request.startsWith("PUT") ? Response.json({ offset: 0, isComplete: false }) : forward();
    expect((await failureOf(send())).code).to.equal("not-a-gateway");
    expect(asked).to.have.lengthOf(2);
  });

  it("signs a new token before the last one expires", async () => {
    const own = client();
    await own.sendFile("datasets/1", "content", sourceOf(CONTENT));
    now += 479_000;
    await own.sendFile("datasets/1", "content", sourceOf(CONTENT));
    expect(tokens.size).to.equal(1);
    now += 2_000;
    await own.sendFile("datasets/1", "content", sourceOf(CONTENT));
    expect(tokens.size).to.equal(2);
  });

  describe("fetching", () => {
    beforeEach(async () => blobs.write(resultName(1, HASH), CONTENT));

    /** An answer that breaks off after some bytes. */
    const broken = (answer: Response, bytes: number): Response => {
      let left = bytes;
      const cut = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          controller.enqueue(chunk.subarray(0, left));
          left -= chunk.length;
          if (left <= 0) controller.error(new Error("gone"));
        },
      });
      return new Response(answer.body?.pipeThrough(cut), answer);
    };
    const fetched = async (limit = CONTENT.length): Promise<boolean> =>
      Buffer.from(await client().fetchPart(1n, "result", limit)).equals(CONTENT);

    it("goes on where a connection has broken off", async () => {
      let breaks = 2;
      between = async (forward) => (breaks-- > 0 ? broken(await forward(), 1_000_000) : forward());
      expect(await fetched()).to.equal(true);
      expect(asked[0]).to.equal("GET /v1/tasks/1/result");
      expect(asked).to.have.lengthOf(3);
      expect(asked[1]).to.match(/bytes=\d+-$/);
    });

    it("gives up on a gateway that breaks off again and again after a little", async () => {
      between = async (forward) => broken(await forward(), 1_000);
      expect((await failureOf(fetched())).code).to.equal("unreachable");
      expect(asked).to.have.lengthOf(6);
    });

    it("begins again where the gateway sends everything", async () => {
      let isFirst = true;
      between = async (forward) => {
        if (isFirst) {
          isFirst = false;
          return broken(await forward(), 1_000_000);
        }
        return new Response(CONTENT);
      };
      expect(await fetched()).to.equal(true);
    });

    it("takes no more than was said", async () => {
      expect((await failureOf(fetched(CONTENT.length - 1))).problem).to.include("sends more than");
    });

    it("says what the gateway does not have", async () => {
      expect((await failureOf(client().fetchPart(1n, "statement", 1_000))).problem).to.include(
        "does not have the statement of task 1",
      );
      expect(asked).to.have.lengthOf(1);
    });
  });
});
