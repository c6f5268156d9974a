import { expect } from "chai";
import { keccak256, type Wallet } from "ethers";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";

import { codeOf, CONTENT, owner, requester, TransferStage } from "../../../fixtures/gateway/transfer/transferStage.ts";

/** Bytes of all files in a folder. */
const sizesOf = (folder: string): number =>
  readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

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

  it("are those of one byte more than there is room for, of the account's and of all", async () => {
    for (const limit of ["ofAccount", "total"] as const) {
      stage.limits[limit] = CONTENT.length - 1;
      expect((await send("tasks/5", requester, CONTENT)).ok, limit).to.equal(false);
      stage.limits[limit] = CONTENT.length;
    }
    expect((await send("tasks/5", requester, CONTENT)).status).to.equal(201);
  });

  it("may be any that do not say how long they are: such a one counts as the longest until it is here", async () => {
    const asRequester = { by: requester, resource: "tasks/5" };
    const put = async (): Promise<Response> => stage.ask("PUT", "/v1/tasks/5/inputs", asRequester, CONTENT);
    expect(await codeOf(await put())).to.equal("upload-quota-exceeded");
    Object.assign(stage.limits, { total: 2 ** 30, ofAccount: 2 ** 30 });
    expect((await put()).status).to.equal(201);
    expect(stage.database.get("SELECT bytes FROM upload")?.["bytes"]).to.equal(CONTENT.length);
  });

  describe("count for what is here", () => {
    const asOwner = { by: owner, resource: "datasets/1" };
    const path = "/v1/datasets/1/content";
    const says = (length: number, offset: number): Record<string, string> => ({
      "upload-length": String(length),
      "upload-offset": String(offset),
    });
    const counted = (): unknown => stage.database.get("SELECT bytes FROM upload")?.["bytes"];
    const part = CONTENT.subarray(0, 9_000);
    beforeEach(async () => {
      expect((await send("datasets/1", owner, part, CONTENT.length)).status).to.equal(202);
      expect(counted()).to.equal(CONTENT.length);
    });
    afterEach(() => {
      expect(sizesOf(stage.folder)).to.be.at.most(counted() === undefined ? 0 : Number(counted()));
    });

    it("though a request goes on where the upload did not stop", async () => {
      const refused = await stage.ask("PATCH", path, asOwner, "x", says(1, 1));
      expect([refused.status, await codeOf(refused)]).to.deep.equal([409, "upload-offset"]);
      expect(counted()).to.equal(CONTENT.length);
    });

    it("though a request goes on behind the end that it says", async () => {
      const refused = await stage.ask("PATCH", path, asOwner, "x", says(1, part.length));
      expect([refused.status, await codeOf(refused)]).to.deep.equal([400, "invalid-request"]);
      expect(counted()).to.equal(CONTENT.length);
    });

    it("though the whole is said to be less, and the disk has no room to begin again", async () => {
      stage.free = 0;
      expect(await codeOf(await stage.ask("PUT", path, asOwner, "x", says(5, 0)))).to.equal("storage-full");
      expect(counted()).to.be.at.least(part.length);
    });

    it("though two requests send the same at once, and the second is refused", async () => {
      const gate = Promise.withResolvers<undefined>();
      const asked = Promise.withResolvers<undefined>();
      async function* body(): AsyncGenerator<Uint8Array> {
        asked.resolve(undefined);
        await gate.promise;
        yield CONTENT.subarray(part.length);
      }
      const headers = { authorization: await stage.token(asOwner), ...says(CONTENT.length, part.length) };
      const init = { method: "PATCH", headers, body: Readable.toWeb(Readable.from(body())), duplex: "half" as const };
      const first = stage.api.app.request(path, init);
      await asked.promise;
      expect(await codeOf(await stage.ask("PUT", path, asOwner, "x", says(1, 0)))).to.equal("upload-in-progress");
      expect(counted()).to.equal(CONTENT.length);
      gate.resolve(undefined);
      expect((await first).status).to.equal(201);
      expect(counted()).to.equal(CONTENT.length);
    });

    it("once all of it is, though its sender said less", async () => {
      expect(
        (await stage.ask("PATCH", path, asOwner, CONTENT.subarray(9_000), says(CONTENT.length, 9_000))).status,
      ).to.equal(201);
      stage.limits.ofAccount = CONTENT.length - 1;
      expect(await codeOf(await stage.ask("PUT", path, asOwner, "x", says(1, 0)))).to.equal("upload-quota-exceeded");
      expect(counted()).to.equal(CONTENT.length);
    });
  });

  it("are not keys that were refused, and a key that was taken counts as what it has", async () => {
    const asOwner = { by: owner, resource: "datasets/1" };
    const put = async (key: object): Promise<number> =>
      (await stage.ask("PUT", "/v1/datasets/1/key", asOwner, JSON.stringify(key))).status;
    expect(await put({})).to.equal(400);
    expect(kept()).to.equal(0);
    expect(await put(stage.sealedKey())).to.equal(204);
    expect(stage.database.get("SELECT bytes FROM upload")?.["bytes"]).to.equal(sizesOf(stage.folder));
  });

  it("are keys for which there is no room, by the account's share or on the disk, and one that cannot be kept counts nothing", async () => {
    const put = async (): Promise<Response> =>
      stage.ask("PUT", "/v1/datasets/1/key", { by: owner, resource: "datasets/1" }, JSON.stringify(stage.sealedKey()));
    stage.limits.ofAccount = 100;
    expect(await codeOf(await put())).to.equal("upload-quota-exceeded");
    stage.limits.ofAccount = 25_000;
    stage.free = 100;
    expect(await codeOf(await put())).to.equal("storage-full");
    stage.free = 2 ** 50;
    const write = stage.blobs.write.bind(stage.blobs);
    stage.blobs.write = async () => Promise.reject(new Error("the disk is broken"));
    expect((await put()).status).to.equal(500);
    expect([kept(), readdirSync(stage.folder)]).to.deep.equal([0, []]);
    stage.blobs.write = write;
    expect((await put()).status).to.equal(204);
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
