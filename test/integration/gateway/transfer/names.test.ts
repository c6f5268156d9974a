import { expect } from "chai";

import {
  datasetName,
  datasetOf,
  inputsName,
  isResult,
  isSent,
  keptDatasetName,
  keptInputsName,
  partName,
  partOf,
  resultName,
  sealedKeyName,
  senderName,
  statementName,
  statementOf,
  subjectOf,
  verdictsName,
} from "../../../../src/gateway/transfer/names.ts";

const ACCOUNT = "0x52908400098527886E0F7030069857D2E4169EE7";
const HASH = `0x${"0123456789abcdef".repeat(4)}`;
const SENT = [datasetName(HASH), sealedKeyName(12, ACCOUNT), inputsName(34, HASH)];

describe("Names of files that come and go", () => {
  it("of parts say which file they are of and who sends it", () => {
    for (const name of SENT) {
      for (const sender of [senderName("datasets", 12, ACCOUNT), senderName("tasks", 34, ACCOUNT)])
        expect(partOf(partName(name, sender))).to.deep.equal({ name, sender });
      expect(partOf(name)).to.equal(undefined);
    }
  });

  it("of senders say which dataset it was, where it was one", () => {
    expect(datasetOf(senderName("datasets", 12, ACCOUNT))).to.equal(12);
    for (const other of [senderName("tasks", 12, ACCOUNT), "", "datasets-12", `datasets-12-${ACCOUNT}`])
      expect(datasetOf(other)).to.equal(undefined);
  });

  it("say what on the chain the files are about", () => {
    const ofTask = [inputsName, resultName, statementName, verdictsName, keptInputsName].map((nameOf) =>
      nameOf(34, HASH),
    );
    const kept = (["file", "key"] as const).map((part) => keptDatasetName(34, HASH, 12n, part));
    for (const name of [...ofTask, ...kept])
      expect(subjectOf(name), name).to.deep.equal({ kind: "task", id: 34, inputs: HASH.slice(2, 18) });
    expect(subjectOf(sealedKeyName(12, ACCOUNT))).to.deep.equal({ kind: "dataset", id: 12 });
    expect(subjectOf(datasetName(HASH))).to.deep.equal({ kind: "content" });
  });

  it("say which files were sent, which are results, and where a result's statement is", () => {
    for (const name of SENT) expect(isSent(name), name).to.equal(true);
    const made = [resultName(34, HASH), statementName(34, HASH), verdictsName(34, HASH), keptInputsName(34, HASH)];
    for (const name of made) expect(isSent(name), name).to.equal(false);
    expect([...SENT, ...made].filter(isResult)).to.deep.equal([resultName(34, HASH)]);
    expect(statementOf(resultName(34, HASH))).to.equal(statementName(34, HASH));
  });
});
