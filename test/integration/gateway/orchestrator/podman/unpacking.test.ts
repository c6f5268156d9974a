import { expect } from "chai";
import { zstdCompressSync } from "node:zlib";

import { LayerMeter } from "../../../../../src/gateway/orchestrator/podman/layerMeter.ts";
import { Unpacking } from "../../../../../src/gateway/orchestrator/podman/unpacking.ts";
import { archive } from "../../../../fixtures/gateway/orchestrator/registry.ts";

describe("a layer that is unpacked to be measured", () => {
  it("counts each frame that another one follows", async () => {
    class Counting extends LayerMeter {
      frames = 0;
      override frame(): void {
        this.frames += 1;
        super.frame();
      }
    }
    const layer = archive({ name: "file", contents: Buffer.alloc(10_000, 1) });
    const parts = [0, 3_000, 6_000].map((at, i, all) => zstdCompressSync(layer.subarray(at, all[i + 1])));
    const meter = new Counting(100_000);
    const unpacking = new Unpacking(meter);
    await unpacking.push(Buffer.concat(parts));
    await unpacking.end();
    expect([meter.frames, meter.taken]).to.deep.equal([2, 10_000]);
  });
});
