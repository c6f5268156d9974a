import { expect } from "chai";

import { allTasks, openHardhat, parseCommandLine } from "../../../scripts/checks/docs/commandLine.ts";
import { readFiles } from "../../../scripts/checks/files.ts";
import { examples } from "../../../tasks/hooks/examples.ts";

describe("help", () => {
  it("has an example of every task of ours, which Hardhat takes, and of no other", async () => {
    const hre = await openHardhat();
    const ours = [...allTasks(hre)].filter(([, task]) => task.pluginId === "computing-power-platform" && !task.isEmpty);
    expect(Object.keys(examples).sort()).to.deep.equal(ours.map(([id]) => id).sort());
    for (const [id, example] of Object.entries(examples)) {
      expect(parseCommandLine(example.split(" "), hre).task.id.join(" ")).to.equal(id);
    }
  });

  it("marks the options that a task refuses to work without", async () => {
    const hre = await openHardhat();
    const marked = new Set(
      [...allTasks(hre).values()].flatMap(({ id: [noun = ""], options }) =>
        [...options.values()]
          .filter(({ description }) => description.startsWith("Required"))
          .map(({ name }) => `${noun} ${name}`),
      ),
    );
    const refused = readFiles("tasks", ".ts").flatMap(({ path, text }) =>
      [...text.matchAll(/\bneeded\(args\.(\w+), /g)].map(([, name = ""]) => `${path.split("/")[1] ?? ""} ${name}`),
    );
    expect(refused).to.not.be.empty;
    expect(refused.filter((each) => !marked.has(each))).to.deep.equal([]);
  });

  it("marks none that an example leaves out", async () => {
    const hre = await openHardhat();
    for (const [id, example] of Object.entries(examples)) {
      const { task, args } = parseCommandLine(example.split(" "), hre);
      const always = [...task.options.values()].filter(({ description }) => description.startsWith("Required."));
      for (const { name } of always) expect(args, id).to.have.property(name);
    }
  });
});
