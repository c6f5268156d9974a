import { expect } from "chai";

import { DiskRoom, type FileSystem } from "../../../src/gateway/diskRoom.ts";

describe("The room of a disk", () => {
  let found: FileSystem;
  let room: DiskRoom;
  beforeEach(() => {
    found = { bavail: 100, bsize: 10, files: 1_000, ffree: 500 };
    room = new DiskRoom(async () => Promise.resolve("/"), { reserve: 300, look: async () => Promise.resolve(found) });
  });

  it("is what is free beyond what stays free", async () => {
    expect([await room.has(), await room.has(700), await room.has(701)]).to.deep.equal([true, true, false]);
    found = { ...found, bavail: 29 };
    expect(await room.has()).to.equal(false);
  });

  it("ends with the files that a file system can have", async () => {
    found = { ...found, ffree: 20 };
    expect(await room.has()).to.equal(false);
    found = { ...found, ffree: 21 };
    expect(await room.has()).to.equal(true);
    found = { ...found, files: 0, ffree: 0 };
    expect(await room.has()).to.equal(true);
  });

  it("is held for whoever writes, so that nobody counts on it twice", async () => {
    const held = await Promise.all([room.hold(400), room.hold(400)]);
    expect(held.filter((release) => release !== undefined)).to.have.length(0);
    const release = await room.hold(400);
    expect(await room.hold(301)).to.equal(undefined);
    expect(await room.has(300)).to.equal(true);
    release?.();
    expect(await room.has(700)).to.equal(true);
  });

  it("is held for very many files as well", async () => {
    const release = await room.hold(0, 479);
    expect(await room.has()).to.equal(true);
    expect(await room.hold(0, 1)).to.equal(undefined);
    expect(await room.has()).to.equal(true);
    release?.();
    expect(await room.hold(0, 480)).to.equal(undefined);
    expect(await room.hold(0, 479)).to.not.equal(undefined);
  });

  it("is given back where it cannot be looked at", async () => {
    const broken = new DiskRoom(async () => Promise.resolve("/"), {
      reserve: 300,
      look: async () => (found.bavail === 0 ? Promise.reject(new Error("gone")) : Promise.resolve(found)),
    });
    found = { ...found, bavail: 0 };
    expect(await broken.hold(700).catch(() => "failed")).to.equal("failed");
    found = { ...found, bavail: 100 };
    expect(await broken.has(700)).to.equal(true);
  });
});
