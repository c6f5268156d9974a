import { expect } from "chai";
import { keccak256, type Wallet } from "ethers";
import { readdirSync } from "node:fs";

import { codeOf, CONTENT, owner, requester, TransferStage } from "../../../fixtures/gateway/transfer/transferStage.ts";

describe("Files over the network that are too many", () => {
  let stage: TransferStage;
  beforeEach(() => {
    stage = new TransferStage();
    Object.assign(stage.limits, { total: 50_000, ofAccount: 25_000 });
  });
  afterEach(() => {
    stage.close();
  });

  const send = async (resource: string, by: Wallet, bytes: Buffer, whole = bytes.length): Promise<Response> =>
    stage.ask(
      "PUT",
      `/v1/${resource}/${resource.startsWith("tasks") ? "inputs" : "content"}`,
      { by, resource },
      bytes,
      {
        "upload-length": String(whole),
      },
    );
  const kept = (): number => stage.database.all("SELECT * FROM upload").length;

  it("for their account are refused before they are received, as are those that are on their way", async () => {
    expect((await send("datasets/1", owner, CONTENT.subarray(0, 5), CONTENT.length)).status).to.equal(202);
    stage.task = { ...stage.task!, requester: owner.address };
    expect((await send("tasks/5", owner, CONTENT)).status).to.equal(201);
    const other = Buffer.alloc(10_000, 1);
    stage.task = { ...stage.task, inputHash: keccak256(other) };
    const refused = await send("tasks/5", owner, other);
    expect([refused.status, await codeOf(refused)]).to.deep.equal([413, "upload-quota-exceeded"]);
    expect(kept()).to.equal(2);
    stage.task = { ...stage.task, requester: requester.address };
    expect((await send("tasks/5", requester, other)).status).to.equal(201);
  });

  it("in all are refused though the account has not had its share", async () => {
    stage.quotas.adopt({ name: "task-9-0000000000000000.inputs.sealed", sender: "" }, 45_000);
    expect(await codeOf(await send("tasks/5", requester, CONTENT))).to.equal("storage-full");
    expect(readdirSync(stage.folder)).to.deep.equal([]);
  });

  it("may be any that do not say how long they are: such a one counts as the longest", async () => {
    expect(
      await codeOf(await stage.ask("PUT", "/v1/tasks/5/inputs", { by: requester, resource: "tasks/5" }, CONTENT)),
    ).to.equal("upload-quota-exceeded");
  });

  it("do not come of what was refused: that is not counted", async () => {
    for (let i = 0; i < 5; i += 1) {
      expect(await codeOf(await send("tasks/5", requester, Buffer.alloc(10_500, i)))).to.equal("content-mismatch");
    }
    expect(kept()).to.equal(0);
    expect((await send("tasks/5", requester, CONTENT)).status).to.equal(201);
    expect(stage.database.get("SELECT account, bytes FROM upload")).to.include({
      account: requester.address,
      bytes: CONTENT.length,
    });
  });
});
