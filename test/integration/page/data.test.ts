import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";

import { formatAmount } from "../../../src/amounts.ts";
import { publicKeys } from "../../../tasks/support/publicAccounts.ts";
import { isBrowserUsable, TestBrowser } from "../../fixtures/page/browser.ts";
import { Hand } from "../../fixtures/page/hand.ts";
import { scriptFaults } from "../../fixtures/page/looking.ts";
import { PROGRAM, servePage } from "../../fixtures/page/served.ts";
import { tableOf } from "../../fixtures/tasks/table.ts";
import { ACTORS, REVIEWED, shownBy } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, tokens, type TaskStage } from "../../fixtures/tasks/taskStage.ts";

const { owners, requester, provider, validators } = ACTORS;
const OWNER = owners[0];
const cpp = (text: string): string => `${text} CPP`;

/** What the owner's dataset costs in the end, and what is offered to node and validators. */
const [PRICE, NODE_FEE, VALIDATOR_FEE] = ["6.5", "10", "3"];
const ALL = "19.5";

describe("a data owner's and a requester's day in a browser", function () {
  this.timeout(300_000);
  const closers: (() => Promise<void>)[] = [];
  let cli: TaskStage;
  let browser: TestBrowser;
  let owner: Hand;
  let asker: Hand;
  let dataset: { readonly file: string; readonly key: string; readonly contentHash: string };
  let task: string;

  before(async function () {
    if (!isBrowserUsable()) this.skip();
    cli = await openTaskStage();
    closers.push(async () => cli.hardhat.close());
    const rpc = cli.hardhat.url;
    const server = await servePage(cli.book, [rpc]);
    closers.push(async () => server.close());
    browser = await TestBrowser.start();
    closers.push(async () => browser.close());
    const open = async (account: string): Promise<Hand> => {
      const hand = await Hand.at(browser, server.url, { key: publicKeys().get(cli.addressOf(account))!, rpc });
      closers.push(async () => hand.close());
      return hand;
    };
    [owner, asker] = [await open(OWNER), await open(requester)];
    const folder = cli.file("data");
    mkdirSync(folder, { recursive: true });
    const [plain, file, key] = [cli.file("third.csv"), `${folder}/third.enc`, cli.file("third.key.json")];
    writeFileSync(plain, tableOf(40, 3));
    const { contentHash } = await cli.run("dataset encrypt", { file: plain, out: file, key });
    dataset = { file, key, contentHash: String(contentHash) };
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  const grant = async (): Promise<Record<string, string>> => owner.row("Nodes that it was granted to", "Node 1");
  const balanceOf = async (account: string): Promise<bigint> => cli.protocol.token.balanceOf(cli.addressOf(account));

  /** Has somebody take out what tasks owe it: shown, reviewed and come are the same. */
  async function takesOut(hand: Hand, account: string, amount: string): Promise<void> {
    const before = await balanceOf(account);
    await hand.press(`Withdraw ${cpp(amount)}`);
    expect(await hand.sign()).to.include({ "Comes to your account": cpp(amount) });
    expect((await balanceOf(account)) - before).to.equal(tokens(amount));
    await hand.page.getByText("No task owes you anything now.").waitFor();
  }

  it("registers the dataset that was encrypted elsewhere, and comes to its place", async () => {
    await owner.visit("data");
    await owner.connect();
    await owner.type("Hash of the encrypted file", dataset.contentHash);
    await owner.type("CPP a use", "4");
    await owner.type("Where it is", "https://third.example/data");
    await owner.press("Register");
    expect(await owner.sign()).to.include({
      ...{ "Hash of the encrypted file": dataset.contentHash, "Price a use": cpp("4") },
      ...{ "Where it is": "https://third.example/data", "Tokens that leave your account": "none" },
    });
    await owner.page.getByRole("heading", { name: "Dataset 3" }).waitFor();
    const stored = await cli.protocol.dataGrants.getDataset(3);
    expect(stored.owner).to.equal(cli.addressOf(OWNER));
    expect([stored.contentHash, stored.price]).to.deep.equal([dataset.contentHash, tokens("4")]);
  });

  it("is told why a dataset without content is refused", async () => {
    await owner.visit("data");
    await owner.type("Hash of the encrypted file", "0x12");
    await owner.page.getByText(/Give 0x and 64 hexadecimal digits/).waitFor();
    await owner.type("Hash of the encrypted file", `0x${"00".repeat(32)}`);
    await owner.type("CPP a use", "4");
    await owner.press("Register");
    expect(await owner.refused()).to.include("DataGrantsInvalidContent");
  });

  it("changes the price of a use", async () => {
    await owner.visit("dataset/3");
    await owner.type("CPP a use", PRICE);
    await owner.press("Change the price");
    expect(await owner.sign()).to.include({ "Until now": cpp("4"), "From now on": cpp(PRICE) });
    await owner.sees(async () => owner.facts(), { "Price a use": cpp(PRICE), Owner: cli.addressOf(OWNER) });
  });

  it("grants it to a node, whose measurement and key are reviewed", async () => {
    await owner.type("Node", "9");
    await owner.press("Grant");
    await owner.page.getByRole("alert").waitFor();
    await owner.type("Node", "1");
    await owner.press("Grant");
    const { enclaveKey } = await cli.protocol.nodeRegistry.getNode(1);
    expect(await owner.sign()).to.include({
      ...{
        "Measurement of its code": `${REVIEWED} called ${PROGRAM}`,
        "Enclave key": enclaveKey,
        "A use costs": cpp(PRICE),
      },
    });
    expect(await cli.protocol.dataGrants.isGranted(3, 1)).to.equal(true);
    await owner.sees(grant, { "Holds now": "yes", "Why not": "–", "A use costs": cpp(PRICE) });
    const { file, key } = dataset;
    const out = cli.file("data/3-for-1.sealed.json");
    await cli.run("dataset deliver", { dataset: "3", node: "1", key, file, out, ...shownBy(cli.node) });
  });

  it("shows a requester its task, what is in escrow, and what each end would pay", async () => {
    task = await cli.publish("day", { datasets: "3", nodeFee: NODE_FEE, validatorFee: VALIDATOR_FEE });
    await asker.visit("tasks");
    await asker.connect();
    await asker.sees(async () => asker.row("Tasks", `Task ${task}`), { State: "Published", Node: "Node 1" });
    await asker.page.getByRole("link", { name: `Task ${task}` }).click();
    await asker.sees(async () => asker.facts(), { "In escrow now": cpp(ALL), "For the node": cpp(NODE_FEE) });
    const end = async (name: string) => asker.row("What each end would pay", name);
    await asker.sees(async () => end("Valid"), {
      ...{ "Data owners": cpp(PRICE), Node: cpp(NODE_FEE), Validators: cpp(VALIDATOR_FEE), Requester: "–" },
    });
    await asker.sees(async () => end("Cancelled"), { "Data owners": "–", Node: "–", Requester: cpp(ALL) });
  });

  it("draws which way the money went when it is over, to the unit", async () => {
    await cli.run("task accept", { task, account: provider });
    await cli.run("task run", { task, ...cli.inHand("day"), out: cli.resultOf("day") });
    await cli.run("task submit", { task, result: cli.statementOf("day"), account: provider });
    await cli.run("task finalize", { task, verdicts: await cli.judged("day", task, "valid"), account: validators[0] });
    const { stakeLock } = await cli.protocol.taskEscrow.getTask(task);
    const paid = async (to: string) => asker.row("Who got what", to);
    await asker.sees(async () => paid("Data owner"), {
      ...{ "Out of": "Fees in escrow", Account: cli.addressOf(OWNER), Amount: cpp(PRICE) },
    });
    await asker.sees(async () => paid("Node"), { Account: cli.addressOf(provider), Amount: cpp(NODE_FEE) });
    await asker.sees(async () => paid("Provider, released"), {
      ...{ "Out of": "Provider's stake", Amount: cpp(formatAmount(stakeLock, 18)) },
    });
    const rows = asker.page.getByRole("region", { name: "Who got what" }).locator("tbody tr");
    const shares = rows.filter({ hasText: "Validator" }).locator('[data-head="Amount"] [title="1 CPP"]');
    expect(await shares.count()).to.equal(validators.length);
    const drawn = await asker.page.locator(".money .ends").first().locator("[title]").all();
    const sums = await Promise.all(drawn.map(async (sum) => sum.getAttribute("title")));
    expect(sums).to.deep.equal([cpp(ALL), cpp(formatAmount(stakeLock, 18))]);
  });

  it("shows the owner the use, and pays it out", async () => {
    // A chain that only transactions move; what is read now and then is read again after some blocks.
    await cli.hardhat.connection.provider.request({ method: "hardhat_mine", params: ["0xa"] });
    await owner.sees(async () => owner.row("Tasks that use it", `Task ${task}`), { State: "Valid", Paid: cpp(PRICE) });
    await owner.visit("tasks");
    await takesOut(owner, OWNER, PRICE);
  });

  it("revokes the grant: the page says so, and no task that was not accepted can be", async () => {
    const next = await cli.publish("next", { datasets: "3", nodeFee: NODE_FEE, validatorFee: VALIDATOR_FEE });
    await owner.visit("dataset/3");
    await owner.press("Revoke the grant of node 1");
    await owner.dialog.getByText(/It counts at once/).waitFor();
    await owner.sign();
    expect(await cli.protocol.dataGrants.isGranted(3, 1)).to.equal(false);
    await owner.sees(grant, { "Holds now": "no", "Why not": "revoked", "Take it back": "–" });
    await cli.refuses("task accept", { task: next, account: provider }, "DataGrantsNotGranted");
    task = next;
  });

  it("lets the requester take back the task that nobody can do, and its money", async () => {
    await asker.visit(`task/${task}`);
    await asker.press("Cancel it");
    expect(await asker.sign()).to.include({ "Back to the requester's ledger": cpp(ALL) });
    await asker.page.locator("h1 .badge").filter({ hasText: "Cancelled" }).waitFor();
    await asker.sees(async () => asker.row("Who got what", "Requester"), { Amount: cpp(ALL) });
    await takesOut(asker, requester, ALL);
  });

  it("has had no error that nobody was told of", () => {
    expect(scriptFaults(browser.faults)).to.deep.equal([]);
  });
});
