import { expect } from "chai";

import { DiskRoom } from "../../../../../src/gateway/diskRoom.ts";
import { PullRoom } from "../../../../../src/gateway/orchestrator/podman/pullRoom.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

describe("the room of an image that is pulled", () => {
  it("is held for files though its bytes are held already, and all of it is given back", async () => {
    const free = { bavail: 1_000, bsize: 1, files: 100_000, ffree: 10_000 };
    const room = new DiskRoom(async () => Promise.resolve("/"), {
      reserve: 0,
      look: async () => Promise.resolve(free),
    });
    const held = new PullRoom(room);
    await held.require(1_000, 0);
    expect(await room.has(1)).to.equal(false);
    await held.require(1_000, 5_000);
    expect(await failure(held.require(1_000, 10_000))).to.include({ code: "storage-full" });
    held.release();
    held.release();
    expect([await room.has(1_000), await room.has(1_001)]).to.deep.equal([true, false]);
    await new PullRoom(room).require(1_000, 5_000);
  });
});
