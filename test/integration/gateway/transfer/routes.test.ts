import { expect } from "chai";
import { keccak256, type Wallet } from "ethers";
import { readdirSync } from "node:fs";
import { Readable } from "node:stream";

import { signVerdict } from "../../../../src/eip712/index.ts";
import { enumNumber } from "../../../../src/enums.ts";
import type { Api } from "../../../../src/gateway/http/api.ts";
import type { NamedTask } from "../../../../src/gateway/transfer/taskProgress.ts";
import { toJson } from "../../../../src/json.ts";
import {
  asOwner,
  codeOf,
  CONTENT,
  NOW,
  owner,
  requester,
  stranger,
  taskDomain,
  TASKS,
  TransferStage,
  validator,
  type Signed,
} from "../../../fixtures/gateway/transfer/transferStage.ts";

describe("Datasets and tasks over the network", () => {
  let stage: TransferStage;
  beforeEach(() => {
    stage = new TransferStage();
  });
  afterEach(() => {
    stage.close();
  });

  it("takes a granted dataset of its owner, and says that it is there", async () => {
    const state = async (): Promise<unknown> =>
      (await stage.ask("GET", "/v1/datasets/1/content/upload", asOwner)).json();
    expect(await state()).to.deep.equal({ offset: 0, isComplete: false });
    const whole = { "upload-length": String(CONTENT.length) };
    expect((await stage.ask("PUT", "/v1/datasets/1/content", asOwner, CONTENT, whole)).status).to.equal(201);
    expect(await state()).to.deep.equal({ offset: CONTENT.length, isComplete: true });
  });

  it("has no contract asked that the chain does not name", async () => {
    await stage.ask("GET", "/v1/datasets/1/content/upload", asOwner);
    expect(stage.wouldAsk).to.equal(true);
    await stage.ask("GET", "/v1/datasets/1/content/upload", { by: stranger, resource: "datasets/1" });
    expect(stage.wouldAsk).to.equal(false);
  });

  it("takes what one account sends while another's does not come", async () => {
    const sent = async (by: Wallet, body: Buffer | ReadableStream<Uint8Array>): Promise<Response> => {
      const authorization = await stage.token({ by, resource: "tasks/5" });
      const headers = { authorization, "upload-length": String(CONTENT.length) };
      return stage.api.app.request("/v1/tasks/5/inputs", { method: "PUT", headers, body, duplex: "half" });
    };
    const gate = Promise.withResolvers<undefined>();
    const hanging = sent(validator, Readable.toWeb(Readable.from([CONTENT.subarray(0, 10), gate.promise])));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await codeOf(await sent(validator, CONTENT))).to.equal("upload-in-progress");
    expect((await sent(requester, CONTENT)).status).to.equal(201);
    gate.resolve(undefined);
    await hanging;
  });

  it("takes a dataset in parts", async () => {
    const whole = { "upload-length": String(CONTENT.length) };
    const first = await stage.ask("PUT", "/v1/datasets/1/content", asOwner, CONTENT.subarray(0, 100), whole);
    expect([first.status, first.headers.get("upload-offset")]).to.deep.equal([202, "100"]);
    const rest = await stage.ask("PATCH", "/v1/datasets/1/content", asOwner, CONTENT.subarray(100), {
      ...whole,
      "upload-offset": "100",
    });
    expect(rest.status).to.equal(201);
  });

  it("refuses a dataset whose grant the chain does not say, of another owner, or of another hash", async () => {
    const send = async (signed: Signed, content = CONTENT): Promise<Response> =>
      stage.ask("PUT", "/v1/datasets/1/content", signed, content, { "upload-length": String(content.length) });
    expect(await codeOf(await send({ by: stranger, resource: "datasets/1" }))).to.equal("not-yours");
    expect(await codeOf(await send(asOwner, Buffer.from("another file")))).to.equal("content-mismatch");
    stage.dataset = { ...stage.dataset!, isGranted: false };
    expect(await codeOf(await send(asOwner))).to.equal("not-granted");
    stage.dataset = undefined;
    expect(await codeOf(await send(asOwner))).to.equal("not-found");
    expect(readdirSync(stage.folder)).to.deep.equal([]);
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
      expect(await codeOf(await stage.ask("PUT", "/v1/datasets/1/content", signed, CONTENT))).to.equal(code);
    }
    const garbage = await stage.ask("PUT", "/v1/datasets/1/content", undefined, CONTENT, {
      authorization: "Transfer e30",
    });
    expect(await codeOf(garbage)).to.equal("malformed-token");
  });

  it("takes the inputs that a task names, and hands them to validators", async () => {
    const asRequester = { by: requester, resource: "tasks/5" };
    expect(await codeOf(await stage.ask("GET", "/v1/tasks/5/inputs", asRequester))).to.equal("not-there-yet");
    expect((await stage.ask("PUT", "/v1/tasks/5/inputs", asRequester, CONTENT)).status).to.equal(201);
    const fetched = await stage.ask("GET", "/v1/tasks/5/inputs", { by: validator, resource: "tasks/5" });
    expect(Buffer.from(await fetched.arrayBuffer()).equals(CONTENT)).to.equal(true);
    const part = await stage.ask("GET", "/v1/tasks/5/inputs", asRequester, undefined, { range: "bytes=3-12" });
    expect([part.status, await part.text()]).to.deep.equal([206, CONTENT.subarray(3, 13).toString()]);
  });

  it("keeps no file open for whoever asks for its head alone", async () => {
    const asRequester = { by: requester, resource: "tasks/5" };
    await stage.ask("PUT", "/v1/tasks/5/inputs", asRequester, CONTENT);
    const opened: Readable[] = [];
    const read = stage.blobs.read.bind(stage.blobs);
    stage.blobs.read = (...file) => {
      const stream = read(...file);
      opened.push(stream);
      return stream;
    };
    const head = await stage.ask("HEAD", "/v1/tasks/5/inputs", asRequester);
    expect([head.status, head.headers.get("content-length")]).to.deep.equal([200, String(CONTENT.length)]);
    expect(opened.map(({ destroyed }) => destroyed)).to.deep.equal([true]);
  });

  it("tells a stranger nothing about a task, and nobody about another node's", async () => {
    const asStranger = { by: stranger, resource: "tasks/5" };
    for (const part of ["inputs", "result", "statement", "verdicts"]) {
      expect(await codeOf(await stage.ask("GET", `/v1/tasks/5/${part}`, asStranger))).to.equal("not-yours");
    }
    expect(await codeOf(await stage.ask("PUT", "/v1/tasks/5/inputs", asStranger, CONTENT))).to.equal("not-yours");
    stage.task = { ...stage.task!, node: 8 };
    expect(await codeOf(await stage.ask("GET", "/v1/tasks/5/result", { by: requester, resource: "tasks/5" }))).to.equal(
      "not-found",
    );
  });

  it("says how far the gateway is with a task to who has a part in it, and to nobody else", async () => {
    const path = "/v1/tasks/5/progress";
    const asRequester = { by: requester, resource: "tasks/5" };
    const asked: NamedTask[] = [];
    const reasons = [{ subject: "stake", detail: "too much of it" }];
    stage.runner = (named) => {
      asked.push(named);
      return { stage: "refused", reasons };
    };
    const told = async (api?: Api): Promise<unknown> =>
      (await stage.ask("GET", path, asRequester, undefined, {}, api)).json();
    expect(await told()).to.deep.equal({ status: "Published", stage: "refused", reasons });
    expect(asked).to.deep.equal([{ id: 5n, inputHash: stage.task!.inputHash }]);
    expect(await told(stage.unattended)).to.deep.equal({ status: "Published", stage: "unattended", reasons: [] });
    expect(await codeOf(await stage.ask("GET", path, { by: stranger, resource: "tasks/5" }))).to.equal("not-yours");
    expect(await codeOf(await stage.ask("GET", path, undefined))).to.equal("unauthenticated");
    stage.task = { ...stage.task!, status: "Submitted" };
    expect(await told()).to.deep.equal({ status: "Submitted", stage: "over", reasons: [] });
    stage.task = { ...stage.task, node: 8 };
    expect(await codeOf(await stage.ask("GET", path, asRequester))).to.equal("not-found");
  });

  describe("verdicts", () => {
    const asValidator = { by: validator, resource: "tasks/5" };
    async function verdictsOf(signer: Wallet, verdict: "Valid" | "Invalid", named = signer.address): Promise<string> {
      const { termsHash, resultHash, vouchedAttestation, verdictBy } = stage.task!;
      const signed = {
        taskId: 5,
        termsHash,
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
      ((await (await stage.ask("GET", "/v1/tasks/5/verdicts", asValidator)).json()) as { verdicts: unknown[] }).verdicts
        .length;

    it("of several validators are collected, the first of each", async () => {
      expect(
        (await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(validator, "Valid"))).status,
      ).to.equal(204);
      expect(
        (await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(validator, "Invalid"))).status,
      ).to.equal(204);
      expect(
        (await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(owner, "Valid"))).status,
      ).to.equal(204);
      expect(await verdicts()).to.equal(2);
    });

    it("that their validator did not sign are refused", async () => {
      const forged = await verdictsOf(stranger, "Valid", validator.address);
      expect(await codeOf(await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, forged))).to.equal(
        "invalid-signature",
      );
      expect(stage.wouldAsk, "the contract of a validator").to.equal(false);
    });

    it("count by the key that their validator chose, and by no other", async () => {
      stage.keys.set(validator.address, stranger.address);
      const own = await verdictsOf(validator, "Valid");
      expect(await codeOf(await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, own))).to.equal(
        "invalid-signature",
      );
      const chosen = await verdictsOf(stranger, "Valid", validator.address);
      expect((await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, chosen)).status).to.equal(204);
      expect(await verdicts()).to.equal(1);
    });

    it("of somebody who is no active validator are refused, so that nobody fills the file", async () => {
      const answer = await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, await verdictsOf(stranger, "Valid"));
      expect(await codeOf(answer)).to.equal("not-yours");
    });

    it("that are larger than documents are, are not read to their end", async () => {
      const large = await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, " ".repeat(70_000));
      expect(await codeOf(large)).to.equal("body-too-large");
    });

    it("that name another place or deadline than the task's are refused, so that nobody spoils those of others", async () => {
      const good = await verdictsOf(validator, "Valid");
      expect((await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, good)).status).to.equal(204);
      const kept = async (): Promise<string> => (await stage.ask("GET", "/v1/tasks/5/verdicts", asValidator)).text();
      const before = await kept();
      for (const other of [{ chainId: 1 }, { escrow: stranger.address }, { taskId: "6" }, { deadline: "0" }]) {
        const spoilt = toJson({ ...(JSON.parse(good) as object), ...other, verdicts: [] });
        const answer = await stage.ask("PUT", "/v1/tasks/5/verdicts", { by: requester, resource: "tasks/5" }, spoilt);
        expect(await codeOf(answer), toJson(other)).to.equal("invalid-request");
        expect(await kept()).to.equal(before);
      }
    });

    it("on another result are refused", async () => {
      const document = await verdictsOf(validator, "Valid");
      stage.task = { ...stage.task!, resultHash: keccak256("0x02") };
      expect(await codeOf(await stage.ask("PUT", "/v1/tasks/5/verdicts", asValidator, document))).to.equal(
        "invalid-request",
      );
    });
  });
});
