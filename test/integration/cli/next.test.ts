import { expect } from "chai";

import { completer, withCommands } from "../../../tasks/support/next.ts";
import { parseCommandLine } from "../../../scripts/checks/docs/commandLine.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const { provider: PROVIDER, user: USER, validators: VALIDATORS } = ACCOUNTS;

describe("what tasks say is next", () => {
  let cli: PlatformCli;

  before(async () => {
    cli = await openPlatformCli();
  });
  after(async () => cli.hardhat.close());

  /** Every command that a task says is next. */
  async function nextOf(words: string, args: Record<string, unknown> = {}): Promise<string[]> {
    const { stdout, stderr } = await cli.hardhat.run(words, args);
    const [, next = ""] = /\n\nNext: (.*)\n$/s.exec(stdout) ?? [];
    expect(next, `${words}: ${stdout}${stderr}`).to.not.equal("");
    return [...next.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command);
  }

  /** Runs a command word for word, but without changing anything; only a contract may have something against it. */
  async function runs(command: string): Promise<void> {
    expect(command).to.match(/^npx hardhat /);
    const { task, args, globals } = parseCommandLine(wordsOf(command).slice(2), cli.hardhat.hre);
    expect(globals["network"], command).to.equal("story");
    if (globals["help"] === true) return;
    const quiet = task.options.has("dryRun") ? { dryRun: true } : {};
    // What others do has no account in it.
    const other = command.startsWith("npx hardhat validator attest") ? { account: VALIDATORS[0] } : {};
    const { exitCode, stdout, stderr } = await cli.hardhat.run(task.id.join(" "), { ...args, ...quiet, ...other });
    expect(exitCode, `${command}: ${stdout}${stderr}`).to.be.oneOf([0, 3]);
  }

  /** Words as a shell splits them. */
  const wordsOf = (command: string): string[] =>
    [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

  it("can be run word for word, with the network and the account that were given", async () => {
    const node = await cli.attested("one");
    const offer = cli.file("an offer.json");
    await cli.run("stake allow", { module: "orders", cap: "400", account: PROVIDER });
    const steps: readonly (readonly [string, Record<string, unknown>])[] = [
      ["platform status", {}],
      ["stake show", { account: USER }],
      ["stake deposit", { amount: "1", account: PROVIDER }],
      ["stake allow", { module: "nodes", cap: "100", account: PROVIDER }],
      ["validator show", { account: VALIDATORS[0] }],
      ["validator show", { account: USER }],
      ["rewards show", { account: VALIDATORS[0] }],
      ["order list", {}],
      ["dataset list", {}],
      ["task list", {}],
      ["node quote", { node: node.node, out: cli.file("another quote.json"), account: PROVIDER }],
      ["offer sign", { node: node.node, price: "3.6", lock: "100", account: PROVIDER, out: offer }],
      ["order open", { deposit: "6", offer, account: USER }],
      ["order show", { order: "1" }],
      ["order request", { node: node.node, deposit: "6", price: "3.6", account: USER }],
      ["order show", { order: "2" }],
      ["order close", { order: "2", account: USER }],
      ["node list", {}],
      ["node show", { node: node.node }],
      ["proof status", { node: node.node }],
      ["stake withdraw", { amount: "1", account: PROVIDER }],
      ["validator leave", { account: VALIDATORS[2] }],
      ["node exit", { node: node.node, account: PROVIDER }],
    ];
    for (const [words, args] of steps) for (const command of await nextOf(words, args)) await runs(command);
  });

  it("names other accounts for what others do, and no account for what anybody's is", async () => {
    const { node, quote } = await cli.quoted("two");
    const [register, attest] = await nextOf("node quote", { node, out: quote, account: PROVIDER });
    expect(register).to.match(/^npx hardhat node register --quote \S+ --network story --account 7$/);
    expect(attest).to.match(/^npx hardhat validator attest \S+ --root \S+ --network story$/);
  });

  it("asks for help where only a person can know an argument", () => {
    const { hre } = cli.hardhat;
    const completed = (next: string): string | undefined => withCommands({ data: {}, next }, completer(hre, "7")).next;
    expect(completed("`stake deposit`, `dataset register --file a`, or `order top-up 1 AMOUNT`.")).to.equal(
      "`npx hardhat stake deposit --help --network story --account 7`, `npx hardhat dataset register --help --network story --account 7`, or `npx hardhat order top-up --help --network story --account 7`.",
    );
    expect(completed("`stake deposit 5` in `words` of `others`")).to.equal(
      "`npx hardhat stake deposit 5 --network story --account 7` in `words` of `others`",
    );
  });
});
