import { expect } from "chai";
import fc from "fast-check";
import { stringify } from "yaml";

import { totalNeed } from "../../../../src/gateway/manifest/capacity.ts";
import { checkManifest, readManifest } from "../../../../src/gateway/manifest/checkManifest.ts";
import type { Application } from "../../../../src/gateway/orchestrator/application.ts";
import { limits, tutorial, whole } from "../../../fixtures/gateway/manifest/manifests.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";

/** What is true of every application that was accepted. */
function checkAccepted(application: Application): void {
  const need = totalNeed(application);
  for (const name of ["milliCpu", "memory", "disk", "gpus"] as const) {
    expect(need[name]).to.be.within(0, limits.capacity![name]);
  }
  expect(application.workloads.length).to.be.within(1, 16);
  const containers = application.workloads.flatMap((each) => [...each.initContainers, ...each.containers]);
  for (const { name, image, resources, mounts, ports } of containers) {
    expect(name).to.match(/^[a-z0-9-]+$/);
    expect(image).to.match(/^\S+[:@]\S+$/);
    expect(resources.milliCpu).to.be.above(0);
    expect(resources.memory).to.be.above(0);
    for (const { path } of mounts)
      expect(path)
        .to.match(/^\/(?!proc|sys|dev)[^/]/)
        .and.not.include("..");
    for (const port of ports) expect(port).to.be.within(1, 65_535);
  }
  const names = application.workloads.map(({ name }) => name);
  for (const { workload, name } of application.services) {
    expect(names).to.include(workload);
    expect(name).to.match(/^[a-z][a-z0-9-]*$/);
  }
}

/** Checks bytes: what comes out is an application within its limits, or a problem. Tells whether it was accepted. */
function isAccepted(bytes: Uint8Array): boolean {
  try {
    checkAccepted(readManifest(bytes, limits));
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.errors).to.not.have.lengthOf(0);
    for (const { line, column } of error.errors) {
      expect(line).to.be.at.least(1);
      expect(column).to.be.at.least(1);
    }
    return false;
  }
}

const lines = whole.split("\n");
const words = [...new Set(whole.match(/[\w/.-]+/g))];

describe("Whatever bytes a manifest has, it is accepted within its limits or refused as a problem", () => {
  it("any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void isAccepted(bytes)),
      { numRuns: 300 },
    );
  });

  it("any text of YAML's own characters", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("a:-?[]{}&*!|>'\"%@`#, \n\t~<0")), maxLength: 200 });
    fc.assert(
      fc.property(text, (yaml) => void isAccepted(Buffer.from(yaml))),
      { numRuns: 500 },
    );
  });

  it("a manifest with lines left out, doubled and moved, and words exchanged", () => {
    const line = fc.nat({ max: lines.length - 1 });
    const edit = fc.oneof(
      fc.record({ kind: fc.constantFrom("drop", "double", "indent"), line }),
      fc.record({ kind: fc.constant("swap"), line, word: fc.constantFrom(...words), nth: fc.nat({ max: 8 }) }),
    );
    let accepted = 0;
    const property = fc.property(fc.array(edit, { maxLength: 3 }), (edits) => {
      const text = lines.map((each, index) =>
        edits
          .filter((one) => one.line === index)
          .reduce((now, one) => {
            if (one.kind === "drop") return "";
            if (one.kind === "double") return `${now}\n${now}`;
            if (one.kind === "indent") return `  ${now}`;
            let nth = 0;
            return now.replace(/[\w/.-]+/g, (word) => ("word" in one && nth++ === one.nth ? one.word : word));
          }, each),
      );
      if (isAccepted(Buffer.from(text.join("\n")))) accepted++;
    });
    fc.assert(property, { numRuns: 60 });
    expect(accepted, "some are good").to.be.above(0);
  });

  it("any structure under any of its keys", () => {
    const value = fc.anything({
      maxDepth: 3,
      maxKeys: 3,
      key: fc.constantFrom(...words.slice(0, 80)),
      values: [fc.constantFrom(...words), fc.integer(), fc.boolean(), fc.constant(null)],
    });
    const keys = [...new Set([...whole.matchAll(/(\w+):/g)].map(([, key]) => key ?? ""))];
    const property = fc.property(
      fc.constantFrom("Pod", "Deployment", "Service", "ConfigMap", "PersistentVolumeClaim"),
      fc.dictionary(fc.constantFrom(...keys), value),
      (kind, body) => {
        const made = {
          apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
          kind,
          metadata: { name: "x" },
          spec: { ...body, template: { spec: body } },
        };
        isAccepted(Buffer.from(`${tutorial}---\n${stringify(made, { aliasDuplicateObjects: false })}`));
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it("the manifest cut off anywhere", () => {
    for (let end = 0; end < whole.length; end += 97) isAccepted(Buffer.from(whole.slice(0, end)));
    expect(checkManifest(Buffer.from(whole), limits).faults).to.deep.equal([]);
  });
});
