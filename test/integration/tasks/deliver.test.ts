import { expect } from "chai";
import { getBytes } from "ethers";
import { readFileSync, statSync, writeFileSync } from "node:fs";

import { safeTerms } from "../../../src/data/conditions.ts";
import { openDataKey } from "../../../src/data/delivery.ts";
import { parseDocument } from "../../../src/documents/index.ts";
import { ACTORS, openTaskCli, REVIEWED, shownBy, type CliNode, type TaskCli } from "../../fixtures/tasks/taskCli.ts";

const [OWNER] = ACTORS.owners;

describe("delivering data keys by the command line", () => {
  let cli: TaskCli;
  let node: CliNode;
  let voted: CliNode;
  let another: Awaited<ReturnType<TaskCli["dataset"]>>;
  const file = (name: string): string => cli.file(name);

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    voted = await cli.vouched("voted");
    another = await cli.dataset(OWNER, "another", "1");
  });
  after(async () => cli.hardhat.close());

  it("seals the key for a node that the dataset is granted to now, and whose key the chain confirms", async () => {
    const { id: dataset, file: encrypted, key } = await cli.dataset(OWNER, "delivered", "1");
    const out = file("delivered.sealed.json");
    const args = { dataset, node: node.node, key, file: encrypted, ...shownBy(node), out };
    await cli.refuses("dataset deliver", args, "is not granted to node 1 now");
    await cli.refuses("dataset deliver", { ...args, measurement: undefined }, "Nobody has said which code");
    await cli.run("dataset grant", { dataset, node: node.node, account: OWNER, measurement: REVIEWED });
    await cli.refuses("dataset deliver", { ...args, publicKey: voted.publicKey }, "its quote is about");
    await cli.refuses("dataset deliver", { ...args, publicKey: "0x12" }, "0x12 is not a public key");
    await cli.refuses("dataset deliver", { ...args, publicKey: "nowhere" }, "neither a public key nor a file");
    await cli.refuses("dataset deliver", { ...args, file: another.file }, "hash is");
    await cli.refuses("dataset deliver", { ...args, key: another.key }, "data key is not that of the file");
    await cli.refuses("dataset deliver", { ...args, key: undefined }, "--key is missing");
    expect(() => statSync(out), "nothing was sealed").to.throw();
    const delivered = await cli.run("dataset deliver", args);
    const { address } = JSON.parse(readFileSync(node.key, "utf8")) as { address: string };
    expect(delivered).to.include({ file: out, enclaveKey: address });
    const { dataKey } = JSON.parse(readFileSync(key, "utf8")) as { dataKey: string };
    expect(readFileSync(out, "utf8")).to.not.include(dataKey.slice(2));
    for (const [name, text] of [
      ["hex.txt", `${node.publicKey}\n`],
      ["identity.json", JSON.stringify({ publicKey: { scheme: "Secp256k1", key: node.publicKey }, simulated: "" })],
    ] as const) {
      writeFileSync(file(name), text);
      await cli.run("dataset deliver", { ...args, publicKey: file(name) });
    }
    // What `node quote` writes to hand out: enough to seal to, and nothing secret.
    const handedOut = file("one.public.json");
    const { privateKey } = JSON.parse(readFileSync(node.key, "utf8")) as { privateKey: string };
    expect(readFileSync(handedOut, "utf8")).to.include(node.publicKey).and.to.not.include(privateKey.slice(2));
    expect(await cli.run("dataset deliver", { ...args, publicKey: handedOut })).to.include({
      enclaveKey: address,
    });
  });

  it("seals with the key the conditions that its first grant has kept, which no option changes", async () => {
    const { id: dataset, file: encrypted, key } = await cli.dataset(OWNER, "limited", "1");
    const granted = { dataset, node: node.node, account: OWNER, measurement: REVIEWED };
    await cli.refuses("dataset grant", { ...granted, minRows: "15" }, 'is invalid at "minRows"');
    await cli.refuses("dataset grant", { ...granted, joining: "nothing" }, "dataset id");
    const chosen = { requesters: ACTORS.requester, joining: `${another.id},${encrypted}`, minRows: "20" };
    const { conditions } = await cli.run("dataset grant", { ...granted, ...chosen });
    const out = file("limited.sealed.json");
    const args = { dataset, node: node.node, key, file: encrypted, ...shownBy(node), out };
    expect(await cli.run("dataset deliver", args)).to.include({ conditions });
    const enclave = JSON.parse(readFileSync(node.key, "utf8")) as { privateKey: string };
    const document = parseDocument("sealed-data-key", readFileSync(out, "utf8"));
    const opened = openDataKey({ scheme: "Secp256k1", key: getBytes(enclave.privateKey) }, document, {
      ...document,
      chainId: BigInt(document.chainId),
    });
    const { contentHash } = document;
    expect(opened.conditions).to.deep.include({
      requesters: [cli.addressOf(ACTORS.requester)],
      joining: [contentHash, another.contentHash].sort(),
      output: { ...safeTerms.output, minRows: 20 },
      grantNonce: 1n,
    });
    const shown = await cli.run("dataset show", { dataset });
    expect(shown["conditions"]).to.deep.include({ file: conditions, output: { ...safeTerms.output, minRows: 20 } });
    await cli.refuses("dataset grant", { ...granted, joining: "all" }, "has its conditions in");
    await cli.refuses("dataset deliver", { ...args, conditions: file("one.public.json") }, "is invalid");
  });
});
