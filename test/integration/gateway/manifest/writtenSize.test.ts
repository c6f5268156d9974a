import { expect } from "chai";

import { MAX_SECRET_SIZE } from "../../../../src/data/secrets.ts";
import { writtenSize } from "../../../../src/gateway/manifest/writtenSize.ts";
import { shell, workload } from "../../../fixtures/gateway/orchestrator/applications.ts";

const SECRET = { kind: "secret", secret: "db", key: "password" } as const;

describe("The size of an application that is written out", () => {
  it("counts a file that is a secret as the largest that there may be, in every container", () => {
    const mounts = [{ path: "/a", readOnly: true, source: { kind: "files", files: { password: SECRET } } }] as const;
    const size = (...fields: Parameters<typeof shell>[2][]): number =>
      writtenSize({ workloads: fields.map((each) => workload(shell("a", "", each))) });
    const file = size({ mounts: [...mounts] }) - size({});
    expect(file).to.equal("password".length + MAX_SECRET_SIZE);
    const twice = size({ mounts: [...mounts] }, { mounts: [...mounts] });
    expect(twice).to.equal(2 * size({ mounts: [...mounts] }));
  });
});
