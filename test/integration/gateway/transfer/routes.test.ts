import { expect } from "chai";
import { keccak256, recoverAddress, Wallet } from "ethers";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PLENTY } from "../../../fixtures/gateway/transfer/room.ts";
import { toJson } from "../../../../src/json.ts";
import { domainOf, signVerdict } from "../../../../src/eip712/index.ts";
import { gatewayDomain } from "../../../../src/eip712/gateway.ts";
import { signTransfer } from "../../../../src/eip712/transfer.ts";
import { enumNumber } from "../../../../src/enums.ts";
import { Api } from "../../../../src/gateway/http/api.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { UploadQuotas } from "../../../../src/gateway/transfer/quotas.ts";
import { openDatabase, type Database } from "../../../../src/gateway/store/database.ts";
import type { DatasetFacts, TaskFacts } from "../../../../src/gateway/transfer/rights.ts";
import { addTransferRoutes } from "../../../../src/gateway/transfer/routes.ts";
import { addProgressRoute } from "../../../../src/gateway/transfer/progressRoute.ts";
import type { NamedTask, TaskProgress } from "../../../../src/gateway/transfer/taskProgress.ts";
import { transferAccount, type SignatureCheck } from "../../../../src/gateway/transfer/token.ts";

const NOW = 1_700_000_000;
const ORIGIN = "https://node.example";
const ADDRESS = (digit: string): string => `0x${digit.repeat(40)}`;
const [owner, requester, validator, stranger] = ["1", "2", "3", "4"].map(
  (digit) => new Wallet(`0x${digit.repeat(64)}`),
) as [Wallet, Wallet, Wallet, Wallet];
const GRANTS = "0x1111111111111111111111111111111111111111";
const TASKS = "0x2222222222222222222222222222222222222222";
const domain = gatewayDomain(31_337n, ADDRESS("9"));
const place = { domain, node: 7, gateway: ORIGIN };
const taskDomain = domainOf("TaskEscrow", 31_337n, TASKS);
const CONTENT = Buffer.from("an encrypted dataset ".repeat(500));

const checkKey: SignatureCheck = async (account, digest, signature) => {
  if (recoverAddress(digest, signature) !== account)
    throw new Problem("invalid-signature", "not signed by the account");
  return Promise.resolve();
};

/** Who signs a token for what, until when, for which node and gateway. */
interface Signed {
  readonly by: Wallet;
  readonly resource: string;
  readonly until?: number;
  readonly node?: number;
  readonly gateway?: string;
}

describe("Datasets and tasks over the network", () => {
  let folder: string;
  let database: Database;
  let quotas: UploadQuotas;
  let limits: { total: number; ofAccount: number };
  let api: Api;
  let dataset: DatasetFacts | undefined;
  let task: TaskFacts | undefined;
  let runner: ((task: NamedTask) => TaskProgress) | undefined;
  /** The API of a gateway that accepts no tasks by itself. */
  let unattended: Api;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "transfer-"));
    database = openDatabase(":memory:");
    limits = { total: 2 ** 30, ofAccount: 2 ** 30 };
    quotas = new UploadQuotas(database, limits, () => NOW * 1000);
    dataset = { owner: owner.address, contentHash: keccak256(CONTENT), isGranted: true, enclaveKey: validator.address };
    task = {
      requester: requester.address,
      node: 7,
      status: "Published",
      inputHash: keccak256(CONTENT),
      resultHash: keccak256("0x01"),
      vouchedAttestation: 2,
      verdictBy: NOW + 900,
    };
    api = new Api(async () => Promise.resolve());
    runner = undefined;
    const rooms: Parameters<typeof addTransferRoutes>[1] = {
      reader: {
        dataset: async (id) => Promise.resolve(id === 1 ? dataset : undefined),
        task: async (id) => Promise.resolve(id === 5 ? task : undefined),
        isValidator: async (account) => Promise.resolve([validator.address, owner.address].includes(account)),
        provider: async () => Promise.resolve(ADDRESS("a")),
      },
      blobs: new Blobs(folder, PLENTY),
      quotas,
      place: { node: 7, chainId: 31_337, grants: GRANTS, tasks: TASKS, taskDomain, check: checkKey },
      accountOf: async (context, resource) =>
        transferAccount(context.req.header("authorization"), resource, NOW, place, checkKey, async () =>
          Promise.resolve(false),
        ),
    };
    addTransferRoutes(api, rooms);
    addProgressRoute(api, rooms, { progressOf: (named) => runner?.(named) ?? { stage: "unseen", reasons: [] } });
    unattended = new Api(async () => Promise.resolve());
    addProgressRoute(unattended, rooms, undefined);
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  async function token({ by, resource, until = NOW + 600, node = 7, gateway = ORIGIN }: Signed): Promise<string> {
    return signTransfer(by, domain, { account: by.address, node, gateway, resource, until });
  }

  async function ask(
    method: string,
    path: string,
    signed: Signed | undefined,
    body?: Uint8Array | string,
    headers: Record<string, string> = {},
    asked = api,
  ): Promise<Response> {
    const authorization = signed === undefined ? {} : { authorization: await token(signed) };
    const init = {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    };
    return asked.app.request(path, init);
  }

  const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code;
  const asOwner = { by: owner, resource: "datasets/1" };

  it("takes a granted dataset of its owner, and says that it is there", async () => {
    const state = async (): Promise<unknown> => (await ask("GET", "/v1/datasets/1/content/upload", asOwner)).json();
    expect(await state()).to.deep.equal({ offset: 0, isComplete: false });
    const whole = { "upload-length": String(CONTENT.length) };
    expect((await ask("PUT", "/v1/datasets/1/content", asOwner, CONTENT, whole)).status).to.equal(201);
    expect(await state()).to.deep.equal({ offset: CONTENT.length, isComplete: true });
  });

  describe("that are too many", () => {
    beforeEach(() => {
      Object.assign(limits, { total: 50_000, ofAccount: 25_000 });
    });
    const send = async (resource: string, by: Wallet, bytes: Buffer, whole = bytes.length): Promise<Response> =>
      ask("PUT", `/v1/${resource}/${resource.startsWith("tasks") ? "inputs" : "content"}`, { by, resource }, bytes, {
        "upload-length": String(whole),
      });
    const kept = (): number => database.all("SELECT * FROM upload").length;

    it("for their account are refused before they are received, as are those that are on their way", async () => {
      expect((await send("datasets/1", owner, CONTENT.subarray(0, 5), CONTENT.length)).status).to.equal(202);
      task = { ...task!, requester: owner.address };
      expect((await send("tasks/5", owner, CONTENT)).status).to.equal(201);
      const other = Buffer.alloc(10_000, 1);
      task = { ...task, inputHash: keccak256(other) };
      const refused = await send("tasks/5", owner, other);
      expect([refused.status, await codeOf(refused)]).to.deep.equal([413, "upload-quota-exceeded"]);
      expect(kept()).to.equal(2);
      task = { ...task, requester: requester.address };
      expect((await send("tasks/5", requester, other)).status).to.equal(201);
    });

    it("in all are refused though the account has not had its share", async () => {
      quotas.adopt({ name: "task-9-0000000000000000.inputs.sealed", sender: "" }, 45_000);
      expect(await codeOf(await send("tasks/5", requester, CONTENT))).to.equal("storage-full");
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it("may be any that do not say how long they are: such a one counts as the longest", async () => {
      expect(
        await codeOf(await ask("PUT", "/v1/tasks/5/inputs", { by: requester, resource: "tasks/5" }, CONTENT)),
      ).to.equal("upload-quota-exceeded");
    });

    it("do not come of what was refused: that is not counted", async () => {
      for (let i = 0; i < 5; i += 1) {
        expect(await codeOf(await send("tasks/5", requester, Buffer.alloc(10_500, i)))).to.equal("content-mismatch");
      }
      expect(kept()).to.equal(0);
      expect((await send("tasks/5", requester, CONTENT)).status).to.equal(201);
      expect(database.get("SELECT account, bytes FROM upload")).to.include({
        account: requester.address,
        bytes: CONTENT.length,
      });
    });
  });

  it("takes a dataset in parts", async () => {
    const whole = { "upload-length": String(CONTENT.length) };
    const first = await ask("PUT", "/v1/datasets/1/content", asOwner, CONTENT.subarray(0, 100), whole);
    expect([first.status, first.headers.get("upload-offset")]).to.deep.equal([202, "100"]);
    const rest = await ask("PATCH", "/v1/datasets/1/content", asOwner, CONTENT.subarray(100), {
      ...whole,
      "upload-offset": "100",
    });
    expect(rest.status).to.equal(201);
  });

  it("refuses a dataset whose grant the chain does not say, of another owner, or of another hash", async () => {
    const send = async (signed: Signed, content = CONTENT): Promise<Response> =>
      ask("PUT", "/v1/datasets/1/content", signed, content, { "upload-length": String(content.length) });
    expect(await codeOf(await send({ by: stranger, resource: "datasets/1" }))).to.equal("not-yours");
    expect(await codeOf(await send(asOwner, Buffer.from("another file")))).to.equal("content-mismatch");
    dataset = { ...dataset!, isGranted: false };
    expect(await codeOf(await send(asOwner))).to.equal("not-granted");
    dataset = undefined;
    expect(await codeOf(await send(asOwner))).to.equal("not-found");
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("refuses tokens that are missing, malformed, expired, too long, or for another resource, node, gateway or account", async () => {
    const refusals: [string, Signed | undefined][] = [
      ["unauthenticated", undefined],
      ["wrong-audience", { by: owner, resource: "datasets/2" }],
      ["token-expired", { ...asOwner, until: NOW }],
      ["token-lasts-too-long", { ...asOwner, until: NOW + 3_601 }],
      ["invalid-signature", { ...asOwner, node: 8 }],
      ["invalid-signature", { ...asOwner, gateway: "https://other.example" }],
    ];
    for (const [code, signed] of refusals) {
      expect(await codeOf(await ask("PUT", "/v1/datasets/1/content", signed, CONTENT))).to.equal(code);
    }
    const garbage = await ask("PUT", "/v1/datasets/1/content", undefined, CONTENT, { authorization: "Transfer e30" });
    expect(await codeOf(garbage)).to.equal("malformed-token");
  });

  it("takes the inputs that a task names, and hands them to validators", async () => {
    const asRequester = { by: requester, resource: "tasks/5" };
    expect(await codeOf(await ask("GET", "/v1/tasks/5/inputs", asRequester))).to.equal("not-there-yet");
    expect((await ask("PUT", "/v1/tasks/5/inputs", asRequester, CONTENT)).status).to.equal(201);
    const fetched = await ask("GET", "/v1/tasks/5/inputs", { by: validator, resource: "tasks/5" });
    expect(Buffer.from(await fetched.arrayBuffer()).equals(CONTENT)).to.equal(true);
    const part = await ask("GET", "/v1/tasks/5/inputs", asRequester, undefined, { range: "bytes=3-12" });
    expect([part.status, await part.text()]).to.deep.equal([206, CONTENT.subarray(3, 13).toString()]);
  });

  it("tells a stranger nothing about a task, and nobody about another node's", async () => {
    const asStranger = { by: stranger, resource: "tasks/5" };
    for (const part of ["inputs", "result", "statement", "verdicts"]) {
      expect(await codeOf(await ask("GET", `/v1/tasks/5/${part}`, asStranger))).to.equal("not-yours");
    }
    expect(await codeOf(await ask("PUT", "/v1/tasks/5/inputs", asStranger, CONTENT))).to.equal("not-yours");
    task = { ...task!, node: 8 };
    expect(await codeOf(await ask("GET", "/v1/tasks/5/result", { by: requester, resource: "tasks/5" }))).to.equal(
      "not-found",
    );
  });

  it("says how far the gateway is with a task to who has a part in it, and to nobody else", async () => {
    const path = "/v1/tasks/5/progress";
    const asRequester = { by: requester, resource: "tasks/5" };
    const asked: NamedTask[] = [];
    const reasons = [{ subject: "stake", detail: "too much of it" }];
    runner = (named) => {
      asked.push(named);
      return { stage: "refused", reasons };
    };
    const told = async (api?: Api): Promise<unknown> =>
      (await ask("GET", path, asRequester, undefined, {}, api)).json();
    expect(await told()).to.deep.equal({ status: "Published", stage: "refused", reasons });
    expect(asked).to.deep.equal([{ id: 5n, inputHash: task!.inputHash }]);
    expect(await told(unattended)).to.deep.equal({ status: "Published", stage: "unattended", reasons: [] });
    expect(await codeOf(await ask("GET", path, { by: stranger, resource: "tasks/5" }))).to.equal("not-yours");
    expect(await codeOf(await ask("GET", path, undefined))).to.equal("unauthenticated");
    task = { ...task!, status: "Submitted" };
    expect(await told()).to.deep.equal({ status: "Submitted", stage: "over", reasons: [] });
    task = { ...task, node: 8 };
    expect(await codeOf(await ask("GET", path, asRequester))).to.equal("not-found");
  });

  describe("verdicts", () => {
    const asValidator = { by: validator, resource: "tasks/5" };
    async function verdictsOf(signer: Wallet, verdict: "Valid" | "Invalid", named = signer.address): Promise<string> {
      const { inputHash, resultHash, vouchedAttestation, verdictBy } = task!;
      const signed = {
        taskId: 5,
        inputHash,
        resultHash,
        vouchedAttestation,
        verdict: enumNumber("TaskStatus", verdict),
        deadline: verdictBy,
      };
      const signature = await signVerdict(signer, taskDomain, signed);
      const document = {
        kind: "task-verdicts",
        chainId: 31_337,
        escrow: TASKS,
        taskId: "5",
        resultHash,
        deadline: String(verdictBy),
      };
      return toJson({ ...document, verdicts: [{ validator: named, verdict, signature }] });
    }
    const verdicts = async (): Promise<unknown> =>
      ((await (await ask("GET", "/v1/tasks/5/verdicts", asValidator)).json()) as { verdicts: unknown[] }).verdicts
        .length;

    it("of several validators are collected, the first of each", async () => {
      expect(
        (await ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(validator, "Valid"))).status,
      ).to.equal(204);
      expect(
        (await ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(validator, "Invalid"))).status,
      ).to.equal(204);
      expect((await ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(owner, "Valid"))).status).to.equal(
        204,
      );
      expect(await verdicts()).to.equal(2);
    });

    it("that their validator did not sign are refused", async () => {
      const forged = await verdictsOf(stranger, "Valid", validator.address);
      expect(await codeOf(await ask("PUT", "/v1/tasks/5/verdicts", asValidator, forged))).to.equal("invalid-signature");
    });

    it("of somebody who is no active validator are refused, so that nobody fills the file", async () => {
      const answer = await ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(stranger, "Valid"));
      expect(await codeOf(answer)).to.equal("not-yours");
    });

    it("that are larger than documents are, are not read to their end", async () => {
      const large = await ask("PUT", "/v1/tasks/5/verdicts", asValidator, " ".repeat(70_000));
      expect(await codeOf(large)).to.equal("body-too-large");
    });

    it("on another result are refused", async () => {
      const document = await verdictsOf(validator, "Valid");
      task = { ...task!, resultHash: keccak256("0x02") };
      expect(await codeOf(await ask("PUT", "/v1/tasks/5/verdicts", asValidator, document))).to.equal("invalid-request");
    });
  });
});
