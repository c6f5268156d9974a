import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../../../scripts/checks/files.ts";
import { capacityOf } from "../../../../src/gateway/manifest/capacity.ts";
import { checkManifest } from "../../../../src/gateway/manifest/checkManifest.ts";

describe("the documents' example of a manifest", () => {
  it("can be deployed on one unit of a devnet's node", () => {
    const bytes = readFileSync(join(root, "docs/app.yaml"));
    const { application, faults } = checkManifest(bytes, {
      capacity: capacityOf({ cpu: "1", memory: "512Mi", disk: "1Gi", gpus: 0 }, 1),
    });
    expect(faults).to.deep.equal([]);
    expect(application?.services.map(({ name }) => name)).to.deep.equal(["web"]);
  });
});
